//! Work that takes longer than a page: it goes on when the page is left, and its result is found again.
//!
//! Each has an id and an owner, and nobody else finds it. What has ended is kept for a day, or until there is
//! too much: the oldest goes first. It is kept in the memory of the process and nowhere else.

mod outcome;
mod page;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::get;
use tokio::sync::{Semaphore, watch};
use varde_core::{Clock, KeyId, StoreError};
use varde_http::{ApiError, App};
use varde_xapi::Stored;

use crate::format;
use crate::visit::Visit;
use crate::words::Work as Words;

pub(crate) use self::outcome::{Examined, Outcome, Packed, What};

/// How many are done at a time.
const AT_ONCE_MAX: u32 = 4;
/// How many are kept of one person, and of all.
const OF_ONE_MAX: usize = 20;
const OF_ALL_MAX: usize = 200;
/// How many bytes of files are kept beside their results.
const BYTES_MAX: usize = 256 * 1024 * 1024;
/// How long a result is kept: a day, in microseconds.
const KEPT_FOR: i64 = 24 * 60 * 60 * 1_000_000;

/// What is being done for people, and what came of it.
#[derive(Debug, Clone)]
pub struct Works(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    places: Arc<Semaphore>,
    kept: Mutex<BTreeMap<String, Arc<Work>>>,
}

/// Whose work it is: the name of who signed in, and the key that they act through.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Owner(String, KeyId);

/// One work.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) id: String,
    owner: Owner,
    pub(crate) what: What,
    pub(crate) begun: Stored,
    ended: watch::Receiver<Option<Ended>>,
}

/// What came of a work, and when.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) at: Stored,
    pub(crate) outcome: Arc<Result<Outcome, ApiError>>,
}

impl Default for Works {
    fn default() -> Self {
        let places = usize::try_from(AT_ONCE_MAX).unwrap_or(Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            places: Arc::new(Semaphore::new(places)),
            kept: Mutex::default(),
        }))
    }
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/works/{id}", get(page::get))
        .route("/works/{id}/pack.zip", get(page::pack))
        .route("/works/{id}/faults.csv", get(page::faults))
        .route("/works/{id}/lines.csv", get(page::lines))
}

impl Works {
    /// Begins a work of a visitor, and returns where its page is. As many as may be done at a time are refused
    /// as of a busy store.
    pub(crate) fn begin(
        &self,
        (app, owner): (&App, &varde_core::users::SignedIn),
        what: What,
        work: impl Future<Output = Result<Outcome, ApiError>> + Send + 'static,
    ) -> Result<String, ApiError> {
        let clock = Arc::clone(&app.services().clock);
        let mut random = [0; 16];
        app.services().entropy.fill(&mut random);
        let id = random.iter().fold(String::new(), |mut id, byte| {
            // Writing to a text cannot fail.
            let _ = write!(id, "{byte:02x}");
            id
        });
        let address = format!("/works/{id}");
        let owner = Owner(owner.user.clone(), owner.caller.key);
        self.start(clock, (id, owner, what), work)?;
        Ok(address)
    }

    fn start(
        &self,
        clock: Arc<dyn Clock>,
        (id, owner, what): (String, Owner, What),
        work: impl Future<Output = Result<Outcome, ApiError>> + Send + 'static,
    ) -> Result<(), ApiError> {
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        let place = place.map_err(|_| ApiError::Store(StoreError::Busy))?;
        let (end, ended) = watch::channel(None);
        self.keep(Work {
            id,
            owner,
            what,
            begun: clock.now(),
            ended,
        });
        tokio::spawn(async move {
            // A work that panics ends too, and gives its place back.
            let outcome = tokio::spawn(work).await;
            let outcome = outcome.unwrap_or(Err(ApiError::Internal("a work broke off")));
            let at = clock.now();
            let outcome = Arc::new(outcome);
            // Nobody may wait for it any more.
            let _ = end.send(Some(Ended { at, outcome }));
            drop(place);
        });
        Ok(())
    }

