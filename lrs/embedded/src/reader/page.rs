//! Pages of statements.

use std::ops::ControlFlow;

use varde_core::ports::{Page, PageQuery, StoredStatement, TermKey};
use varde_xapi::Stored;

use super::join::{Candidate, Join, Stretch};
use super::rows::{Places, Wanted};
use crate::database::Database;
use crate::error::{Fault, number_of, of_index, position_of};
use crate::row::{Sound, into_statement};

impl Database {
    /// Returns one page in the order of `stored`.
    pub(crate) fn page(&self, query: &PageQuery) -> Result<Page, Fault> {
        let head = self.head()?;
        let through = query
            .through
            .map_or(head, |through| number_of(through).min(head));
        let stretch = self.stretch(query, head, through)?;
        let mut walk = Walk::new(self, query, stretch)?;
        let mut page = Page {
            statements: Vec::new(),
            more: false,
            through: position_of(through),
        };
        while let Some(statement) = walk.next()? {
            if page.statements.len() == query.limit {
                page.more = true;
                break;
            }
            page.statements.push(statement);
        }
        Ok(page)
    }

    /// Returns the positions that the page may hold.
    fn stretch(&self, query: &PageQuery, head: i64, through: i64) -> Result<Stretch, Fault> {
        let ascending = query.ascending;
        let mut stretch = Stretch {
            low: 1,
            high: through,
            ascending,
        };
        if let Some(since) = query.since {
            stretch.low = stretch.low.max(self.last_stored(since, head)? + 1);
        }
        if let Some(until) = query.until {
            stretch.high = stretch.high.min(self.last_stored(until, head)?);
        }
        match query.after.map(number_of) {
            Some(after) if ascending => stretch.low = stretch.low.max(after.saturating_add(1)),
            Some(after) => stretch.high = stretch.high.min(after.saturating_sub(1)),
            None => {}
        }
        Ok(stretch)
    }

    /// Returns the last position stored up to an instant, 0 when none is.
    fn last_stored(&self, until: Stored, head: i64) -> Result<i64, Fault> {
        // `stored` rises with the position, so it needs no index of its own.
        let (mut before, mut behind) = (0, head + 1);
        while behind - before > 1 {
            let middle = before + (behind - before) / 2;
            let stored = self.stored(middle)?;
            let stored = stored.ok_or(Fault::Damaged {
                position: middle,
                id: None,
            })?;
            *if stored <= until {
                &mut before
            } else {
                &mut behind
            } = middle;
        }
        Ok(before)
    }
}

/// Goes through the statements of a page, and what would follow.
struct Walk<'a> {
    database: &'a Database,
    query: &'a PageQuery,
    stretch: Stretch,
    /// The lists to join; without any condition, every position is a candidate.
    join: Option<Join<'a>>,
    places: Places<'a>,
    wanted: Wanted,
    next: i64,
}

impl<'a> Walk<'a> {
    fn new(database: &'a Database, query: &'a PageQuery, stretch: Stretch) -> Result<Self, Fault> {
        let conditions = !query.filters.is_empty() || !query.scope.is_empty();
        let join = conditions.then(|| Join::new(database, stretch, &query.filters, &query.scope));
        Ok(Self {
            database,
            query,
            stretch,
            join,
            places: Places::of(database)?,
            wanted: if query.voided {
                Wanted::Both
            } else {
                Wanted::Valid
            },
            next: stretch.start(),
        })
    }

    fn next(&mut self) -> Result<Option<StoredStatement>, Fault> {
        while let Some(candidate) = self.candidate()? {
            self.next = self.stretch.beyond(candidate.position);
            if let Some(statement) = self.check(candidate)? {
                return Ok(Some(statement));
            }
        }
        Ok(None)
    }

    fn candidate(&mut self) -> Result<Option<Candidate>, Fault> {
        if !self.stretch.contains(self.next) {
            return Ok(None);
        }
        match &mut self.join {
            Some(join) => join.next(self.next).map_err(of_index),
            None => Ok(Some(Candidate {
                position: self.next,
                own: true,
            })),
        }
    }

    /// Returns the statement at a position that the index proposes, if it really belongs.
    fn check(&mut self, candidate: Candidate) -> Result<Option<StoredStatement>, Fault> {
        let brings = |row: &Sound<'_>| self.join.is_none() || brings(row, self.query, candidate);
        let event = self.places.at(candidate.position, self.wanted, &brings)?;
        let statement = event.and_then(into_statement);
        let Some(statement) = statement.filter(|found| self.query.spaces.contains(&found.space))
        else {
            return Ok(None);
        };
        // The index knows each term alone: that one statement of the chain meets all the filters
        // together is only certain when there is one, or when the statement meets all itself.
        let certain = candidate.own || self.query.filters.len() < 2;
        let belongs = certain || self.is_met_by_reference(candidate.position, &statement)?;
        Ok(belongs.then_some(statement))
    }

    fn is_met_by_reference(
        &self,
        position: i64,
        statement: &StoredStatement,
    ) -> Result<bool, Fault> {
        let filters = &self.query.filters;
        let mut met = each_met(filters, &self.database.row(position)?.terms);
        let from = (statement.id, &statement.space);
        self.database
            .walk_references(from, statement.refers_to, |terms| {
                met |= each_met(filters, terms);
                if met {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
        Ok(met)
    }
}

/// Tells whether a row brought the entries of the index that propose it, as far as it alone says:
/// what it inherits stands in other rows.
fn brings(row: &Sound<'_>, query: &PageQuery, candidate: Candidate) -> bool {
    let carries = |list: &Vec<TermKey>| list.iter().any(|term| row.carries(*term));
    let is_scope = |list: &Vec<TermKey>| list.iter().any(|term| row.has_scope(*term));
    let may_inherit = !candidate.own && row.refers();
    let brought = |list| may_inherit || carries(list);
    query.scope.iter().all(is_scope) && query.filters.iter().all(brought)
}

/// Tells whether each list has one of these terms.
fn each_met(lists: &[Vec<TermKey>], terms: &[TermKey]) -> bool {
    lists
        .iter()
        .all(|list| list.iter().any(|term| terms.contains(term)))
}
