//! What arrivals bring that is too much for their own transactions.
//!
//! The head names those arrivals, so that whatever becomes of a process another goes on, and so that
//! nothing from the first of them on is shown as complete. The work is done from the rows alone. It
//! does not matter what else arrives meanwhile: whichever statement comes last joins what lies on
//! both sides of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::ClientSession;
use mongodb::bson::doc;
use varde_core::Space;
use varde_core::ports::{NewStatement, StoreError, TermKey};
use varde_xapi::StatementId;

use super::group::{Attempt, Plan};
use super::references::INHERITED_MAX;
use super::{Job, Writer};
use crate::abandoned::unhindered;
use crate::error::Fault;
use crate::layout::head::{Head, Waiting};
use crate::layout::row;
use crate::shared::Shared;

/// How long nobody goes on with what waits before another process does.
const TAKEN_OVER: Duration = Duration::from_secs(3);
/// How long it is waited after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// What is inherited in one transaction.
#[derive(Debug)]
pub(crate) struct Slice {
    /// The position of the arrival that brings it.
    arrival: i64,
    share: Option<Share>,
    /// Whether everything is inherited with it.
    is_last: bool,
}

/// Who inherits what.
#[derive(Debug)]
struct Share {
    space: Space,
    heirs: Vec<StatementId>,
    terms: Arc<[TermKey]>,
}

/// What waits, as far as this process knows and works on it.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// What is left of an arrival's slices.
    left: VecDeque<Slice>,
    /// What waited first, and since when it has been so.
    seen: Option<(Waiting, Instant)>,
    failed: bool,
}

impl Backlog {
    /// Returns how long it is until this process goes on; `None` when nothing waits.
    pub(super) fn due(&mut self, head: &Head, process: i64) -> Option<Duration> {
        let first = *head.waiting.first()?;
        let now = Instant::now();
        let since = match self.seen {
            Some((seen, since)) if seen == first => since,
            _ => now,
        };
        self.seen = Some((first, since));
        let patience = match (self.failed, first.by == process) {
            (true, _) => RETRY,
            (false, true) => Duration::ZERO,
            (false, false) => TAKEN_OVER,
        };
        Some(patience.saturating_sub(now.duration_since(since)))
    }

    /// Returns the next slice of what waits first.
    async fn next(&mut self, shared: &Shared, first: Waiting) -> Result<Option<Slice>, Fault> {
        let same = |slice: &Slice| slice.arrival == first.position;
        if !self.left.front().is_some_and(same) {
            self.left = slices(shared, first).await?;
        }
        Ok(self.left.pop_front())
    }
}

impl Writer {
    /// Returns how long it is until this process goes on with what waits.
    pub(super) fn due(&mut self) -> Option<Duration> {
        let heads = self.shared.watch();
        self.backlog.due(&heads.borrow(), self.shared.process)
    }

    /// Goes on with what waits first, by one transaction.
    pub(super) async fn inherit(&mut self) -> Result<(), StoreError> {
        let first = self.shared.watch().borrow().waiting.first().copied();
        let Some(first) = first else { return Ok(()) };
        let inherited = self.inherit_from(first).await;
        self.backlog.failed = inherited.is_err();
        if let Err(error) = &inherited {
            tracing::warn!(%error, "index entries were not written; nothing is lost");
            self.backlog.left.clear();
            self.backlog.seen = None;
        }
        inherited
    }

    async fn inherit_from(&mut self, first: Waiting) -> Result<(), StoreError> {
        self.shared.skew.check()?;
        let Some(slice) = self.backlog.next(&self.shared, first).await? else {
            return Ok(());
        };
        let client = &self.shared.collections.client;
        let jobs = [Job::Inherit(slice)];
        let (_, head) = unhindered(client, self.transactions.run(&jobs)).await?;
        self.shared.reached(head);
        Ok(())
    }

