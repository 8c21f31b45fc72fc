//! Storing and reading statements.

mod evidence;
mod history;
mod national_ids;
mod provenance;
mod pseudonymous;
mod repeats;
mod seal;
mod selection;
mod test_statements;
mod uncounted;

use std::sync::Arc;

use thiserror::Error;
use varde_xapi::{
    Actor, Batch, Family, Faults, Received, Statement, StatementId, Stored, parameter,
};

pub use evidence::Evidence;
pub(crate) use national_ids::unnoted;
pub use national_ids::{NOTED_PER_PAGE_MAX, NationalIdNotes, Noted, NotedPage};
pub use provenance::Provenance;
pub(crate) use repeats::unflagged;
pub use repeats::{REPEATS_PER_PAGE_MAX, Repeat, Repeats, RepeatsError};
pub use seal::{MoreError, Seal};
pub use selection::{Format, Selection};
pub use test_statements::{TestStatements, test_statement};
pub use uncounted::{
    Uncounted, UncountedError, UncountedPage, UncountedReason, UncountedStatement,
};

use self::national_ids::Admitted;
use crate::attachments::attachments_of;
use crate::people::Pseudonyms;
use crate::ports::{
    AppendError, Change, NewStatement, Page, PageQuery, Records, Standing, StatementLog,
    StoreError, StoredStatement, TermHasher, TermKey,
};
use crate::sessions::Bound;
use crate::{Caller, Entropy, Forbidden, Need, Space};

/// How often an append is tried again because another gave the same person a pseudonym first.
const TRIES_MAX: usize = 10;

/// Why statements were not stored. None of them was.
#[derive(Debug, Error)]
pub enum RefusedStatements {
    /// The caller may not write.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The key's policy does not let a statement be stored as it is, nor otherwise.
    #[error(transparent)]
    Invalid(#[from] Faults),
    /// A different statement has one of the ids (xAPI 1.0.3 Data 2.3.1).
    #[error("statement {index} was not stored: a different statement has the id {id}")]
    Conflict {
        /// The id.
        id: StatementId,
        /// Its place in the batch, from 0.
        index: usize,
    },
    /// The statement that had one of the ids was erased.
    #[error(
        "statement {index} was not stored: the statement with the id {id} was erased from this \
         record; send it no more"
    )]
    Erased {
        /// The id.
        id: StatementId,
        /// Its place in the batch, from 0.
        index: usize,
    },
    /// Others changed the same records each time it was tried.
    #[error("others are changing the same records; try again when they are done")]
    Overtaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why statements could not be read.
#[derive(Debug, Error)]
pub enum UnreadStatements {
    /// The caller may not read.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The `more` link was not made here, or not for this caller.
    #[error(transparent)]
    More(#[from] MoreError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One page, and the sealed text that leads to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementPage {
    /// The statements, in the order asked for.
    pub statements: Vec<StoredStatement>,
    /// What was asked, on this page as on the first.
    pub selection: Selection,
    /// What the `more` link of the answer carries; `None` on the last page.
    pub more: Option<String>,
}

/// What all statements of one request get from their caller.
struct Origin {
    authority: Option<Actor>,
    scope: Vec<TermKey>,
}

impl Origin {
    fn of(caller: &Caller) -> Self {
        let space = &caller.space;
        Self {
            authority: parameter::agent_or_group("authority", &caller.authority).ok(),
            scope: vec![
                TermKey::space(space),
                TermKey::authority(space, &caller.authority),
            ],
        }
    }
}

/// Stores and reads statements.
#[derive(Debug, Clone)]
pub struct Statements {
    log: Arc<dyn StatementLog>,
    entropy: Arc<dyn Entropy>,
    seal: Arc<Seal>,
    page_max: usize,
    evidence: Option<Evidence>,
    pseudonyms: Option<Pseudonyms>,
}

impl Statements {
    /// Works on one store. No page holds more than `page_max` statements, 1 or more.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        entropy: Arc<dyn Entropy>,
        page_max: usize,
    ) -> Self {
        let seal = Arc::new(Seal::new(records, Arc::clone(&entropy)));
        Self {
            log,
            entropy,
            seal,
            page_max: page_max.max(1),
            evidence: None,
            pseudonyms: None,
        }
    }

