//! How a target is reached.

use std::collections::BTreeSet;

use varde_core::outbox::Answer;
use varde_xapi::Stored;

use super::message::Delivery;
use super::{Condition, Mail};
use crate::handover::Webhook;
use crate::web::Web;

/// How a target is reached.
#[derive(Debug)]
pub(crate) enum AlarmWay {
    /// By mail.
    Mail(Box<Mail>),
    /// By calling an address.
    Webhook(Box<Webhook>),
}

/// Who is told.
#[derive(Debug)]
pub(crate) struct AlarmTarget {
    /// Its name, by which what was told is kept.
    pub(crate) name: String,
    /// Of what.
    pub(crate) on: BTreeSet<Condition>,
    /// How it is reached.
    pub(crate) way: AlarmWay,
}

impl AlarmWay {
    /// Carries a message, within a bounded time. An error says why it did not arrive; whether it did
    /// all the same may be unknown.
    pub(crate) async fn carry(
        &self,
        web: &Web,
        delivery: &Delivery,
        (sent, url): (Stored, &str),
    ) -> Result<Answer, Answer> {
        let message = &delivery.subject;
        match self {
            Self::Mail(mail) => {
                let (subject, text) = (message.subject(), message.text(delivery, url));
                mail.send((delivery.id, sent), subject, text).await
            }
            Self::Webhook(webhook) => {
                let body = message.json(delivery, url).map_err(|error| Answer {
                    status: None,
                    detail: error.to_string(),
                })?;
                webhook.call(web, (delivery.id, sent), body).await
            }
        }
    }
}
