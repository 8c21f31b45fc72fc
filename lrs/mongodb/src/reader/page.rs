//! Pages of statements.

use std::collections::HashSet;

use mongodb::ClientSession;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::{FindOptions, Hint};
use varde_core::ports::{Page, PageQuery, StoreError, StoredStatement, TermKey};
use varde_xapi::Stored;

use super::{MOMENTS_MAX, Reader, all, as_of_one_moment, bounded};
use crate::error::Fault;
use crate::layout::head::{self, Head};
use crate::layout::id;
use crate::layout::row::{self, Row};
use crate::schema::{KEYS, POSITION, READ_MAX};

/// The most rows that are read at once.
const ROWS_MAX: usize = 1_000;

/// The positions that a page may hold, both ends among them.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    low: i64,
    high: i64,
}

impl Stretch {
    /// Leaves out what lies up to a position, in the direction of the page.
    fn go_behind(&mut self, position: i64, ascending: bool) {
        if ascending {
            self.low = self.low.max(position.saturating_add(1));
        } else {
            self.high = self.high.min(position.saturating_sub(1));
        }
    }

    fn is_empty(self) -> bool {
        self.low > self.high
    }
}

impl Reader {
    /// Returns one page in the order of `stored`.
    pub(crate) async fn page(&self, query: &PageQuery) -> Result<Page, StoreError> {
        as_of_one_moment!(self.try_page(query))
    }

    async fn try_page(&self, query: &PageQuery) -> Result<Page, Fault> {
        let mut session = self.moment().await?;
        let heads = &self.collections.head;
        let found = heads.find_one(doc! { "_id": head::ID });
        let found = found.session(&mut session).await?;
        let head = Head::read(&found.ok_or_else(head::missing)?)?.position;
        let through = query
            .through
            .map_or(head, |through| id::number(through).min(head));
        let mut stretch = self.stretch(&mut session, query, through).await?;
        let conditions = conditions(query);
        let wanted = query.limit.saturating_add(1);
        let mut statements = Vec::new();
        while statements.len() < wanted && !stretch.is_empty() {
            let rows = wanted.saturating_sub(statements.len()).min(ROWS_MAX);
            let found = self.rows(&mut session, query, &conditions, stretch, rows);
            let found = found.await?;
            let is_last = found.len() < rows;
            for row in found {
                stretch.go_behind(row.place().position, query.ascending);
                statements.extend(self.check(&mut session, query, row).await?);
            }
            if is_last {
                break;
            }
        }
        let more = statements.len() > query.limit;
        statements.truncate(query.limit);
        Ok(Page {
            statements,
            more,
            through: id::position(through),
        })
    }

    async fn stretch(
        &self,
        session: &mut ClientSession,
        query: &PageQuery,
        through: i64,
    ) -> Result<Stretch, Fault> {
        let mut stretch = Stretch {
            low: 1,
            high: through,
        };
        if let Some(since) = query.since {
            stretch.low = self.last_stored(session, since).await?.saturating_add(1);
        }
        if let Some(until) = query.until {
            let last = self.last_stored(session, until).await?;
            stretch.high = stretch.high.min(last);
        }
        if let Some(after) = query.after {
            stretch.go_behind(id::number(after), query.ascending);
        }
        Ok(stretch)
    }

    /// Returns the last position stored up to an instant, 0 when none is.
    async fn last_stored(&self, session: &mut ClientSession, until: Stored) -> Result<i64, Fault> {
        let query = doc! { "stored": { "$lte": until.0 } };
        let last = self
            .collections
            .log
            .find_one(query)
            .sort(doc! { "stored": -1 })
            .projection(doc! { "position": 1 });
        let last = last.session(session).await?;
        let position = last.as_ref().map(|row| row.get_i64("position"));
        match position {
            None => Ok(0),
            Some(Ok(position)) => Ok(position),
            Some(Err(_)) => Err(Fault::Damaged {
                position: 0,
                id: None,
            }),
        }
    }

