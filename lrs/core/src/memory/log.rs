use std::collections::BTreeMap;

use varde_xapi::{StatementId, Stored};

use super::State;
use crate::Space;
use crate::ports::{
    AppendError, Appended, Change, EventKind, Happened, LogEvent, NewEvent, NewStatement, Page,
    PageQuery, Position, Standing, StoredStatement, TermKey,
};

/// One position of the log, with what it is found by.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) event: LogEvent,
    pub(super) terms: Vec<TermKey>,
    pub(super) scope: Vec<TermKey>,
}

/// A statement, or what is left of one, among those that refer to each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    pub(super) id: StatementId,
    pub(super) space: &'a Space,
    pub(super) refers_to: Option<StatementId>,
    pub(super) row: &'a Row,
}

impl Row {
    /// Returns the statement, unless the row is an event of another kind.
    pub(super) fn statement(&self) -> Option<&StoredStatement> {
        match &self.event.what {
            Happened::Statement(statement) => Some(statement),
            Happened::Erased(_) | Happened::Event(..) => None,
        }
    }

    /// Returns what links the row to others: id, space and target of a statement or of what is
    /// left of one.
    pub(super) fn link(&self) -> Option<Link<'_>> {
        let (id, space, refers_to) = match &self.event.what {
            Happened::Statement(own) => (own.id, &own.space, own.refers_to),
            Happened::Erased(own) => (own.id, &own.space, own.refers_to),
            Happened::Event(..) => return None,
        };
        Some(Link {
            id,
            space,
            refers_to,
            row: self,
        })
    }
}

impl State {
    pub(super) fn head(&self) -> Position {
        Position(self.rows.len() as u64)
    }

    /// Returns the events behind a position, oldest first.
    pub(super) fn events(&self, after: Position) -> impl Iterator<Item = &LogEvent> {
        let before = usize::try_from(after.0).unwrap_or(usize::MAX);
        self.rows.iter().skip(before).map(|row| &row.event)
    }

    pub(super) fn statements(&self) -> impl Iterator<Item = (&Row, &StoredStatement)> {
        self.rows
            .iter()
            .filter_map(|row| Some((row, row.statement()?)))
    }

    /// Returns the statement of that id, in whichever live space or in whichever test space.
    pub(super) fn find(&self, id: StatementId, test: bool) -> Option<(&Row, &StoredStatement)> {
        let row = self.link(id, test)?.row;
        Some((row, row.statement()?))
    }

