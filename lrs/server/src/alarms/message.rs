//! What people are told of an alarm.

use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::StoreError;
use varde_core::outbox::{self, Subject};
use varde_xapi::Stored;

/// What happened to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Event {
    /// It began.
    Began,
    /// It lasts, and was told some time ago.
    Lasts,
    /// It is over.
    Ended,
    /// There is none: somebody tries whether messages arrive.
    Test,
}

impl Event {
    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Lasts => "lasts",
            Self::Ended => "ended",
            Self::Test => "test",
        }
    }
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// What happened.
    pub(crate) event: Event,
    /// The key of the alarm.
    pub(crate) alarm: String,
    /// Since when it lasts.
    pub(crate) since: Stored,
    /// What it is in a few words.
    pub(crate) title: String,
    /// What was found last.
    pub(crate) found: String,
    /// What to do.
    pub(crate) mend: String,
}

/// A message on its way to a target.
pub(crate) type Delivery = outbox::Delivery<Message>;

impl Subject for Message {
    fn name(&self) -> String {
        format!("alarm/{}/{}/{}", self.alarm, self.since, self.event.name())
    }

    fn what(&self) -> String {
        format!("{} {}", self.alarm, self.event.name())
    }
}

impl Message {
    /// Makes the message by which somebody tries a target.
    pub(crate) fn test(now: Stored) -> Self {
        Self {
            event: Event::Test,
            alarm: "test".to_owned(),
            since: now,
            title: "test of alarms".to_owned(),
            found: "Somebody tries whether messages arrive. There is no alarm.".to_owned(),
            mend: "Nothing.".to_owned(),
        }
    }

    /// Returns the subject line of a mail.
    pub(super) fn subject(&self) -> String {
        let before = match self.event {
            Event::Began | Event::Test => "",
            Event::Lasts => "still: ",
            Event::Ended => "over: ",
        };
        format!("Varde: {before}{}", self.title)
    }

    /// Returns the text of a mail.
    pub(super) fn text(&self, delivery: &Delivery, url: &str) -> String {
        let Self {
            alarm,
            since,
            found,
            mend,
            ..
        } = self;
        let said = match self.event {
            Event::Ended => format!(
                "This is over. It lasted from {since} to {}. The last that was found:\n\n{found}",
                delivery.happened
            ),
            _ => format!("{found}\n\nWhat to do: {mend}"),
        };
        format!("{said}\n\nAlarm: {alarm}\nSince: {since}\nVarde: {url}\n")
    }

    /// Returns the body of a webhook, in the form of Standard Webhooks.
    pub(super) fn json(&self, delivery: &Delivery, url: &str) -> Result<Vec<u8>, StoreError> {
        let said = json!({
            "delivery": delivery.id,
            "alarm": self.alarm,
            "since": self.since,
            "title": self.title,
            "found": self.found,
            "mend": self.mend,
            "varde": url,
        });
        let of = format!("alarm.{}", self.event.name());
        let message = json!({ "type": of, "timestamp": delivery.happened, "data": said });
        serde_json::to_vec(&message).map_err(StoreError::failed)
    }
}