    async fn rows(
        &self,
        session: &mut ClientSession,
        query: &PageQuery,
        conditions: &[Document],
        stretch: Stretch,
        limit: usize,
    ) -> Result<Vec<Row>, Fault> {
        let Stretch { low, high } = stretch;
        let mut all_of = vec![doc! { "position": { "$gte": low, "$lte": high } }];
        all_of.extend_from_slice(conditions);
        let index = if query.filters.is_empty() && query.scope.is_empty() {
            POSITION
        } else {
            KEYS
        };
        let order = if query.ascending { 1 } else { -1 };
        let options = FindOptions::builder()
            .sort(doc! { "position": order })
            .hint(Hint::Name(index.to_owned()))
            .limit(bounded(limit))
            .max_time(READ_MAX)
            .build();
        let log = &self.collections.log;
        let found = all(log, session, doc! { "$and": all_of }, options).await?;
        found.iter().map(|row| row::read(row)).collect()
    }

    /// Returns the statement of a row that the index proposes, if it really belongs.
    async fn check(
        &self,
        session: &mut ClientSession,
        query: &PageQuery,
        row: Row,
    ) -> Result<Option<StoredStatement>, Fault> {
        // The index knows what a row is found by, whether it is its own or inherited: that one
        // statement of the chain meets all the filters together is only certain when there is one.
        let certain = query.filters.len() < 2 || each_met(&query.filters, &row.own);
        let Some(statement) = row.into_statement() else {
            return Ok(None);
        };
        if certain || self.is_met_by_reference(session, query, &statement).await? {
            Ok(Some(statement))
        } else {
            Ok(None)
        }
    }

    async fn is_met_by_reference(
        &self,
        session: &mut ClientSession,
        query: &PageQuery,
        statement: &StoredStatement,
    ) -> Result<bool, Fault> {
        let space = &statement.space;
        let mut seen = HashSet::from([statement.id]);
        let mut next = statement.refers_to;
        while let Some(target) = next.filter(|target| seen.insert(*target)) {
            let by_id = doc! {
                "_id": id::of_statement(target, space.is_test()),
                "space": space.to_string(),
            };
            let found = self
                .collections
                .log
                .find_one(by_id)
                .projection(doc! { "own": 1, "refers_to": 1 })
                .session(&mut *session)
                .await?;
            let Some(found) = found else { break };
            let own = found.get_binary("own").map(|own| id::terms_of(own.bytes));
            // What is left of an erased statement has no terms, and meets what asks for nothing.
            if each_met(&query.filters, &own.unwrap_or_default()) {
                return Ok(true);
            }
            let behind = found.get("refers_to").ok().flatten();
            next = behind.and_then(id::read).map(|(id, _)| id);
        }
        Ok(false)
    }
}

/// Returns the conditions of a page apart from its positions.
fn conditions(query: &PageQuery) -> Vec<Document> {
    let spaces = query.spaces.iter().map(ToString::to_string);
    let mut conditions = vec![
        doc! { "space": { "$in": id::list(spaces) } },
        doc! { "erased": Bson::Null },
    ];
    if !query.voided {
        conditions.push(doc! { "voided": Bson::Null });
    }
    let any_of = |keys: Vec<i64>| doc! { "keys": { "$in": id::list(keys) } };
    let own = query.filters.iter();
    conditions.extend(own.map(|list| any_of(list.iter().map(|term| id::key(*term)).collect())));
    let scope = query.scope.iter();
    conditions
        .extend(scope.map(|list| any_of(list.iter().map(|term| id::scope_key(*term)).collect())));
    conditions
}

/// Tells whether each list has one of these terms.
fn each_met(lists: &[Vec<TermKey>], terms: &[TermKey]) -> bool {
    lists
        .iter()
        .all(|list| list.iter().any(|term| terms.contains(term)))
}
