//! The store, its disk, its keys and its clock.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use varde_core::Position;
use varde_core::people::KeySource as _;

use super::Check;
use crate::config::Config;
use crate::exit::chain;
use crate::noted::Noted;
use crate::wiring::Parts;

/// How far the last `stored` may lie past the clock, in microseconds: nothing that is stored now may
/// come before it, so instants run ahead of the clock until that has caught up.
const AHEAD_MICROS: i64 = 2_000_000;
/// How long the oldest event that ledgers have yet to take may have waited, in microseconds.
const LAG_MICROS: i64 = 10 * 60 * 1_000_000;
/// How many of the newest events are looked up by their indexes.
const LOOKED_UP: u64 = 1_000;
/// How much of the disk is better free, as a multiple of what is kept free.
const ROOM: u64 = 8;
/// How old a check of the copy in escrow may be, in days.
const ESCROW_DAYS: i64 = 400;

pub(super) async fn look(parts: &Parts, config: &Config) -> Vec<Check> {
    let mut checks = vec![store(parts).await, indexes(parts).await];
    checks.extend(room(parts, config));
    checks.push(clock(parts).await);
    checks.push(ledgers(parts).await);
    checks.push(permissions(parts, config));
    checks.push(key(parts, config));
    checks
}

async fn store(parts: &Parts) -> Check {
    const NAME: &str = "store";
    if let Err(error) = parts.log.follow(Position(0), 1).await {
        let mend = "see docs/operations.md for the error; `varde verify` names what is damaged";
        return Check::broken(NAME, format!("does not answer: {}", chain(&error)), mend);
    }
    if let Err(error) = parts.store.check_writable() {
        let mend =
            "make room, or mend the clock, as the reason says; nothing that was stored is lost";
        return Check::broken(NAME, format!("is not written: {}", chain(&error)), mend);
    }
    match (parts.damage.found(), parts.log.head().await) {
        (0, Ok(head)) => Check::well(NAME, format!("answers, {head} events in the log")),
        (0, Err(error)) => {
            let mend = "`varde verify` names what is damaged";
            Check::broken(NAME, format!("has no head: {}", chain(&error)), mend)
        }
        (found, _) => {
            let found = format!("{found} places are damaged");
            Check::broken(
                NAME,
                found,
                "`varde verify` names each and says what mends it",
            )
        }
    }
}

/// Looks the newest events up as requests do; `varde verify` does so with all of them.
async fn indexes(parts: &Parts) -> Check {
    const NAME: &str = "indexes";
    match found_by_indexes(parts).await {
        Ok(None) => Check::well(NAME, "lead to the newest events".to_owned()),
        Ok(Some((found, mend))) => Check::broken(NAME, found, mend),
        Err(error) => {
            let mend = "`varde verify` names what is damaged";
            Check::broken(NAME, format!("cannot be read: {}", chain(&error)), mend)
        }
    }
}

/// Returns what is wrong with the indexes, and what mends it.
async fn found_by_indexes(
    parts: &Parts,
) -> Result<Option<(String, &'static str)>, varde_core::StoreError> {
    let lacking = parts.store.lacking_indexes().await?;
    if !lacking.is_empty() {
        let mend = "start a server again, which makes them before it is ready";
        return Ok(Some((format!("lacks {}", lacking.join(", ")), mend)));
    }
    let head = parts.log.head().await?;
    let mut at = Position(head.0.saturating_sub(LOOKED_UP));
    while at < head {
        let checked = parts.store.check(at).await?;
        if let Some(finding) = checked.findings.first() {
            return Ok(Some((finding.to_string(), finding.what.mend())));
        }
        if checked.through <= at {
            break;
        }
        at = checked.through;
    }
    Ok(None)
}

fn room(parts: &Parts, config: &Config) -> Option<Check> {
    const NAME: &str = "room on the disk";
    let store = parts.store.embedded()?;
    let kept = config.store.free_bytes_min;
    Some(match store.free() {
        Ok(free) if free <= kept => Check::broken(
            NAME,
            format!("{free} bytes are left, {kept} are kept free: nothing is stored"),
            "make room, or move the data folder to a larger disk",
        ),
        Ok(free) if free < kept.saturating_mul(ROOM) => Check::look(
            NAME,
            format!("{free} bytes are left; with {kept} nothing is stored any more"),
            "make room, or move the data folder to a larger disk",
        ),
        Ok(free) => Check::well(NAME, format!("{free} bytes are left")),
        Err(error) => Check::look(NAME, chain(&error), "see why the disk does not say"),
    })
}

