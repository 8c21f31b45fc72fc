//! A transaction, made again for as long as that may help, and committed exactly once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::ClientSession;
use mongodb::options::{ReadConcern, ReadPreference, SelectionCriteria, TransactionOptions};
use tokio::time::{sleep, timeout};
use varde_core::ports::StoreError;

use super::Job;
use super::group::{Answer, Attempt};
use crate::error::Fault;
use crate::layout::head::Head;
use crate::schema;
use crate::shared::Shared;

/// For how long a group is tried. Beyond that its callers are told that the store is busy.
const TRIED_MAX: Duration = Duration::from_secs(12);
/// How long one try may take.
const TRY_MAX: Duration = Duration::from_secs(45);
/// The first wait between two tries; each further one is twice as long, and varied by chance.
const BACK_OFF_MIN: Duration = Duration::from_millis(1);
/// The longest wait.
const BACK_OFF_MAX: Duration = Duration::from_millis(250);

/// Makes transactions.
pub(super) struct Transactions {
    shared: Arc<Shared>,
}

/// What became of a try.
enum Tried {
    /// It happened.
    Done(Vec<Answer>, Head),
    /// Nothing of it happened, and it may when made again.
    Again(Fault),
    /// Nothing of it happened: an id is taken, and it must be looked which.
    Taken,
    /// Nothing of it happened, and nothing will.
    Refused(Fault),
    /// It stays unknown whether it happened.
    Unknown(Fault),
}

impl Transactions {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Writes all the jobs in one transaction, durable when this returns; or nothing of them.
    pub(super) async fn run(&self, jobs: &[Job]) -> Result<(Vec<Answer>, Head), StoreError> {
        let begun = Instant::now();
        let mut wait = BackOff::new();
        let mut looks_first = false;
        loop {
            let tried = timeout(TRY_MAX, self.attempt(jobs, looks_first, begun)).await;
            let Ok(tried) = tried else {
                // Whether it was committed is not known, so it must not be made again.
                return Err(StoreError::Busy);
            };
            match tried {
                Tried::Done(answers, head) => return Ok((answers, head)),
                Tried::Taken => looks_first = true,
                Tried::Refused(fault) => return Err(fault.into()),
                Tried::Unknown(fault) => {
                    tracing::error!(?fault, "it is not known whether a commit happened");
                    return Err(StoreError::Busy);
                }
                Tried::Again(fault) if begun.elapsed() > TRIED_MAX => return Err(fault.into()),
                Tried::Again(fault) => {
                    tracing::debug!(?fault, "a transaction is made again");
                    wait.rest().await;
                }
            }
        }
    }

    async fn attempt(&self, jobs: &[Job], looks_first: bool, begun: Instant) -> Tried {
        let mut session = match self.begin().await {
            Ok(session) => session,
            Err(fault) => return Tried::of(fault, looks_first),
        };
        let attempt = Attempt::new(&self.shared, looks_first);
        match attempt.write(&mut session, jobs).await {
            Ok((answers, head)) => {
                let asked = Instant::now();
                if let Err(fault) = commit(&mut session, begun).await {
                    return Tried::of_commit(fault);
                }
                if let Some(observer) = self.shared.observer.get() {
                    let rows = jobs.iter().map(|job| job.size().0).sum();
                    observer.synced(rows, asked.elapsed());
                }
                Tried::Done(answers, head)
            }
            // What was begun is ended beside the next try, when the session is dropped: where a primary
            // was lost, to wait for that would cost as long as an election and an answer of the next.
            Err(fault) => Tried::of(fault, looks_first),
        }
    }

    async fn begin(&self) -> Result<ClientSession, Fault> {
        let mut session = self.shared.collections.client.start_session().await?;
        let options = TransactionOptions::builder()
            .read_concern(ReadConcern::snapshot())
            .write_concern(schema::durable())
            .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
            .build();
        session.start_transaction().with_options(options).await?;
        Ok(session)
    }
}

impl Tried {
    fn of(fault: Fault, looks_first: bool) -> Self {
        if fault.is_duplicate() && !looks_first {
            Self::Taken
        } else if fault.is_transient() || fault.is_duplicate() {
            Self::Again(fault)
        } else {
            Self::Refused(fault)
        }
    }

    /// A commit of which it stays unknown whether it happened is never made again: the caller is
    /// told to try later, and what it sends again is recognised.
    fn of_commit(fault: Fault) -> Self {
        if fault.is_undone() {
            Self::Again(fault)
        } else {
            Self::Unknown(fault)
        }
    }
}

/// Commits, and asks again for as long as it is unknown whether that happened.
async fn commit(session: &mut ClientSession, begun: Instant) -> Result<(), Fault> {
    let mut wait = BackOff::new();
    loop {
        match session.commit_transaction().await.map_err(Fault::from) {
            Err(fault) if !fault.is_undone() && begun.elapsed() < TRIED_MAX => {
                tracing::debug!(?fault, "a commit is asked for again");
                wait.rest().await;
            }
            done => return done,
        }
    }
}

/// Growing waits, varied so that two who meet do not meet again.
struct BackOff(Duration);

impl BackOff {
    fn new() -> Self {
        Self(BACK_OFF_MIN)
    }

    async fn rest(&mut self) {
        let mut chance = [0; 1];
        // Without chance, the whole time is waited.
        let part = getrandom::fill(&mut chance).map_or(256, |()| u32::from(chance[0]) + 1);
        sleep(self.0 * part / 256).await;
        self.0 = (self.0 * 2).min(BACK_OFF_MAX);
    }
}