    /// Lets everything be inherited that waits, as far as the database allows: an erasure needs it.
    pub(super) async fn inherit_all(&mut self) {
        let mut done = self
            .shared
            .read_head()
            .await
            .map(drop)
            .map_err(StoreError::from);
        while done.is_ok() && self.due().is_some() {
            done = self.inherit().await;
        }
    }
}

impl Attempt<'_> {
    /// Lets a slice be inherited, unless another process has come to the end of it.
    pub(super) async fn inherit(
        &self,
        session: &mut ClientSession,
        plan: &mut Plan<'_>,
        slice: &Slice,
    ) -> Result<(), Fault> {
        let waiting = &mut plan.head.waiting;
        let found = waiting.iter_mut().find(|one| one.position == slice.arrival);
        let Some(found) = found else { return Ok(()) };
        found.steps += 1;
        found.by = self.process;
        if slice.is_last {
            waiting.retain(|one| one.position != slice.arrival);
        }
        plan.tick();
        match &slice.share {
            Some(Share {
                space,
                heirs,
                terms,
            }) => self.bequeath(session, space, heirs, terms).await,
            None => Ok(()),
        }
    }
}

/// Returns all that an arrival lets be inherited, in slices of one transaction each.
async fn slices(shared: &Shared, arrival: Waiting) -> Result<VecDeque<Slice>, Fault> {
    let found = match gather(shared, arrival).await {
        Err(damage @ (Fault::Damaged { .. } | Fault::Foreign(_))) => {
            // Whoever meets the row is told; the others must not wait for it.
            tracing::error!(?damage, "damage ends what is inherited along it");
            None
        }
        found => found?,
    };
    let mut all_shares = Vec::new();
    if let Some((new, behind, heirs)) = found {
        let mut all = behind.clone();
        all.extend(&new.terms);
        for (heirs, terms) in [(vec![new.id], behind), (heirs, all)] {
            for terms in terms.chunks(INHERITED_MAX).map(Arc::from) {
                all_shares.extend(cut(&new.space, &heirs, &terms));
            }
        }
    }
    let slice = |share, is_last| Slice {
        arrival: arrival.position,
        share,
        is_last,
    };
    let last = all_shares.pop();
    let mut slices: VecDeque<_> = all_shares
        .into_iter()
        .map(|share| slice(Some(share), false))
        .collect();
    slices.push_back(slice(last, true));
    Ok(slices)
}

/// Cuts so that a slice has as many entries as one arrival may bring at once.
fn cut(space: &Space, heirs: &[StatementId], terms: &Arc<[TermKey]>) -> Vec<Share> {
    let count = (INHERITED_MAX / terms.len().max(1)).max(1);
    let share = |heirs: &[StatementId]| Share {
        space: space.clone(),
        heirs: heirs.to_vec(),
        terms: Arc::clone(terms),
    };
    heirs.chunks(count).map(share).collect()
}

/// Reads an arrival, the terms of what it refers to, and who refers to it; `None` where it is no
/// statement any more.
async fn gather(
    shared: &Shared,
    arrival: Waiting,
) -> Result<Option<(NewStatement, Vec<TermKey>, Vec<StatementId>)>, Fault> {
    let query = doc! { "position": arrival.position };
    let Some(found) = shared.collections.log.find_one(query).await? else {
        return Ok(None);
    };
    let row = row::read(&found)?;
    let (terms, scope) = (row.own.clone(), row.scope.clone());
    let Some(statement) = row.into_statement() else {
        return Ok(None);
    };
    let new = statement.anew(terms, scope);
    let attempt = Attempt::new(shared, false);
    let mut session = shared.collections.client.start_session().await?;
    let behind = attempt
        .all_terms_behind(&mut session, (new.id, &new.space), new.refers_to)
        .await?;
    let heirs = attempt
        .everything_referring(&mut session, new.id, &new.space)
        .await?;
    Ok(Some((new, behind, heirs)))
}