async fn clock(parts: &Parts) -> Check {
    const NAME: &str = "clock";
    let now = parts.clock.now();
    match parts.log.consistent_through().await {
        Ok(through) if through.0 - now.0 > AHEAD_MICROS => Check::broken(
            NAME,
            format!("shows {now}, and what was stored last is of {through}"),
            "set the clock by NTP; until it has caught up, what is stored is dated ahead of it",
        ),
        Ok(_) => Check::well(NAME, format!("shows {now}, behind nothing that was stored")),
        Err(error) => Check::look(NAME, chain(&error), "see the first check"),
    }
}

async fn ledgers(parts: &Parts) -> Check {
    const NAME: &str = "results";
    let (lag, stopped) = match (parts.runner.lag().await, parts.runner.stopped().await) {
        (Ok(lag), Ok(stopped)) => (lag, stopped),
        (Err(error), _) | (_, Err(error)) => {
            return Check::look(NAME, error.to_string(), "see the log of the server");
        }
    };
    if let Some(one) = stopped.first() {
        let found = format!("the definition {} no longer compiles", one.name);
        let mend = "`varde rules check` says why; activate a version that compiles";
        return Check::broken(NAME, found, mend);
    }
    let waits = lag.since.map_or(0, |since| parts.clock.now().0 - since.0);
    if waits > LAG_MICROS {
        let found = format!(
            "{} events wait, the oldest for {} s",
            lag.events,
            waits / 1_000_000
        );
        let mend = "start `varde serve`, which takes them in; where it runs, see its log";
        return Check::look(NAME, found, mend);
    }
    Check::well(NAME, format!("{} events wait to be counted", lag.events))
}

/// Others of this machine must not read the record; the key and the store must be the process's own.
fn permissions(parts: &Parts, config: &Config) -> Check {
    const NAME: &str = "permissions";
    let own = rustix::process::geteuid().as_raw();
    let kek = config.store.kek_file().ok().map(|file| file.path);
    let each = [Some(parts.data.clone()), kek].into_iter().flatten();
    let open: Vec<String> = each.filter_map(|path| wrong(&path, own)).collect();
    if open.is_empty() {
        return Check::well(
            NAME,
            "the data folder and the key are for their owner alone",
        );
    }
    let mend = "chown them to the user that runs Varde, and chmod 0700 folders, 0600 files";
    Check::look(NAME, open.join("; "), mend)
}

fn wrong(path: &PathBuf, own: u32) -> Option<String> {
    let about = fs::metadata(path).ok()?;
    let mode = about.permissions().mode() & 0o777;
    let shown = path.display();
    if about.uid() != own {
        Some(format!(
            "{shown} is of user {}, this process of {own}",
            about.uid()
        ))
    } else if mode & 0o077 != 0 {
        Some(format!("{shown} has the mode {mode:04o}"))
    } else {
        None
    }
}

fn key(parts: &Parts, config: &Config) -> Check {
    const NAME: &str = "key-encryption key";
    if parts.identities.vault().is_sealed() {
        let file = config.store.kek_file().ok();
        let read = file.as_ref().and_then(|file| file.read().ok().flatten());
        let found = match read {
            Some(_) => "is not the one that this store was made with",
            None => "is not there: nothing that is known of persons can be read",
        };
        return Check::broken(NAME, found, "put the copy from escrow in its place");
    }
    escrow(&parts.data, parts.clock.now().0)
}

fn escrow(data: &Path, now: i64) -> Check {
    const NAME: &str = "key-encryption key";
    const DAY: i64 = 86_400 * 1_000_000;
    let mend = "`varde key escrow` prints it for safe keeping; then `varde key escrow --check COPY`, \
                once a year";
    match Noted::Escrow.last(data) {
        Some(at) if (now - at.0) / DAY <= ESCROW_DAYS => {
            Check::well(NAME, format!("is there; a copy was checked on {at}"))
        }
        Some(at) => Check::look(
            NAME,
            format!("is there; its copy was last checked on {at}"),
            mend,
        ),
        None => {
            let found = "is there; no copy of it was ever checked, and no backup holds it";
            Check::look(NAME, found, mend)
        }
    }
}
