//! `varde demo`: the whole way on a fresh temporary store.
//!
//! - [`material`]: the files; [`programme`]: who takes part in what.
//! - [`moodle`], [`cmi5`], [`h5p`]: what three front ends send, in the shapes they really use.
//! - [`stage`]: the server; [`play`]: the programme into it; [`results`]: what comes out;
//!   [`reporting`]: what is handed in of it.
//! - [`page`]: the results as text. `known_answer.rs` holds what must come out, worked out by hand.

mod client;
mod cmi5;
mod h5p;
#[cfg(test)]
mod known_answer;
mod material;
mod moodle;
mod page;
mod play;
mod programme;
mod reporting;
mod results;
mod stage;

use indicatif::{ProgressBar, ProgressStyle};

use self::play::{Message, Played};
use self::reporting::Submitted;
use self::results::Results;
use self::stage::Stage;
use crate::cli::{DemoArgs, LogFormat};
use crate::config::LogSection;
use crate::exit::Failure;
use crate::lifecycle::Signals;
use crate::terminal::{Look, print};

/// Plays the programme and shows the results; stays up until it is interrupted, unless told
/// to end at once.
pub(crate) async fn run(args: &DemoArgs) -> Result<(), Failure> {
    let filter = LogSection {
        filter: "warn".to_owned(),
        format: Some(LogFormat::Text),
    };
    crate::telemetry::install(&filter)?;
    let look = Look::of_stdout();
    let mut signals = Signals::listen()?;
    let stage = Stage::set_up(args.listen).await?;
    let shown = tokio::select! {
        shown = show(look, &stage) => shown,
        () = signals.first() => return stage.tear_down().await,
    };
    if shown.is_ok() && !args.once {
        print(&page::closing(
            look,
            &stage.base(),
            &stage.key(),
            stage.account(),
        ));
        signals.first().await;
    }
    stage.tear_down().await?;
    shown
}

async fn show(look: Look, stage: &Stage) -> Result<(), Failure> {
    let messages = play::messages()?;
    let bar = ProgressBar::new(messages.len() as u64);
    let style = ProgressStyle::with_template("  {msg:<24} {bar:40.cyan} {pos}/{len}");
    bar.set_style(style.map_err(|error| Failure::software(&error))?);
    let shown = perform(stage, &messages, |message| {
        bar.set_message(format!("{} sends", message.front_end.name()));
        bar.inc(1);
    })
    .await?;
    bar.finish_and_clear();
    print(&page::opening(look, &shown.played, programme::learners()?));
    print(&page::results(look, &shown.results));
    print(&page::reports(look, &shown.reports));
    Ok(())
}

/// What there is to show.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    played: Played,
    results: Results,
    reports: [Submitted; 2],
}

/// Plays all messages, hands in a report of each period, and reads the results.
async fn perform(
    stage: &Stage,
    messages: &[Message],
    sent: impl FnMut(&Message),
) -> Result<Shown, Failure> {
    let client = stage.client();
    let played = play::play(&client, messages, sent).await?;
    let (first, mistaken) = reporting::first(&client).await?;
    let through = reporting::take_back(&client, &mistaken).await?;
    let results = results::read(&client, &through).await?;
    let second = reporting::second(&client).await?;
    Ok(Shown {
        played,
        results,
        reports: [first, second],
    })
}
