//! Comparing what holds with what was told, and telling what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use prometheus::IntCounterVec;
use varde_core::outbox::{Answer, Attempt, Kept};
use varde_core::ports::Expected;
use varde_core::{Clock, StoreError};
use varde_xapi::Stored;

use super::book::{Alarm, AlarmBook, Noted};
use super::message::{Delivery, Message};
use super::{AlarmTarget, Condition, Conditions, Event, Finding};
use crate::attempts::{Words, note};
use crate::followers::{Follower, Trouble};
use crate::web::Web;

/// How often it is looked, in microseconds.
const LOOK_MICROS: i64 = 60_000_000;
/// How long nothing may be found until an alarm is over, in microseconds: what comes and goes is one alarm.
const CLEAR_MICROS: i64 = 10 * 60_000_000;
const HOUR_MICROS: i64 = 3_600_000_000;
/// How long it takes at most until a message is sent that is due.
const NOTICED_WITHIN: Duration = Duration::from_secs(5);
const WORDS: Words = Words {
    done: "told of an alarm",
    again: "not told of an alarm; it is tried again",
    given_up: "not told of an alarm and given up; `varde alarms test` tries the target",
};

/// Tells people what they have to look at.
///
/// Of several processes on one store one should step at a time.
#[derive(Debug)]
pub(crate) struct Alarms {
    /// What is looked at.
    pub(crate) conditions: Conditions,
    /// Who is told.
    pub(crate) targets: Vec<AlarmTarget>,
    /// What was told.
    pub(crate) book: AlarmBook,
    /// Calls addresses.
    pub(crate) web: Web,
    /// The address that names this Varde.
    pub(crate) url: String,
    /// Counts messages.
    pub(crate) messages: IntCounterVec,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// What only this process remembers.
    pub(crate) memory: Memory,
}

/// What a process remembers between steps.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// When it was looked last.
    looked: Mutex<Option<Stored>>,
    /// What was told and could not be put on record, since nothing can be written.
    unrecorded: Mutex<BTreeSet<String>>,
}

impl Alarms {
    /// Looks where that is due, and makes the attempt that is due first. Returns the lines that the
    /// log got; none where there was nothing to do.
    pub(crate) async fn advance(&self) -> Result<Vec<Attempt>, StoreError> {
        if self.is_due() {
            self.look().await?;
        }
        let now = self.clock.now();
        match due(self.book.outbox.waiting().await?, &self.targets, now) {
            Some((kept, target)) => {
                let carried = self.carry(target, &kept.delivery);
                self.book.outbox.attempt(&kept, carried).await
            }
            None => Ok(Vec::new()),
        }
    }

    fn is_due(&self) -> bool {
        let now = self.clock.now();
        let mut looked = self
            .memory
            .looked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_due = looked.is_none_or(|last| (now.0 - last.0).abs() >= LOOK_MICROS);
        if is_due {
            *looked = Some(now);
        }
        is_due
    }

    async fn look(&self) -> Result<(), StoreError> {
        let mut noted = self.book.noted().await?;
        for condition in Condition::EACH {
            let found = match self.conditions.look(condition).await {
                Ok(found) => found,
                Err(error) => {
                    // Whether it holds is not known, so what was told stays as it is.
                    tracing::warn!(condition = condition.name(), %error, "an alarm was not looked for");
                    continue;
                }
            };
            for finding in found {
                let before = noted.remove(&finding.key());
                self.holds(before, &finding).await?;
            }
            let gone = noted.extract_if(.., |_, one| one.alarm.condition == condition);
            for (_, before) in gone.collect::<Vec<_>>() {
                self.holds_not(before).await?;
            }
        }
        Ok(())
    }

    /// Takes in that a condition holds.
    async fn holds(&self, before: Option<Noted>, finding: &Finding) -> Result<(), StoreError> {
        let now = self.clock.now();
        let expected = before
            .as_ref()
            .map_or(Expected::Absent, |noted| Expected::Version(noted.version));
        let lasting = before.filter(|noted| noted.alarm.ended.is_none());
        let Some(Noted { mut alarm, .. }) = lasting else {
            return self.begin(finding, expected).await;
        };
        let again = i64::from(self.conditions.bounds.again_hours) * HOUR_MICROS;
        let is_told = again == 0 || now.0 - alarm.told.0 < again;
        if is_told && alarm.clear.is_none() {
            return Ok(());
        }
        alarm.found_again(finding);
        let messages = if is_told {
            Vec::new()
        } else {
            alarm.told = now;
            self.messages(&alarm, Event::Lasts, now)
        };
        self.book.note(&alarm, expected, &messages).await.map(drop)
    }

