//! Transactions that nobody goes on with.
//!
//! A process that is killed in the middle of a transaction leaves it open, and with it the head that
//! all others need. The database would give it up after `transactionLifetimeLimitSeconds`, a minute by
//! default. Whoever is held up for long looks for such transactions of Varde's, and ends those in
//! which nothing has happened for some seconds. Where the process lives after all, its transaction
//! did not happen, which it is told, and makes it again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use mongodb::Client;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use mongodb::options::DriverInfo;
use tokio::time::sleep;

use crate::error::Fault;

/// What Varde calls itself beside the driver's name, whatever the address says of `appName`.
const NAME: &str = "varde";
/// How often it is looked while something is held up.
const LOOK: Duration = Duration::from_secs(1);
/// How long nothing must happen in a transaction for it to be ended.
const STILL_MAX: Duration = Duration::from_secs(3);

/// Returns what tells the database that a connection is Varde's.
pub(crate) fn driver_info() -> DriverInfo {
    DriverInfo::builder()
        .name(NAME)
        .version(env!("CARGO_PKG_VERSION").to_owned())
        .build()
}

/// Does what moves the head on, and ends meanwhile what holds it and is abandoned.
pub(crate) async fn unhindered<T>(client: &Client, work: impl Future<Output = T>) -> T {
    let look = async {
        let mut still = Still::default();
        loop {
            sleep(LOOK).await;
            if let Err(fault) = still.end_abandoned(client).await {
                tracing::debug!(?fault, "it was not looked for abandoned transactions");
            }
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        never = look => never,
    }
}

/// What was seen of a transaction between two of its commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    number: i64,
    active_micros: i64,
}

/// Transactions by the ids of their sessions, and since when they have been in a state.
#[derive(Debug, Default)]
struct Still(HashMap<Vec<u8>, (State, Instant)>);

impl Still {
    async fn end_abandoned(&mut self, client: &Client) -> Result<(), Fault> {
        let admin = client.database("admin");
        // A user sees the operations that are its own, and may end these, without any privilege.
        let every = doc! { "$currentOp": { "allUsers": false, "idleSessions": true } };
        let ours = doc! { "$match": {
            "type": "idleSession",
            "transaction.parameters.txnNumber": { "$exists": true },
            "clientMetadata.driver.name": { "$regex": format!("\\|{NAME}$") },
        } };
        let fields = doc! { "$project": { "lsid": 1, "transaction": 1 } };
        let open: Vec<Document> = admin
            .aggregate([every, ours, fields])
            .await?
            .try_collect()
            .await?;
        let abandoned = self.look(&open, Instant::now());
        if !abandoned.is_empty() {
            let count = abandoned.len();
            admin
                .run_command(doc! { "killSessions": abandoned })
                .await?;
            tracing::warn!(
                count,
                "transactions that a process had left open were ended"
            );
        }
        Ok(())
    }

    /// Notes what is open, and returns the sessions in which nothing has happened for long.
    fn look(&mut self, open: &[Document], now: Instant) -> Vec<Bson> {
        let before = std::mem::take(&mut self.0);
        let mut abandoned = Vec::new();
        for (id, state) in open.iter().filter_map(read) {
            let since = match before.get(&id) {
                Some((was, since)) if *was == state => *since,
                _ => now,
            };
            if now.duration_since(since) >= STILL_MAX {
                abandoned.push(session(&id));
            }
            self.0.insert(id, (state, since));
        }
        abandoned
    }
}

/// Reads whose transaction it is, and what was seen of it.
fn read(open: &Document) -> Option<(Vec<u8>, State)> {
    let id = open.get_document("lsid").ok()?.get("id")?;
    let Bson::Binary(Binary { bytes, .. }) = id else {
        return None;
    };
    let transaction = open.get_document("transaction").ok()?;
    let parameters = transaction.get_document("parameters").ok()?;
    let state = State {
        number: parameters.get_i64("txnNumber").ok()?,
        active_micros: transaction.get_i64("timeActiveMicros").ok()?,
    };
    Some((bytes.clone(), state))
}

/// Names a session of this user.
fn session(id: &[u8]) -> Bson {
    let id = Binary {
        subtype: BinarySubtype::Uuid,
        bytes: id.to_vec(),
    };
    doc! { "id": id }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(number: i64, active: i64) -> Document {
        let transaction = doc! {
            "parameters": { "txnNumber": number },
            "timeActiveMicros": active,
        };
        let mut session_id = Document::new();
        session_id.insert("lsid", session(&[7; 16]));
        session_id.insert("transaction", transaction);
        session_id
    }

    #[test]
    fn only_a_transaction_that_stood_still_for_long_is_abandoned() {
        let (mut still, begun) = (Still::default(), Instant::now());
        let mut at = |seconds, number, active| {
            let now = begun + Duration::from_secs(seconds);
            still.look(&[open(number, active)], now)
        };
        assert_eq!(at(0, 1, 10), []);
        assert_eq!(at(2, 1, 10), []);
        assert_eq!(at(3, 1, 11), [], "a command was run in it");
        assert_eq!(at(5, 1, 11), []);
        assert_eq!(at(6, 2, 11), [], "another transaction of the session");
        assert_eq!(at(8, 2, 11), []);
        assert_eq!(at(9, 2, 11), [session(&[7; 16])]);
    }
}
