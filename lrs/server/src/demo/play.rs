//! Plays the programme into the server, as its front ends would over some months.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::Value;

use super::client::Client;
use super::cmi5;
use super::programme::{self, Event, FrontEnd, Oddity, Participation};
use crate::exit::Failure;

/// How many statements Moodle gathers before it sends them.
const MOODLE_BATCH: usize = 25;

/// One request of a front end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    /// Who sends it.
    pub(crate) front_end: FrontEnd,
    /// The statements: several only from Moodle.
    pub(crate) statements: Vec<Value>,
}

/// What was played.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Played {
    /// How many statements each front end sent.
    pub(crate) statements: BTreeMap<FrontEnd, usize>,
    /// The last answer's Consistent-Through: everything sent before is visible up to there.
    pub(crate) consistent_through: String,
}

/// Returns all requests in the order in which they arrive.
pub(crate) fn messages() -> Result<Vec<Message>, Failure> {
    let programme = programme::read()?;
    let (mut in_time, mut late) = (Vec::new(), Vec::new());
    for participation in &programme {
        let events = participation.events()?;
        match participation.remark {
            Some(Oddity::Late) => late.extend(events),
            _ => in_time.extend(events),
        }
    }
    // A stable sort keeps the order of what one front end says in the same minute.
    in_time.sort_by_key(|event| event.at);
    let mut messages = in_batches(in_time);
    for participation in &programme {
        messages.extend(sent_again(participation)?);
    }
    messages.extend(in_batches(late));
    Ok(messages)
}

/// Gathers Moodle's statements into batches and leaves the others alone.
fn in_batches(events: Vec<Event>) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut batch = Vec::new();
    for Event {
        front_end,
        statement,
        ..
    } in events
    {
        if front_end == FrontEnd::Moodle {
            batch.push(statement);
            if batch.len() == MOODLE_BATCH {
                messages.push(Message {
                    front_end,
                    statements: std::mem::take(&mut batch),
                });
            }
        } else {
            messages.push(Message {
                front_end,
                statements: vec![statement],
            });
        }
    }
    if !batch.is_empty() {
        messages.push(Message {
            front_end: FrontEnd::Moodle,
            statements: batch,
        });
    }
    messages
}

/// Returns what arrives for a participation beside its own statements: repeats and voiding.
fn sent_again(participation: &Participation) -> Result<Vec<Message>, Failure> {
    let again = |event: Event| event.statement;
    let front_end = participation.front_end;
    let statements = match participation.remark {
        Some(Oddity::Resent) => participation
            .events()?
            .into_iter()
            .map(again)
            .take(1)
            .collect(),
        Some(Oddity::ResentWithoutId) => participation.events()?.into_iter().map(again).collect(),
        Some(Oddity::Voided) => vec![cmi5::voiding(participation, "launched")],
        Some(Oddity::Late | Oddity::OldAccount) | None => return Ok(Vec::new()),
    };
    Ok(vec![Message {
        front_end,
        statements,
    }])
}

/// Sends all messages one after the other; `sent` hears of each.
pub(crate) async fn play(
    client: &Client,
    messages: &[Message],
    mut sent: impl FnMut(&Message),
) -> Result<Played, Failure> {
    let mut played = Played::default();
    for message in messages {
        if let Some(through) = send(client, message).await? {
            played.consistent_through = through;
        }
        *played.statements.entry(message.front_end).or_default() += message.statements.len();
        sent(message);
    }
    Ok(played)
}

async fn send(client: &Client, message: &Message) -> Result<Option<String>, Failure> {
    let answer = match (message.front_end, message.statements.as_slice()) {
        (FrontEnd::Cmi5, [statement]) => {
            let id = statement["id"].as_str().unwrap_or_default();
            let path = format!("/xapi/statements?statementId={id}");
            client.send_json(Method::PUT, &path, statement).await?
        }
        (FrontEnd::H5p, [statement]) => {
            client
                .send_json(Method::POST, "/xapi/statements", statement)
                .await?
        }
        (_, statements) => {
            let batch = Value::from(statements);
            client
                .send_json(Method::POST, "/xapi/statements", &batch)
                .await?
        }
    };
    Ok(answer.consistent_through)
}
