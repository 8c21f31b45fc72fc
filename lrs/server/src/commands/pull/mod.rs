//! Statements pulled from another record store.
//!
//! - [`source`]: the other record store, asked; [`answer`]: what it answers.
//! - [`course`]: how far a pull has come; [`memory`]: what of that the store remembers.
//! - [`data`]: the data of attachments.

mod answer;
mod course;
mod data;
mod memory;
mod source;

use std::sync::Arc;

use serde::Serialize;
use tokio::time::sleep;
use varde_core::Clock as _;
use varde_xapi::{StatementId, Stored};

use self::answer::Answer;
use self::course::Course;
use self::data::{DataKeeper, Ended, Wrong};
use self::memory::{Memory, Refusal};
use self::source::{Source, back_off};
use super::taking::{Fate, Ready, Taker, Unfit, read};
use crate::ambient::SystemClock;
use crate::desk::{Desk, WrittenFile};
use crate::exit::{Exit, Failure};
use crate::wiring::Parts;

/// How many statements are stored at once.
const BATCH: usize = 500;
/// How often a page that breaks off is asked for.
const PAGE_TRIES_MAX: u32 = 3;
const HOUR_MICROS: i64 = 3_600 * 1_000_000;

/// What a pull came to.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Tally {
    /// Statements that were stored.
    pub(super) taken: u64,
    /// Statements that stood here already.
    pub(super) known: u64,
    /// Statements whose id another statement has here.
    pub(super) conflicting: u64,
    /// Statements that were refused.
    pub(super) refused: u64,
    /// Attachments whose data was kept.
    pub(super) attachments: u64,
    /// The bytes of those.
    pub(super) attachment_bytes: u64,
}

impl Tally {
    fn keep(&mut self, bytes: u64) {
        self.attachments += 1;
        self.attachment_bytes += bytes;
    }

    fn statements(&self) -> u64 {
        self.taken + self.known + self.conflicting + self.refused
    }
}

/// A pull on its way.
#[derive(Debug)]
pub(super) struct Pull {
    source: Source,
    taker: Taker,
    keeper: DataKeeper,
    memory: Memory,
    /// What it came to so far.
    pub(super) tally: Tally,
}

/// Where a page is.
enum Place {
    /// The first of what was stored after an instant, if any.
    Since(Option<Stored>),
    /// Behind a `more` link.
    More(String),
}

/// A page as it was read: what can be stored, what cannot, and the instants that it shows.
#[derive(Default)]
struct Sorted {
    ready: Vec<Ready>,
    refused: Vec<Refusal>,
    stored: Vec<Stored>,
}

impl Pull {
    /// Finds the source at an address; `credentials` are `name:secret`.
    pub(super) async fn begin(
        parts: &Parts,
        taker: Taker,
        (from, credentials): (&str, &str),
    ) -> Result<Self, Failure> {
        let source = Source::find(from, credentials).await?;
        let space = taker.caller.space.clone();
        let records = Arc::clone(&parts.records);
        Ok(Self {
            memory: Memory::new(records, &space, &source.endpoint),
            keeper: DataKeeper {
                attachments: parts.store.attachments(),
                space,
            },
            source,
            taker,
            tally: Tally::default(),
        })
    }

    /// Returns the address that is pulled from.
    pub(super) fn endpoint(&self) -> &str {
        &self.source.endpoint
    }

    /// Forgets how far earlier pulls from the source have come, and what they refused.
    pub(super) async fn forget(&self) -> Result<(), Failure> {
        self.memory.forget().await
    }

    /// Pulls everything that the source has and that was not pulled before.
    pub(super) async fn run(&mut self, desk: &Desk) -> Result<(), Failure> {
        let since = self.memory.from().await?;
        let mut course = None;
        let mut at = Place::Since(since);
        loop {
            let more = self.page_at(&at, &mut course).await?;
            let course = course.get_or_insert_default();
            self.progress(desk, course)?;
            let Some(link) = more else {
                return self.memory.note(course.end(), &[]).await;
            };
            let follow = course.follow(&link);
            follow.map_err(|why| self.source.senseless(&why))?;
            at = Place::More(link);
        }
    }

    /// Asks for a page and takes it in, again where it breaks off in the middle.
    async fn page_at(
        &mut self,
        at: &Place,
        course: &mut Option<Course>,
    ) -> Result<Option<String>, Failure> {
        let mut tries = 0;
        loop {
            let before = self.tally;
            let taken = match self.ask(at).await {
                Ok(answer) => {
                    let course = course.get_or_insert_with(|| Course::begin(answer.through));
                    self.page(answer, course).await
                }
                Err(failure) => Err(failure),
            };
            tries += 1;
            match taken {
                Err(failure) if failure.exit == Exit::Unavailable && tries < PAGE_TRIES_MAX => {
                    self.tally = before;
                    sleep(back_off(tries)).await;
                }
                taken => return taken,
            }
        }
    }

    async fn ask(&self, at: &Place) -> Result<Answer, Failure> {
        match at {
            Place::Since(since) => self.source.first(*since).await,
            Place::More(link) => self.source.more(link).await,
        }
    }

    fn progress(&self, desk: &Desk, course: &Course) -> Result<(), Failure> {
        let Some((first, last)) = course.range() else {
            return Ok(());
        };
        // How many there are nobody says, but when they end.
        let hours = |until: Stored| (until.0.saturating_sub(first.0) / HOUR_MICROS).unsigned_abs();
        let what = format!(
            "{} statements came, in hours of the source's time",
            self.tally.statements()
        );
        let now = SystemClock.now().max(last);
        desk.progress(&what, hours(last), hours(now))
    }

