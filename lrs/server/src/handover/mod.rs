//! Bringing packs and releases to the operator's folders and webhooks.
//!
//! - [`Couriers`]: knows the way to each target.
//! - `folder`: a folder drop, whole or not at all.
//! - `webhook`: a signed message to a fixed address.

mod folder;
#[cfg(test)]
mod tests;
mod webhook;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use varde_interreg::handover::{Answer, Courier, Handovers, Parcel, Target};

pub(crate) use self::webhook::Webhook;
use crate::attempts::{Words, note};
use crate::config::HandoverSection;
use crate::exit::Failure;
use crate::followers::{Follower, Trouble};
use crate::web::Web;

/// How long it takes at most until something that happened is noticed: processes on one database
/// are not told by each other.
const NOTICED_WITHIN: Duration = Duration::from_secs(5);
const WORDS: Words = Words {
    done: "handed over",
    again: "not handed over; it is tried again",
    given_up: "not handed over and given up; `varde handover retry` tries again",
};

/// How a target is reached.
#[derive(Debug)]
pub(crate) enum Way {
    /// By putting files into a folder.
    Folder(PathBuf),
    /// By calling an address.
    Webhook(Box<Webhook>),
}

/// Carries parcels to the targets of the configuration, and nowhere else.
#[derive(Debug)]
pub(crate) struct Couriers {
    ways: BTreeMap<String, Way>,
    web: Web,
}

impl Couriers {
    /// Knows the way to each target by its name.
    pub(crate) fn new(ways: BTreeMap<String, Way>, web: Web) -> Self {
        Self { ways, web }
    }

    /// Reads the targets of the configuration, with the secrets of webhooks.
    pub(crate) fn of(sections: &[HandoverSection]) -> Result<(Vec<Target>, Arc<Self>), Failure> {
        let mut ways = BTreeMap::new();
        for section in sections {
            ways.insert(section.name.clone(), section.way()?);
        }
        let targets = sections.iter().map(HandoverSection::target).collect();
        Ok((targets, Arc::new(Self::new(ways, Web::new()))))
    }
}

#[async_trait]
impl Courier for Couriers {
    async fn carry(&self, target: &str, parcel: &Parcel) -> Result<Answer, Answer> {
        match self.ways.get(target) {
            Some(Way::Folder(folder)) => folder::carry(folder, parcel).await,
            Some(Way::Webhook(webhook)) => webhook.carry(&self.web, parcel).await,
            None => Err(Answer {
                status: None,
                detail: "the configuration has no such target".to_owned(),
            }),
        }
    }
}

#[async_trait]
impl Follower for Handovers {
    fn name(&self) -> &'static str {
        "the hand-over of reports"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let lines = Self::step(self).await?;
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
