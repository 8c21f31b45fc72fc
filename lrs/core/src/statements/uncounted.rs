//! Statements that count for no project, and why.
//!
//! They are looked for when somebody asks, in the log and by the registers of that moment: what
//! the office registers later changes the answer, and there is nothing to keep up to date.

use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;
use varde_xapi::{Activity, Object, Statement, StatementId, Stored};

use crate::ports::{Happened, Position, Standing, StatementLog, StoreError, StoredStatement};
use crate::registers::{NamedActivities, RegisterBook, RegisterView};
use crate::{Caller, Forbidden, Need, Space};

/// How many log events one page looks at, so that no page takes long.
const EVENTS_PER_PAGE: usize = 2_000;

/// Why a statement counts for no project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UncountedReason {
    /// Neither an activity that it names nor its space belongs to a registered project.
    NoProject,
    /// Its `timestamp` lies more than five minutes past its `stored`.
    Future,
}

/// A statement that counts for no project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UncountedStatement {
    /// Its place in the log.
    pub position: Position,
    /// Its id.
    pub statement: StatementId,
    /// When it was stored.
    pub stored: Stored,
    /// The space it was written in.
    pub space: Space,
    /// Why it does not count.
    pub reason: UncountedReason,
}

/// What one page's share of the log holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UncountedPage {
    /// The statements, in the order of the log; there may be none on a page that is not the last.
    pub statements: Vec<UncountedStatement>,
    /// Where the next page begins; `None` at the end of the log.
    pub next: Option<Position>,
}

/// Why they could not be listed.
#[derive(Debug, Error)]
pub enum UncountedError {
    /// The caller may not review statements.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lists the statements that count for no project.
#[derive(Debug, Clone)]
pub struct Uncounted {
    log: Arc<dyn StatementLog>,
    registers: Arc<RegisterBook>,
}

impl Uncounted {
    /// Works on one store.
    pub fn new(log: Arc<dyn StatementLog>, registers: Arc<RegisterBook>) -> Self {
        Self { log, registers }
    }

    /// Looks at up to 2,000 log events behind a position and returns the statements among them
    /// that the caller may read and that count for no project. Statements of test spaces, voided
    /// ones and those that void another are not meant to count and left out.
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<Position>,
    ) -> Result<UncountedPage, UncountedError> {
        caller.may(Need::ReviewStatements)?;
        let after = after.unwrap_or_default();
        let events = self.log.follow(after, EVENTS_PER_PAGE).await?;
        let next = events.last().map(|event| event.position);
        let next = next.filter(|_| events.len() == EVENTS_PER_PAGE);
        let known_at = self.log.consistent_through().await?;
        let registers = self.registers.refresh().await?;
        let mut found = Vec::new();
        for event in events {
            let Happened::Statement(statement) = event.what else {
                continue;
            };
            if caller.reads.contains(&statement.space) && is_meant_to_count(&statement) {
                let view = RegisterView::new(&registers, known_at);
                found.extend(reason(&statement, &view)?.map(|reason| (statement, reason)));
            }
        }
        let statements = self.standing(found).await?;
        Ok(UncountedPage { statements, next })
    }

    /// Leaves out what was voided.
    async fn standing(
        &self,
        found: Vec<(Box<StoredStatement>, UncountedReason)>,
    ) -> Result<Vec<UncountedStatement>, StoreError> {
        let mut statements = Vec::new();
        for (statement, reason) in found {
            let spaces = std::slice::from_ref(&statement.space);
            let valid = self.log.get(spaces, statement.id, Standing::Valid).await?;
            statements.extend(valid.map(|valid| UncountedStatement {
                position: valid.position,
                statement: valid.id,
                stored: valid.stored,
                space: valid.space,
                reason,
            }));
        }
        Ok(statements)
    }
}

fn is_meant_to_count(statement: &StoredStatement) -> bool {
    !statement.space.is_test() && statement.voids.is_none()
}

fn reason(
    stored: &StoredStatement,
    registers: &RegisterView<'_>,
) -> Result<Option<UncountedReason>, StoreError> {
    if stored.is_from_the_future() {
        return Ok(Some(UncountedReason::Future));
    }
    let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
    let (parents, groupings) = around(&statement);
    let named = NamedActivities {
        object: object(&statement),
        parents: &parents,
        groupings: &groupings,
    };
    let space = &stored.space;
    let day = registers.local_day(space.project(), stored.happened());
    let unit = registers.unit(&named, |_| true, day);
    let projects = registers.counts_for(&unit, &named, space, day);
    Ok(projects.is_empty().then_some(UncountedReason::NoProject))
}

fn object(statement: &Statement) -> Option<&str> {
    match &statement.object {
        Object::Activity(activity) => Some(activity.id.as_str()),
        _ => None,
    }
}

/// Returns the IRIs of parents and groupings.
fn around(statement: &Statement) -> (Vec<String>, Vec<String>) {
    let iris = |activities: &[Activity]| activities.iter().map(|a| a.id.to_string()).collect();
    let around = statement.context.as_ref().map(|c| &c.context_activities);
    around.map_or_else(Default::default, |around| {
        (iris(&around.parent), iris(&around.grouping))
    })
}