    /// Takes a page in, and returns the link to the next.
    async fn page(
        &mut self,
        mut answer: Answer,
        course: &mut Course,
    ) -> Result<Option<String>, Failure> {
        let page = answer.page().map_err(|why| self.source.senseless(&why))?;
        let more = page.more.filter(|link| !link.is_empty());
        let texts = page.statements.iter().map(|text| text.get().as_bytes());
        let mut sorted = sort(texts);
        answer.statements = Vec::new();
        let wrong = self.keep(&mut answer, &sorted.ready).await?;
        self.take_voided(&mut sorted).await?;
        self.take(&mut sorted, &wrong).await?;
        course.page(&sorted.stored);
        self.memory.note(course.resume(), &sorted.refused).await?;
        Ok(more)
    }

    /// Keeps the data of attachments that comes behind statements.
    async fn keep(&mut self, answer: &mut Answer, ready: &[Ready]) -> Result<Wrong, Failure> {
        let Some(parts) = &mut answer.parts else {
            return Ok(Wrong::new());
        };
        let named: Vec<&Ready> = ready.iter().collect();
        let kept = self.keeper.keep(parts, &named, &mut self.tally).await;
        kept.map_err(|ended| match ended {
            Ended::Source(broken) => self.source.broken(broken),
            Ended::Store(failure) => failure,
        })
    }

    /// Stores what is ready, and notes what is not taken.
    async fn take(&mut self, sorted: &mut Sorted, wrong: &Wrong) -> Result<(), Failure> {
        self.tally.refused += sorted.refused.len() as u64;
        let mut whole = Vec::new();
        for ready in std::mem::take(&mut sorted.ready) {
            match self.keeper.check(&ready, wrong).await? {
                Ok(()) => whole.push(ready),
                Err(unfit) => {
                    self.tally.refused += 1;
                    let id = ready.id.to_string();
                    sorted.refused.push(Refusal::new(id, &unfit));
                }
            }
        }
        for batch in whole.chunks(BATCH) {
            let fates = self.taker.take(batch).await?;
            for (ready, fate) in batch.iter().zip(fates) {
                sorted.refused.extend(self.count(ready.id, fate));
            }
        }
        Ok(())
    }

    fn count(&mut self, id: StatementId, fate: Fate) -> Option<Refusal> {
        let unfit = match fate {
            Fate::New => {
                self.tally.taken += 1;
                return None;
            }
            Fate::Known => {
                self.tally.known += 1;
                return None;
            }
            Fate::Conflicting(_) => {
                self.tally.conflicting += 1;
                let why = "the statement that has this id here".to_owned();
                Unfit::Other {
                    rule: "conflict",
                    why,
                }
            }
            Fate::Refused(unfit) => {
                self.tally.refused += 1;
                unfit
            }
        };
        Some(Refusal::new(id.to_string(), &unfit))
    }

    /// Takes the statements in that others of a page void, which no page shows.
    async fn take_voided(&mut self, page: &mut Sorted) -> Result<(), Failure> {
        let voided: Vec<_> = page
            .ready
            .iter()
            .filter_map(|ready| varde_xapi::voids(&ready.received.statement))
            .collect();
        for id in voided {
            if self.taker.knows(id).await? {
                continue;
            }
            let Some(mut answer) = self.source.voided(id).await? else {
                continue;
            };
            let text = std::mem::take(&mut answer.statements);
            let mut sorted = sort([text.as_slice()].into_iter());
            sorted.ready.retain(|ready| ready.id == id);
            let wrong = self.keep(&mut answer, &sorted.ready).await?;
            self.take(&mut sorted, &wrong).await?;
            page.refused.extend(sorted.refused);
        }
        Ok(())
    }

    /// Writes what was refused of the source, now and earlier, a line of JSON each.
    pub(super) async fn write_refused(&self, to: WrittenFile<'_>) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let (refused, next) = self.memory.refused(after).await?;
            if refused.is_empty() {
                return to.end().await;
            }
            let mut lines = Vec::new();
            for refusal in refused {
                serde_json::to_writer(&mut lines, &refusal)
                    .map_err(|error| Failure::new(Exit::Software, error.to_string()))?;
                lines.push(b'\n');
            }
            to.write(lines).await?;
            after = next;
        }
    }
}

/// Reads the statements of a page.
fn sort<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Sorted {
    let mut sorted = Sorted::default();
    for text in texts {
        match read(text) {
            Ok(Some(ready)) => {
                sorted.stored.extend(ready.original);
                sorted.ready.push(ready);
            }
            Ok(None) => {}
            Err(unfit) => {
                let (id, stored) = told(text);
                sorted.stored.extend(stored);
                sorted.refused.push(Refusal::new(id, &unfit));
            }
        }
    }
    sorted
}

/// Returns what names a statement that cannot be read, and when it was stored, as far as it says so.
fn told(text: &[u8]) -> (String, Option<Stored>) {
    let value: serde_json::Value = serde_json::from_slice(text).unwrap_or_default();
    let stored = value["stored"].as_str().map(Stored::parse);
    let stored = stored.and_then(Result::ok);
    // Only what is an id is one: anything else might name somebody.
    let id = value["id"]
        .as_str()
        .and_then(|id| uuid::Uuid::try_parse(id).ok());
    let id = match (id, stored) {
        (Some(id), _) => id.to_string(),
        (None, Some(stored)) => format!("without an id, stored {stored}"),
        (None, None) => "without an id".to_owned(),
    };
    (id, stored)
}