    /// Stores all the statements or none, and returns their ids in order. Statements without an
    /// id get one. The data of their attachments is the matter of [`crate::attachments`].
    pub async fn store(
        &self,
        caller: &Caller,
        family: Family,
        statements: Vec<Received>,
    ) -> Result<Vec<StatementId>, RefusedStatements> {
        let batch = Batch {
            array: statements.len() > 1,
            statements,
        };
        self.store_batch(caller, family, batch).await
    }

    /// Does the same with the statements of one request, to whose places faults refer.
    pub(crate) async fn store_batch(
        &self,
        caller: &Caller,
        family: Family,
        mut batch: Batch,
    ) -> Result<Vec<StatementId>, RefusedStatements> {
        caller.may(Need::WriteStatements)?;
        for received in &mut batch.statements {
            caller.may_write(&received.statement)?;
            let id = &mut received.statement.id;
            id.get_or_insert_with(|| StatementId(self.entropy.uuid()));
        }
        let Some(pseudonyms) = self.pseudonyms_for(caller)? else {
            return self.append(caller, family, batch, Vec::new()).await;
        };
        for _ in 0..TRIES_MAX {
            let batch = batch.clone();
            let (batch, given) = pseudonymous::pseudonymised(pseudonyms, batch).await?;
            match self.append(caller, family, batch, given).await {
                // Another request gave somebody a pseudonym first: that one counts.
                Err(RefusedStatements::Overtaken) => {}
                done => return done,
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Appends what the caller's policy lets be stored, and makes changes in the same act.
    async fn append(
        &self,
        caller: &Caller,
        family: Family,
        batch: Batch,
        mut beside: Vec<Change>,
    ) -> Result<Vec<StatementId>, RefusedStatements> {
        let Admitted { statements, notes } = national_ids::admit(caller, batch)?;
        beside.extend(notes);
        let origin = Origin::of(caller);
        let batch: Vec<_> = statements
            .into_iter()
            .map(|received| self.accept(caller, &origin, family, received))
            .collect();
        let ids = batch.iter().map(|statement| statement.id).collect();
        match self.log.append_with(batch, beside).await {
            Ok(_) => Ok(ids),
            Err(AppendError::Conflict { id, index }) => {
                Err(RefusedStatements::Conflict { id, index })
            }
            Err(AppendError::Erased { id, index }) => Err(RefusedStatements::Erased { id, index }),
            Err(AppendError::Beside { .. }) => Err(RefusedStatements::Overtaken),
            Err(AppendError::Store(error)) => Err(error.into()),
        }
    }

    fn accept(
        &self,
        caller: &Caller,
        origin: &Origin,
        family: Family,
        received: Received,
    ) -> NewStatement {
        let Received {
            mut statement,
            id_text,
            body,
            equality,
        } = received;
        // It is found by the authority that it gets, not by one that its sender claims.
        statement.authority.clone_from(&origin.authority);
        let space = &caller.space;
        NewStatement {
            id: statement
                .id
                .unwrap_or_else(|| StatementId(self.entropy.uuid())),
            id_text,
            space: space.clone(),
            key: caller.key,
            authority: Arc::clone(&caller.authority),
            version: statement
                .version
                .clone()
                .unwrap_or_else(|| family.statement_default().to_owned()),
            timestamp: statement
                .timestamp
                .as_ref()
                .map(|timestamp| timestamp.instant),
            equality,
            body,
            terms: index_terms(&statement, space),
            scope: origin.scope.clone(),
            refers_to: varde_xapi::refers_to(&statement),
            voids: varde_xapi::voids(&statement),
        }
    }

    /// Lets persons also open statements of other spaces that results they see rest on.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Evidence) -> Self {
        self.evidence = Some(evidence);
        self
    }

    /// Knows the pseudonyms that stand in statements of keys with that policy, which are refused
    /// without.
    #[must_use]
    pub fn with_pseudonyms(mut self, pseudonyms: Pseudonyms) -> Self {
        self.pseudonyms = Some(pseudonyms);
        self
    }

    /// Returns one statement, valid or voided as asked: of the spaces that the caller reads, else a
    /// valid one of another space that results of the caller's projects rest on, for a person who
    /// sees their rows.
    pub async fn get(
        &self,
        caller: &Caller,
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, UnreadStatements> {
        caller.may(Need::ReadStatements)?;
        let found = self.log.get(&caller.reads, id, standing).await?;
        if found.is_none()
            && standing == Standing::Valid
            && let Some(evidence) = &self.evidence
        {
            return Ok(evidence.find(&*self.log, caller, id).await?);
        }
        let mine = found.filter(|statement| {
            !caller.reads_only_mine() || statement.authority == caller.authority
        });
        let bound = self.bound(caller).await?;
        let mut own = own(bound.as_ref(), mine.into_iter().collect())?;
        Ok(own.pop())
    }

    /// Returns the first page of a selection.
    pub async fn select(
        &self,
        caller: &Caller,
        selection: Selection,
    ) -> Result<StatementPage, UnreadStatements> {
        let query = self.query(caller, &selection).await?;
        self.page(caller, selection, query).await
    }

    /// Returns the page that a `more` link leads to, for the caller's present rights.
    pub async fn continue_from(
        &self,
        caller: &Caller,
        more: &str,
    ) -> Result<StatementPage, UnreadStatements> {
        let continued = self.seal.open(caller.key, more).await?;
        let mut query = self.query(caller, &continued.selection).await?;
        query.after = Some(continued.after);
        query.through = Some(continued.through);
        self.page(caller, continued.selection, query).await
    }

    /// Returns an instant up to which everything stored is visible.
    pub async fn consistent_through(&self) -> Result<Stored, StoreError> {
        self.log.consistent_through().await
    }

    async fn query(
        &self,
        caller: &Caller,
        selection: &Selection,
    ) -> Result<PageQuery, UnreadStatements> {
        caller.may(Need::ReadStatements)?;
        let selection = &self.as_stored(caller, selection).await?;
        let limit = match selection.limit {
            0 => self.page_max,
            limit => limit.min(self.page_max),
        };
        let mut filters = selection.filters(&caller.reads);
        if let Some(bound) = self.bound(caller).await? {
            // What the index can tell of it; the rest is left out of the page.
            filters.extend(Selection::of(&bound).filters(&caller.reads));
        }
        Ok(PageQuery {
            spaces: caller.reads.clone(),
            scope: scope(caller, &filters),
            filters,
            since: selection.since,
            until: selection.until,
            ascending: selection.ascending,
            limit,
            after: None,
            through: None,
            voided: false,
        })
    }

    async fn page(
        &self,
        caller: &Caller,
        selection: Selection,
        query: PageQuery,
    ) -> Result<StatementPage, UnreadStatements> {
        let Page {
            statements,
            more,
            through,
        } = self.log.page(&query).await?;
        let more = match statements.last() {
            Some(last) if more => Some(
                self.seal
                    .close(caller.key, &selection, last.position, through)
                    .await?,
            ),
            _ => None,
        };
        Ok(StatementPage {
            statements: own(self.bound(caller).await?.as_ref(), statements)?,
            selection,
            more,
        })
    }
}

/// Returns those of some statements that a caller may see who is bound to one learner; any other
/// caller may see all.
fn own(
    bound: Option<&Bound>,
    statements: Vec<StoredStatement>,
) -> Result<Vec<StoredStatement>, StoreError> {
    let Some(bound) = bound else {
        return Ok(statements);
    };
    let mut own = Vec::new();
    for stored in statements {
        let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
        if bound.covers(&statement) {
            own.push(stored);
        }
    }
    Ok(own)
}

/// Returns what a statement, with the authority that it has here, is found by in its space.
pub(crate) fn index_terms(statement: &Statement, space: &Space) -> Vec<TermKey> {
    let hasher = TermHasher::of(space);
    let named = attachments_of(statement);
    let named = named.map(|attachment| hasher.attachment(&attachment.sha2));
    let terms = varde_xapi::match_terms(statement);
    let terms = terms.iter().map(|term| hasher.term(term));
    let mut terms: Vec<_> = terms.chain(named).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// Returns what bounds a caller's reading beside the filters: the authority where only the own,
/// otherwise the spaces. Each term of a filter is of one of the spaces already.
fn scope(caller: &Caller, filters: &[Vec<TermKey>]) -> Vec<Vec<TermKey>> {
    if caller.reads_only_mine() {
        let mine = |space| TermKey::authority(space, &caller.authority);
        vec![caller.reads.iter().map(mine).collect()]
    } else if filters.is_empty() {
        vec![caller.reads.iter().map(TermKey::space).collect()]
    } else {
        Vec::new()
    }
}