    async fn begin(&self, finding: &Finding, expected: Expected) -> Result<(), StoreError> {
        let now = self.clock.now();
        let alarm = Alarm::new(finding, now);
        let messages = self.messages(&alarm, Event::Began, now);
        let was_told = self.unrecorded().contains(&alarm.key);
        let told = if was_told { &[] } else { &messages[..] };
        match self.book.note(&alarm, expected, told).await {
            Ok(_) => {
                self.unrecorded().remove(&alarm.key);
                Ok(())
            }
            // That nothing can be written is what people most need to hear of.
            Err(StoreError::Unwritable { .. }) if !was_told => {
                self.tell_unrecorded(&alarm.key, &messages).await;
                Ok(())
            }
            Err(StoreError::Unwritable { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes in that a condition holds no more.
    async fn holds_not(&self, before: Noted) -> Result<(), StoreError> {
        let Noted { mut alarm, version } = before;
        let now = self.clock.now();
        let messages = match (alarm.ended, alarm.clear) {
            (Some(_), _) => return Ok(()),
            (None, None) => {
                alarm.clear = Some(now);
                Vec::new()
            }
            (None, Some(clear)) if now.0 - clear.0 < CLEAR_MICROS => return Ok(()),
            (None, Some(clear)) => {
                alarm.ended = Some(clear);
                self.messages(&alarm, Event::Ended, now)
            }
        };
        let expected = Expected::Version(version);
        self.book.note(&alarm, expected, &messages).await.map(drop)
    }

    /// Makes the messages of an alarm for everybody who is told of its condition.
    fn messages(&self, alarm: &Alarm, event: Event, now: Stored) -> Vec<Delivery> {
        let told = self.targets.iter();
        let told = told.filter(|target| target.on.contains(&alarm.condition));
        told.map(|target| Delivery::of(alarm.message(event), now, &target.name, Some(now)))
            .collect()
    }

    /// Tells of an alarm once without a record of it. Where nobody can be told it is tried again.
    async fn tell_unrecorded(&self, alarm: &str, messages: &[Delivery]) {
        let mut arrived = messages.is_empty();
        for message in messages {
            let mut targets = self.targets.iter();
            let Some(target) = targets.find(|target| target.name == message.target) else {
                continue;
            };
            match self.carry(target, message).await {
                Ok(answer) => {
                    arrived = true;
                    tracing::warn!(
                        alarm,
                        target = target.name,
                        detail = answer.detail,
                        "told of an alarm, which could not be put on record"
                    );
                }
                Err(answer) => tracing::warn!(
                    alarm,
                    target = target.name,
                    detail = answer.detail,
                    "an alarm was neither told nor put on record; it is tried again"
                ),
            }
        }
        if arrived {
            self.unrecorded().insert(alarm.to_owned());
        }
    }

    fn unrecorded(&self) -> MutexGuard<'_, BTreeSet<String>> {
        let unrecorded = self.memory.unrecorded.lock();
        unrecorded.unwrap_or_else(PoisonError::into_inner)
    }

    async fn carry(&self, target: &AlarmTarget, delivery: &Delivery) -> Result<Answer, Answer> {
        let sent = (self.clock.now(), &*self.url);
        let carried = target.way.carry(&self.web, delivery, sent).await;
        let outcome = if carried.is_ok() { "told" } else { "failed" };
        let labels = [target.name.as_str(), outcome];
        self.messages.with_label_values(&labels).inc();
        carried
    }
}

/// Returns what is due first. To each target messages go in the order in which things happened, so
/// that nobody hears of an end before the beginning.
fn due(
    waiting: Vec<Kept<Message>>,
    targets: &[AlarmTarget],
    now: Stored,
) -> Option<(Kept<Message>, &AlarmTarget)> {
    let mut first = BTreeMap::<String, Kept<Message>>::new();
    for kept in waiting {
        let of = |kept: &Kept<Message>| (kept.delivery.happened, kept.delivery.id);
        match first.get(&kept.delivery.target) {
            Some(other) if of(other) < of(&kept) => {}
            _ => {
                first.insert(kept.delivery.target.clone(), kept);
            }
        }
    }
    let due = first.into_values().filter_map(|kept| {
        let next = kept.delivery.next.filter(|next| *next <= now)?;
        let target = targets
            .iter()
            .find(|one| one.name == kept.delivery.target)?;
        Some((next, kept, target))
    });
    let (_, kept, target) = due.min_by_key(|(next, kept, _)| (*next, kept.delivery.happened))?;
    Some((kept, target))
}

#[async_trait]
impl Follower for Alarms {
    fn name(&self) -> &'static str {
        "the alarms"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let lines = self.advance().await?;
        for line in &lines {
            note(line, &WORDS);
        }
        Ok(!lines.is_empty())
    }

    async fn rest(&self) -> Result<(), Trouble> {
        tokio::time::sleep(NOTICED_WITHIN).await;
        Ok(())
    }
}
