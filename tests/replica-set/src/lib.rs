//! MongoDB replica sets of three members, on loopback, in a temporary folder.
//!
//! [`ReplicaSet`] starts one, and ends it when it is dropped; its members can be killed, stopped
//! and started again one by one. The program `varde-replica-set` runs a command beside one, with
//! its address in [`URI_VARIABLE`].

mod database;
mod member;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::ClientOptions;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

pub use database::{Database, TUNING, wait};
pub use member::Member;

/// Where tests look for a server.
pub const URI_VARIABLE: &str = "VARDE_TEST_MONGODB_URI";

/// How many members a set has: the fewest of which one may be missing.
const MEMBERS: usize = 3;
/// The name of every set.
const NAME: &str = "varde-test";
/// How long a member, or a primary, is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is looked meanwhile.
const LOOK: Duration = Duration::from_millis(50);

/// How the members of a set are run.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The program `mongod`.
    pub mongod: PathBuf,
    /// How much memory each member caches pages in, in gigabytes; at least 0.25.
    pub cache_gigabytes: f32,
    /// How long members wait for a silent primary before they elect another, in milliseconds.
    pub election_timeout_millis: i32,
}

impl Shape {
    /// Three small members with the election timeout that MongoDB has by default.
    pub fn small(mongod: impl Into<PathBuf>) -> Self {
        Self {
            mongod: mongod.into(),
            cache_gigabytes: 0.25,
            election_timeout_millis: 10_000,
        }
    }
}

/// A running set. Its members are ended, and what they stored is removed, when it is dropped.
#[derive(Debug)]
pub struct ReplicaSet {
    members: Vec<Member>,
    // Dropped after the members, which write into it.
    _folder: TempDir,
}

impl ReplicaSet {
    /// Starts a set and waits for its primary.
    pub async fn start(shape: &Shape) -> anyhow::Result<Self> {
        let folder = temporary_folder()?;
        let ports = free_ports()?;
        let mut members = Vec::with_capacity(MEMBERS);
        for port in ports {
            members.push(Member::start(shape, NAME, folder.path(), port)?);
        }
        let set = Self {
            members,
            _folder: folder,
        };
        set.initiate(shape).await?;
        set.primary().await?;
        Ok(set)
    }

    /// Returns the address of the set, without a database.
    pub fn uri(&self) -> String {
        format!("mongodb://{}/?replicaSet={NAME}", self.hosts().join(","))
    }

    /// Returns the members, in the order of their start.
    pub fn members(&mut self) -> &mut [Member] {
        &mut self.members
    }

    /// Returns the place among the members of the one that is the primary, once there is one.
    pub async fn primary(&self) -> anyhow::Result<usize> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            for (place, member) in self.members.iter().enumerate() {
                let hello = member.command(doc! { "hello": 1 }).await;
                if hello.is_ok_and(|said| said.get_bool("isWritablePrimary").unwrap_or(false)) {
                    return Ok(place);
                }
            }
            sleep(LOOK).await;
        }
        bail!("the replica set had no primary after {PATIENCE:?}")
    }

    /// Lets the primary at that place among the members hand over to another.
    pub async fn step_down(&self, primary: usize) -> anyhow::Result<()> {
        let member = self
            .members
            .get(primary)
            .context("there is such a member")?;
        member.command(doc! { "replSetStepDown": 20 }).await?;
        Ok(())
    }

    fn hosts(&self) -> Vec<String> {
        self.members.iter().map(Member::host).collect()
    }

    async fn initiate(&self, shape: &Shape) -> anyhow::Result<()> {
        let hosts = self.hosts();
        let members: Vec<_> = hosts.iter().enumerate().collect();
        let members: Vec<_> = members
            .into_iter()
            // The first is to be the primary, so that nobody waits for an election.
            .map(|(place, host)| {
                let priority = if place == 0 { 2 } else { 1 };
                doc! { "_id": i32::try_from(place).unwrap_or(0), "host": host, "priority": priority }
            })
            .collect();
        let config = doc! {
            "_id": NAME,
            "members": members,
            "settings": { "electionTimeoutMillis": shape.election_timeout_millis },
        };
        let first = self.members.first().context("a set has members")?;
        for member in &self.members {
            member.wait_until_it_answers(PATIENCE).await?;
        }
        first.command(doc! { "replSetInitiate": config }).await?;
        Ok(())
    }
}

/// Runs a command on one member, whatever its part in the set.
pub(crate) async fn command(host: &str, command: Document) -> anyhow::Result<Document> {
    let uri = format!("mongodb://{host}/?directConnection=true&serverSelectionTimeoutMS=1000");
    let mut options = ClientOptions::parse(uri).await?;
    options.connect_timeout = Some(Duration::from_secs(1));
    let client = Client::with_options(options)?;
    let answer = client.database("admin").run_command(command).await;
    client.shutdown().immediate(true).await;
    Ok(answer?)
}

/// In memory where the system has a place for that, since tests sync all the time.
fn temporary_folder() -> anyhow::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        TempDir::with_prefix_in("varde-replica-set-", memory)
    } else {
        TempDir::with_prefix("varde-replica-set-")
    };
    made.context("a temporary folder is made")
}

/// All are held until all are known, so that they differ.
fn free_ports() -> anyhow::Result<Vec<u16>> {
    let held: Result<Vec<_>, _> = (0..MEMBERS)
        .map(|_| TcpListener::bind(("127.0.0.1", 0)))
        .collect();
    let ports: Result<Vec<_>, _> = held?.iter().map(TcpListener::local_addr).collect();
    Ok(ports?.iter().map(std::net::SocketAddr::port).collect())
}
