//! Which alarms last, on record: what was told stays told when the process ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use varde_core::Clock;
use varde_core::outbox::{Outbox, Places};
use varde_core::ports::{
    Change, Changes, Collection, Expected, KeyRange, Records, StoreError, was_done,
};
use varde_xapi::Stored;

use super::message::{Delivery, Message};
use super::{Condition, Event, Finding};

/// key → [`Alarm`].
const ALARMS: Collection = Collection("alarm");
/// Where messages and their log are kept.
const PLACES: Places = Places {
    waiting: Collection("alarm-waiting"),
    settled: Collection("alarm-settled"),
    attempts: Collection("alarm-attempt"),
};
/// How many records are read at a time.
const READ_AT_A_TIME: usize = 500;

/// An alarm that lasts, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alarm {
    /// Its key.
    #[serde(rename = "alarm")]
    pub(crate) key: String,
    /// What of.
    pub(crate) condition: Condition,
    /// Since when it lasts.
    pub(crate) since: Stored,
    /// What it is in a few words.
    pub(crate) title: String,
    /// What was found last.
    pub(crate) found: String,
    /// What to do.
    pub(crate) mend: String,
    /// When it was told last.
    pub(crate) told: Stored,
    /// Since when nothing was found any more, where it is not over yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clear: Option<Stored>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<Stored>,
}

impl Alarm {
    /// Begins with what was found.
    pub(super) fn new(finding: &Finding, now: Stored) -> Self {
        Self {
            key: finding.key(),
            condition: finding.condition,
            since: now,
            title: finding.title.clone(),
            found: finding.found.clone(),
            mend: finding.mend.clone(),
            told: now,
            clear: None,
            ended: None,
        }
    }

    /// Takes in what was found now.
    pub(super) fn found_again(&mut self, finding: &Finding) {
        self.title.clone_from(&finding.title);
        self.found.clone_from(&finding.found);
        self.mend.clone_from(&finding.mend);
        self.clear = None;
    }

    /// Returns what is told of it.
    pub(super) fn message(&self, event: Event) -> Message {
        Message {
            event,
            alarm: self.key.clone(),
            since: self.since,
            title: self.title.clone(),
            found: self.found.clone(),
            mend: self.mend.clone(),
        }
    }
}

/// The alarms of a store, and the messages of them.
#[derive(Debug, Clone)]
pub(crate) struct AlarmBook {
    records: Arc<dyn Records>,
    /// The messages.
    pub(crate) outbox: Outbox<Message>,
}

/// An alarm with what the next change of it must find.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) alarm: Alarm,
    pub(super) version: u64,
}

impl AlarmBook {
    /// Reads and writes a store's records.
    pub(crate) fn new(records: Arc<dyn Records>, clock: Arc<dyn Clock>) -> Self {
        Self {
            outbox: Outbox::new(PLACES, Arc::clone(&records), clock),
            records,
        }
    }

    /// Returns every alarm that lasts or did, by its key; of one that came several times, the last.
    pub(crate) async fn all(&self) -> Result<Vec<Alarm>, StoreError> {
        let noted = self.noted().await?.into_values();
        Ok(noted.map(|noted| noted.alarm).collect())
    }

    pub(super) async fn noted(&self) -> Result<BTreeMap<String, Noted>, StoreError> {
        let mut range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: READ_AT_A_TIME,
        };
        let mut all = BTreeMap::new();
        loop {
            let page = self.records.range(ALARMS, &range).await?;
            range.after = page.last().map(|record| record.key.clone());
            let is_last = page.len() < READ_AT_A_TIME;
            for record in page {
                let alarm: Alarm =
                    serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                let version = record.version;
                all.insert(alarm.key.clone(), Noted { alarm, version });
            }
            if is_last {
                return Ok(all);
            }
        }
    }

    /// Notes an alarm and what is told of it, both or none. Tells whether it did: not where another
    /// process came first.
    pub(super) async fn note(
        &self,
        alarm: &Alarm,
        expected: Expected,
        told: &[Delivery],
    ) -> Result<bool, StoreError> {
        let mut changes = self.outbox.additions(told)?;
        changes.push(Change {
            collection: ALARMS,
            key: alarm.key.as_bytes().to_vec(),
            value: Some(serde_json::to_vec(alarm).map_err(StoreError::failed)?),
            expected,
        });
        let changes = Changes {
            changes,
            ..Changes::default()
        };
        was_done(self.records.commit(changes).await)
    }
}
