//! MongoDB replica sets of three members, on loopback, in a temporary folder.
//!
//! [`ReplicaSet`] starts one, and ends it when it is dropped; its members can be killed, stopped
//! and started again one by one. The program `varde-replica-set` runs a command beside one, with
//! its address in [`URI_VARIABLE`].

mod apart;
mod database;
mod member;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::ClientOptions;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

pub use apart::{alone, why_not_apart};
pub use database::{Database, TUNING, wait};
pub use member::Member;

/// Where tests look for the program `mongod`, which they start themselves.
pub const MONGOD_VARIABLE: &str = "VARDE_TEST_MONGOD";
/// Where tests look for a server.
pub const URI_VARIABLE: &str = "VARDE_TEST_MONGODB_URI";

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
    /// How many members there are.
    pub members: usize,
    /// How long members wait for a silent primary before they elect another, in milliseconds.
    pub election_timeout_millis: i32,
    /// How long a member may leave a heartbeat unanswered, in seconds.
    pub heartbeat_timeout_secs: i32,
    /// How long a new primary asks the others for what it has not, in milliseconds; -1 until all
    /// have answered or were given up.
    pub catch_up_timeout_millis: i32,
    /// Further flags of `mongod`.
    pub flags: Vec<String>,
    /// What an address of the set says further, such as of TLS, each behind a `&`.
    pub options: String,
    /// Whether each member is a host of its own, which can be cut off from the others. This needs
    /// a network namespace that the process has to itself.
    pub apart: bool,
}

impl Shape {
    /// Three small members with the election timeout that MongoDB has by default.
    pub fn small(mongod: impl Into<PathBuf>) -> Self {
        Self {
            mongod: mongod.into(),
            cache_gigabytes: 0.25,
            members: 3,
            election_timeout_millis: 10_000,
            heartbeat_timeout_secs: 10,
            catch_up_timeout_millis: -1,
            flags: Vec::new(),
            options: String::new(),
            apart: false,
        }
    }

    /// Lets members notice sooner that another fell silent, as `docs/operations.md` advises.
    #[must_use]
    pub fn noticing_soon(mut self) -> Self {
        self.election_timeout_millis = 5_000;
        self.heartbeat_timeout_secs = 5;
        self.catch_up_timeout_millis = 1_000;
        let parameters = [
            "oplogNetworkTimeoutBufferSeconds=2",
            "oplogFetcherSteadyStateMaxFetcherRestarts=0",
        ];
        let flags = parameters.map(|one| ["--setParameter", one]);
        self.flags
            .extend(flags.concat().into_iter().map(str::to_owned));
        self
    }
}

/// A running set. Its members are ended, and what they stored is removed, when it is dropped.
#[derive(Debug)]
pub struct ReplicaSet {
    members: Vec<Member>,
    options: String,
    // Dropped after the members, which write into it.
    _folder: TempDir,
}

impl ReplicaSet {
    /// Starts a set and waits for its primary.
    pub async fn start(shape: &Shape) -> anyhow::Result<Self> {
        let folder = temporary_folder()?;
        let places = if shape.apart {
            apart::make_bridge()?;
            apart::places(shape.members)
        } else {
            free_ports(shape.members)?
        };
        let mut members = Vec::with_capacity(shape.members);
        for place in places {
            members.push(Member::start(shape, NAME, folder.path(), place)?);
        }
        let set = Self {
            members,
            options: shape.options.clone(),
            _folder: folder,
        };
        set.initiate(shape).await?;
        set.primary().await?;
        Ok(set)
    }

    /// Returns the address of the set, without a database.
    pub fn uri(&self) -> String {
        let hosts = self.hosts().join(",");
        format!("mongodb://{hosts}/?replicaSet={NAME}{}", self.options)
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
        let host = |member: &Member| member.host().to_string();
        self.members.iter().map(host).collect()
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
            "settings": {
                "electionTimeoutMillis": shape.election_timeout_millis,
                "heartbeatTimeoutSecs": shape.heartbeat_timeout_secs,
                "catchUpTimeoutMillis": shape.catch_up_timeout_millis,
            },
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
pub(crate) async fn command(
    host: SocketAddr,
    options: &str,
    command: Document,
) -> anyhow::Result<Document> {
    let uri =
        format!("mongodb://{host}/?directConnection=true&serverSelectionTimeoutMS=1000{options}");
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
fn free_ports(count: usize) -> anyhow::Result<Vec<SocketAddr>> {
    let held: Result<Vec<_>, _> = (0..count)
        .map(|_| TcpListener::bind(("127.0.0.1", 0)))
        .collect();
    let places: Result<Vec<_>, _> = held?.iter().map(TcpListener::local_addr).collect();
    Ok(places?)
}
