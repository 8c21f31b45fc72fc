//! `varde alarms list | test`

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::outbox::State;

use crate::alarms::{Alarm, Delivery, Message};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;
use crate::web::Web;

/// Shows alarms, and tries whether those who are told of them are reached.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum AlarmsCommand {
    /// Lists the alarms that last and those that are over, and the messages that did not arrive.
    List(AlarmsListArgs),
    /// Sends a test message to a target of the config file, and says what it answers.
    Test(AlarmsTestArgs),
}

/// The flags of `varde alarms list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct AlarmsListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Prints the list as JSON, with every message.
    #[arg(long)]
    json: bool,
}

/// The flags of `varde alarms test`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct AlarmsTestArgs {
    /// The target, by its name in the config file.
    name: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
}

#[async_trait]
impl StoreCommand for AlarmsListArgs {
    fn name(&self) -> &'static str {
        "alarms list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let book = parts.alarm_book();
        let (alarms, messages) = (book.all().await?, book.outbox.all().await?);
        let said = if self.json {
            let said = json!({ "alarms": alarms, "messages": messages });
            format!("{said}\n")
        } else {
            as_text(alarms, &messages)
        };
        desk.print(said).await
    }
}

/// Shows what lasts first, and each the latest first.
fn as_text(mut alarms: Vec<Alarm>, messages: &[Delivery]) -> String {
    if alarms.is_empty() {
        return "  there was no alarm yet; who is told stands under [[alarm]] in the config file\n"
            .to_owned();
    }
    alarms.sort_by_key(|alarm| (alarm.ended.is_some(), std::cmp::Reverse(alarm.since)));
    let head = ["Alarm", "Since", "Over", "Found"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(alarms.into_iter().map(|alarm| {
        let over = alarm.ended.map(|ended| ended.to_string());
        let over = over.unwrap_or_default();
        vec![alarm.key, alarm.since.to_string(), over, alarm.found]
    }));
    let mut text = columns(&rows, &[]);
    let open = |one: &&Delivery| matches!(one.state, State::Waiting | State::GivenUp);
    let head = ["Target", "Message", "Happened", "State", "Attempts", "Next"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(messages.iter().filter(open).map(|one| {
        vec![
            one.target.clone(),
            one.what(),
            one.happened.to_string(),
            one.state.name().to_owned(),
            one.attempts.to_string(),
            one.next.map(|next| next.to_string()).unwrap_or_default(),
        ]
    }));
    if rows.len() > 1 {
        text.push_str("\n  Not told yet:\n");
        text.push_str(&columns(&rows, &[4]));
    }
    text
}

#[async_trait]
impl StoreCommand for AlarmsTestArgs {
    fn name(&self) -> &'static str {
        "alarms test"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let config = desk.config();
        let Some(section) = config.alarm.iter().find(|one| one.name == self.name) else {
            let names: Vec<&str> = config.alarm.iter().map(|one| &*one.name).collect();
            let sentence = format!(
                "no [[alarm]] of the config file has the name `{}`; it names: {}",
                self.name,
                names.join(", ")
            );
            return Err(Failure::new(Exit::NoInput, sentence));
        };
        let target = section.target()?;
        let now = parts.clock.now();
        let message = Delivery::of(Message::test(now), now, &target.name, None);
        let sent = (now, &*config.http.public_url);
        match target.way.carry(&Web::new(), &message, sent).await {
            Ok(answer) => {
                let said = format!("  {} was told: {}\n", self.name, answer.detail);
                desk.print(said).await
            }
            Err(answer) => {
                let sentence = format!("{} was not told: {}", self.name, answer.detail);
                Err(Failure::new(Exit::Unavailable, sentence))
            }
        }
    }
}