    /// Waits until nothing is being done any more, and begins nothing from now on.
    pub async fn finish(&self) {
        if let Ok(all) = self.0.places.acquire_many(AT_ONCE_MAX).await {
            all.forget();
        }
    }

    /// Returns a work of a visitor's own.
    pub(crate) fn find(&self, visit: &Visit, id: &str, now: Stored) -> Option<Arc<Work>> {
        let owner = Owner::of(visit);
        let mut kept = self.kept();
        forget_old(&mut kept, now);
        let found = kept.get(id).filter(|work| work.owner == owner);
        found.cloned()
    }

    /// Returns the works of a visitor, the newest first.
    pub(crate) fn of(&self, visit: &Visit, now: Stored) -> Vec<Arc<Work>> {
        let owner = Owner::of(visit);
        let mut kept = self.kept();
        forget_old(&mut kept, now);
        let mut own: Vec<_> = kept
            .values()
            .filter(|work| work.owner == owner)
            .cloned()
            .collect();
        own.sort_by_key(|work| std::cmp::Reverse(work.begun));
        own
    }

    fn keep(&self, work: Work) {
        let mut kept = self.kept();
        forget_old(&mut kept, work.begun);
        let owner = work.owner.clone();
        kept.insert(work.id.clone(), Arc::new(work));
        let is_own = |work: &Work| work.owner == owner;
        while kept.values().filter(|work| is_own(work)).count() > OF_ONE_MAX {
            if !forget_oldest(&mut kept, is_own) {
                break;
            }
        }
        while kept.len() > OF_ALL_MAX
            || kept.values().map(|work| work.bytes()).sum::<usize>() > BYTES_MAX
        {
            if !forget_oldest(&mut kept, |_| true) {
                break;
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Work>>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the name and the page of each work of a visitor, the newest first.
pub(crate) fn links(works: &Works, visit: &Visit, now: Stored) -> Vec<(String, String)> {
    let said = Words::of(visit.language);
    let links = works.of(visit, now).into_iter().map(|work| {
        let stands = match work.ended() {
            None => said.going_on,
            Some(ended) if ended.outcome.is_ok() => said.done,
            Some(_) => said.failed,
        };
        let name = page::name(&work.what, visit);
        let begun = format::instant(work.begun, visit.language);
        (
            format!("{name} ({begun}: {stands})"),
            format!("/works/{}", work.id),
        )
    });
    links.collect()
}

/// Forgets what has ended a day ago.
fn forget_old(kept: &mut BTreeMap<String, Arc<Work>>, now: Stored) {
    kept.retain(|_, work| {
        let ended = work.ended();
        ended.is_none_or(|ended| now.0.saturating_sub(ended.at.0) < KEPT_FOR)
    });
}

/// Forgets the oldest that has ended; tells whether there was one.
fn forget_oldest(kept: &mut BTreeMap<String, Arc<Work>>, is_one: impl Fn(&Work) -> bool) -> bool {
    let ended = kept
        .values()
        .filter(|work| is_one(work) && work.ended().is_some());
    let oldest = ended.min_by_key(|work| work.begun);
    let oldest = oldest.map(|work| work.id.clone());
    oldest.is_some_and(|id| kept.remove(&id).is_some())
}

impl Owner {
    fn of(visit: &Visit) -> Self {
        Self(visit.visitor.0.user.clone(), visit.caller().key)
    }
}

impl Work {
    /// Returns what came of it; `None` while it goes on.
    pub(crate) fn ended(&self) -> Option<Ended> {
        self.ended.borrow().clone()
    }

    /// Waits until it has ended.
    pub(crate) async fn end(&self) {
        let mut ended = self.ended.clone();
        // Whoever was to tell is gone: then there is nothing to wait for.
        let _ = ended.wait_for(Option::is_some).await;
    }

    /// Returns how many bytes of files its result holds.
    fn bytes(&self) -> usize {
        let ended = self.ended.borrow();
        let outcome = ended.as_ref().map(|ended| &*ended.outcome);
        outcome.map_or(0, |outcome| outcome.as_ref().map_or(0, Outcome::bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::oneshot;
    use varde_test_support::TestClock;

    use super::*;

    fn owner(name: &str) -> Owner {
        Owner(name.to_owned(), KeyId(uuid::Uuid::nil()))
    }

    fn begin(
        works: &Works,
        id: &str,
        work: impl Future<Output = Result<Outcome, ApiError>> + Send + 'static,
    ) -> Result<(), ApiError> {
        let clock: Arc<dyn Clock> = Arc::new(TestClock::default());
        let what = What::Examine("a file".to_owned());
        works.start(clock, (id.to_owned(), owner("ada"), what), work)
    }

    async fn ended(works: &Works, id: &str) -> Arc<Result<Outcome, ApiError>> {
        let work = works.kept().get(id).cloned().expect("a work");
        work.end().await;
        work.ended().expect("an end").outcome
    }

    #[tokio::test]
    async fn so_many_are_done_at_a_time_and_more_are_told_that_it_is_busy() {
        let works = Works::default();
        for id in 0..AT_ONCE_MAX {
            begin(&works, &id.to_string(), pending()).expect("a place");
        }
        let refused = begin(&works, "more", pending()).expect_err("no place");
        assert!(matches!(refused, ApiError::Store(StoreError::Busy)));
        assert_eq!(
            works.kept().len(),
            usize::try_from(AT_ONCE_MAX).unwrap_or_default()
        );
    }

    #[tokio::test]
    async fn a_work_that_panics_ends_and_gives_its_place_back() {
        let works = Works::default();
        for id in 0..AT_ONCE_MAX * 2 {
            begin(&works, &id.to_string(), async { panic!("a test's own") }).expect("a place");
            let outcome = ended(&works, &id.to_string()).await;
            assert!(matches!(&*outcome, Err(ApiError::Internal(_))));
            // Its place is given back behind its end.
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn whoever_stops_waits_for_what_is_under_way_and_nothing_begins_after_that() {
        let works = Works::default();
        let (let_go, held) = oneshot::channel();
        begin(&works, "held", async move {
            let _ = held.await;
            Err(ApiError::Internal("it went on"))
        })
        .expect("a place");
        let finish = tokio::spawn({
            let works = works.clone();
            async move { works.finish().await }
        });
        tokio::task::yield_now().await;
        assert!(!finish.is_finished(), "it waits");
        let_go.send(()).expect("somebody waits");
        finish.await.expect("an end");
        assert!(ended(&works, "held").await.is_err());
        assert!(begin(&works, "late", pending()).is_err());
    }

    #[tokio::test]
    async fn of_one_person_so_many_are_kept_and_the_oldest_goes_first() {
        let works = Works::default();
        for number in 0..=OF_ONE_MAX {
            let id = format!("{number:03}");
            begin(&works, &id, async { Err(ApiError::Internal("done")) }).expect("a place");
            let _ = ended(&works, &id).await;
            tokio::task::yield_now().await;
        }
        let kept = works.kept();
        assert_eq!(kept.len(), OF_ONE_MAX);
        assert!(!kept.contains_key("000") && kept.contains_key("020"));
    }

    #[tokio::test]
    async fn a_day_later_a_result_is_kept_no_more() {
        let works = Works::default();
        begin(&works, "old", async { Err(ApiError::Internal("done")) }).expect("a place");
        let _ = ended(&works, "old").await;
        let then = works.kept()["old"].begun;
        forget_old(&mut works.kept(), Stored(then.0 + KEPT_FOR - 1));
        assert_eq!(works.kept().len(), 1);
        forget_old(&mut works.kept(), Stored(then.0 + KEPT_FOR));
        assert!(works.kept().is_empty());
    }
}
