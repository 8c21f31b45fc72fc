//! `varde upgrade`: a store of an earlier version, brought to the format of this one.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use serde::Serialize;
use serde_json::json;
use varde_embedded::DataFolder;
use varde_embedded::upgrade as embedded;
use varde_mongodb::upgrade as mongodb;
use varde_xapi::Stored;

use crate::cli::StoreArgs;
use crate::config::{Config, StoreKind};
use crate::exit::{Exit, Failure};
use crate::noted::Noted;
use crate::store::not_connected;
use crate::terminal::{Bar, columns, print};
use crate::wiring::unopened;

/// The flags of `varde upgrade`.
#[derive(Debug, Clone, Args)]
pub(crate) struct UpgradeArgs {
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Says what is to be done and changes nothing; code 79 where something is.
    #[arg(long)]
    pub(crate) check: bool,
    /// Prints what is to be done, or was, as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is to be done to a store, of whichever kind.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct ToDo {
    /// The format that the store has.
    format: i64,
    /// The format that this version needs.
    needed: i64,
    /// Whether the first migration was begun, and not finished.
    begun: bool,
    migrations: Vec<Step>,
    /// The size of the database in bytes, where that is known.
    bytes: Option<u64>,
    /// When the last event of the log was stored.
    last_event: Option<String>,
    /// When the last backup was made, as far as that is noted; of a database it is not.
    last_backup: Option<String>,
    /// Whether that backup holds the last event; `null` where backups are not noted.
    backed_up: Option<bool>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Step {
    number: i64,
    what: &'static str,
    /// How many rows it goes through, where that can be told before it begins.
    rows: Option<u64>,
}

/// Tells what is to be done, or does it.
pub(crate) async fn upgrade(args: &UpgradeArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let to_do = look(&config).await?;
    if args.check || to_do.migrations.is_empty() {
        print(&shown(&to_do, args.json));
        return match to_do.migrations.len() {
            0 => Ok(()),
            count => {
                let sentence = format!("{count} to be done: type `varde upgrade`");
                Err(Failure::new(Exit::Outdated, sentence))
            }
        };
    }
    if to_do.backed_up == Some(false) {
        eprintln!("varde: no backup of this folder is noted that holds its last event");
    }
    let done = match config.store.kind {
        StoreKind::Embedded => in_folder(config.store.data()?)?,
        StoreKind::Mongodb => mongodb::upgrade(config.store.uri()?)
            .await
            .map_err(|error| not_connected(&error))?,
    };
    let format = to_do.needed;
    print(&if args.json {
        format!("{}\n", json!({ "done": done, "format": format }))
    } else {
        format!("  {done} done; the store has format {format}\n")
    });
    Ok(())
}

fn in_folder(data: &Path) -> Result<usize, Failure> {
    let locked = DataFolder::lock(data).map_err(|error| unopened(&error))?;
    let mut bar = Bar::default();
    let done = embedded::upgrade(&locked, &mut |progress| {
        bar.show(progress.what, progress.done, progress.of);
    });
    bar.clear();
    done.map_err(|error| unopened(&error))
}

async fn look(config: &Config) -> Result<ToDo, Failure> {
    let to_do = match config.store.kind {
        StoreKind::Embedded => look_in_folder(config.store.data()?)?,
        StoreKind::Mongodb => {
            let plan = mongodb::plan(config.store.uri()?).await;
            let plan = plan.map_err(|error| not_connected(&error))?;
            plan.map(of_database)
        }
    };
    // Where there is no store, the first that opens it makes one of this format.
    Ok(to_do.unwrap_or_else(ToDo::nothing))
}

fn look_in_folder(data: &Path) -> Result<Option<ToDo>, Failure> {
    let Some(plan) = embedded::plan(data).map_err(|error| unopened(&error))? else {
        return Ok(None);
    };
    let backup = Noted::Backup.last(data);
    let step = |planned: embedded::Planned| Step {
        number: planned.to,
        what: planned.what,
        rows: planned.rows,
    };
    Ok(Some(ToDo {
        format: plan.found,
        needed: plan.needed,
        begun: plan.begun,
        migrations: plan.migrations.into_iter().map(step).collect(),
        bytes: Some(plan.bytes),
        last_event: plan.last_event.map(|at| at.to_string()),
        last_backup: backup.map(|at| at.to_string()),
        backed_up: Some(holds(backup, plan.last_event)),
    }))
}

/// Tells whether a backup holds the last event of a log.
fn holds(backup: Option<Stored>, last_event: Option<Stored>) -> bool {
    last_event.is_none_or(|last| backup.is_some_and(|backup| last <= backup))
}

fn of_database(plan: mongodb::Plan) -> ToDo {
    let step = |planned: mongodb::Planned| Step {
        number: planned.to,
        what: planned.what,
        rows: Some(planned.documents),
    };
    ToDo {
        format: plan.found,
        needed: plan.needed,
        begun: plan.begun,
        migrations: plan.migrations.into_iter().map(step).collect(),
        bytes: None,
        last_event: Some(plan.last_event.to_string()),
        last_backup: None,
        backed_up: None,
    }
}

impl ToDo {
    fn nothing() -> Self {
        Self {
            format: 0,
            needed: 0,
            begun: false,
            migrations: Vec::new(),
            bytes: None,
            last_event: None,
            last_backup: None,
            backed_up: None,
        }
    }
}

fn shown(to_do: &ToDo, json: bool) -> String {
    if json {
        return format!("{}\n", json!(to_do));
    }
    let (format, needed) = (to_do.format, to_do.needed);
    if format == 0 {
        return "  there is no store yet, so nothing is to be done\n".to_owned();
    }
    if to_do.migrations.is_empty() {
        return format!("  the store has format {format}, and nothing is to be done\n");
    }
    let begun = if to_do.begun {
        ", an upgrade was begun"
    } else {
        ""
    };
    let mut text = format!("  the store has format {format}{begun}; this version needs {needed}\n");
    let row = |step: &Step| {
        let rows = step.rows.map(|rows| format!("{rows} rows"));
        vec![
            step.number.to_string(),
            step.what.to_owned(),
            rows.unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = to_do.migrations.iter().map(row).collect();
    text.push_str(&columns(&rows, &[0]));
    if let Some(bytes) = to_do.bytes {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  the database has {bytes} bytes; have as much free");
    }
    text.push_str(&backup(to_do));
    text
}

fn backup(to_do: &ToDo) -> String {
    let last = to_do.last_event.as_deref().unwrap_or("never");
    match (to_do.backed_up, &to_do.last_backup) {
        (None, _) => {
            "  back the database up with what MongoDB has: there is no way back\n".to_owned()
        }
        (Some(true), Some(backup)) => {
            format!("  the backup of {backup} holds the last event, of {last}\n")
        }
        (Some(true), None) => String::new(),
        (Some(false), found) => {
            let found = found.as_deref().unwrap_or("none");
            format!(
                "  no backup holds the last event, of {last} (last one: {found}); make one with the \
                 version that you had: there is no way back\n"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_holds_what_was_stored_before_it_was_made() {
        let (early, late) = (Some(Stored(1)), Some(Stored(2)));
        assert!(holds(None, None), "an empty store needs none");
        assert!(holds(late, early) && holds(late, late));
        assert!(!holds(early, late) && !holds(None, early));
    }
}