    /// Returns the same, erased ones too.
    pub(super) fn link(&self, id: StatementId, test: bool) -> Option<Link<'_>> {
        self.rows.get(*self.ids.get(&(id, test))?)?.link()
    }

    pub(super) fn position(&self, space: &Space, id: StatementId) -> Option<Position> {
        let link = self.link(id, space.is_test())?;
        (link.space == space).then_some(link.row.event.position)
    }

    pub(super) fn get(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Option<&StoredStatement> {
        [false, true].into_iter().find_map(|test| {
            let (_, statement) = self.find(id, test)?;
            let asked = self.is_voided(statement) == (standing == Standing::Voided);
            (asked && spaces.contains(&statement.space)).then_some(statement)
        })
    }

    pub(super) fn append(
        &mut self,
        now: Stored,
        batch: Vec<NewStatement>,
        beside: Vec<Change>,
    ) -> Result<Appended, AppendError> {
        self.check(&batch)?;
        self.check_expected(&beside)
            .map_err(|(collection, key)| AppendError::Beside { collection, key })?;
        let mut appended = Appended {
            new: 0,
            last: Position(0),
        };
        for statement in batch {
            let stands = self
                .find(statement.id, statement.space.is_test())
                .map(|(_, found)| found.position);
            appended.new += usize::from(stands.is_none());
            let position = stands.unwrap_or_else(|| self.add_statement(now, statement));
            appended.last = appended.last.max(position);
        }
        if !beside.is_empty() {
            self.apply_all(beside);
        }
        self.wake();
        Ok(appended)
    }

    /// Checks that no id of the batch stands for something else, here or earlier in the batch, and
    /// that none is that of an erased statement.
    fn check(&self, batch: &[NewStatement]) -> Result<(), AppendError> {
        let mut known = BTreeMap::new();
        for (index, new) in batch.iter().enumerate() {
            let (id, own) = (new.id, Some((&new.space, new.equality)));
            let stands = || {
                let link = self.link(id, new.space.is_test())?;
                let statement = link.row.statement();
                Some(statement.map(|stored| (&stored.space, stored.equality)))
            };
            let entry = known.entry((id, new.space.is_test()));
            match entry.or_insert_with(|| stands().unwrap_or(own)) {
                None => return Err(AppendError::Erased { id, index }),
                found if *found != own => return Err(AppendError::Conflict { id, index }),
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn add_statement(&mut self, now: Stored, new: NewStatement) -> Position {
        let (position, stored) = self.next(now);
        self.ids
            .insert((new.id, new.space.is_test()), self.rows.len());
        let statement = StoredStatement {
            position,
            stored,
            id: new.id,
            id_text: new.id_text,
            space: new.space,
            key: new.key,
            authority: new.authority,
            version: new.version,
            timestamp: new
                .timestamp
                .map(|timestamp| Stored::from(timestamp).instant()),
            equality: new.equality,
            body: new.body,
            refers_to: new.refers_to,
            voids: new.voids,
        };
        let what = Happened::Statement(Box::new(statement));
        let event = LogEvent {
            position,
            stored,
            what,
        };
        self.rows.push(Row {
            event,
            terms: new.terms,
            scope: new.scope,
        });
        position
    }

    pub(super) fn add_event(&mut self, now: Stored, new: NewEvent) -> (Position, Stored) {
        let (position, stored) = self.next(now);
        let event = LogEvent {
            position,
            stored,
            what: Happened::Event(new.kind, new.body),
        };
        self.rows.push(Row {
            event,
            terms: Vec::new(),
            scope: Vec::new(),
        });
        (position, stored)
    }

    /// Returns the next position, and its `stored`: now, or just behind the last when the clock
    /// stood still or went back.
    fn next(&mut self, now: Stored) -> (Position, Stored) {
        let stored = self.given.map_or(now, |given| now.max(Stored(given.0 + 1)));
        self.given = Some(stored);
        (Position(self.head().0 + 1), stored)
    }

    pub(super) fn wake(&mut self) {
        for waker in self.waiting.drain(..) {
            waker.wake();
        }
    }

    pub(super) fn page(&self, query: &PageQuery) -> Page {
        let head = self.head();
        let through = query.through.map_or(head, |through| through.min(head));
        let mut statements: Vec<_> = self
            .statements()
            .filter(|(_, statement)| statement.position <= through && within(query, statement))
            .filter(|(row, _)| each_met(&query.scope, &row.scope))
            .filter(|(_, statement)| query.voided || !self.is_voided(statement))
            .filter(|(row, _)| self.matches(&query.filters, row))
            .map(|(_, statement)| statement)
            .collect();
        if !query.ascending {
            statements.reverse();
        }
        Page {
            more: statements.len() > query.limit,
            statements: statements.into_iter().take(query.limit).cloned().collect(),
            through,
        }
    }
}

fn within(query: &PageQuery, statement: &StoredStatement) -> bool {
    let behind = |after| {
        if query.ascending {
            statement.position > after
        } else {
            statement.position < after
        }
    };
    query.spaces.contains(&statement.space)
        && query.after.is_none_or(behind)
        && query.since.is_none_or(|since| statement.stored > since)
        && query.until.is_none_or(|until| statement.stored <= until)
}

/// Tells whether each list has one of these terms.
pub(super) fn each_met(lists: &[Vec<TermKey>], terms: &[TermKey]) -> bool {
    lists
        .iter()
        .all(|list| list.iter().any(|term| terms.contains(term)))
}

/// Tells whether the event is one of that kind.
pub(super) fn is(event: &LogEvent, asked: EventKind) -> bool {
    matches!(event.what, Happened::Event(kind, _) if kind == asked)
}
