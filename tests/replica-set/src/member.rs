use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use mongodb::bson::{Document, doc};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use crate::{LOOK, Shape, apart};

/// One member of a set: a process of `mongod`, which ends when this is dropped.
#[derive(Debug)]
pub struct Member {
    command: Vec<String>,
    log: std::path::PathBuf,
    place: SocketAddr,
    options: String,
    apart: bool,
    process: Option<Child>,
}

impl Member {
    /// Starts a member in a folder of its own below the given one.
    pub(crate) fn start(
        shape: &Shape,
        set: &str,
        folder: &Path,
        place: SocketAddr,
    ) -> anyhow::Result<Self> {
        let data = folder.join(place.to_string());
        fs::create_dir(&data)?;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let cache = shape.cache_gigabytes.to_string();
        let command = [
            text(&shape.mongod).as_str(),
            "--replSet",
            set,
            "--dbpath",
            &text(&data),
            "--port",
            &place.port().to_string(),
            "--bind_ip",
            &place.ip().to_string(),
            "--nounixsocket",
            "--wiredTigerCacheSizeGB",
            &cache,
            "--oplogSize",
            "512",
            "--setParameter",
            "diagnosticDataCollectionEnabled=false",
        ]
        .map(str::to_owned);
        let command = command.into_iter().chain(shape.flags.clone()).collect();
        let mut member = Self {
            command,
            log: folder.join(format!("{place}.log")),
            place,
            options: shape.options.clone(),
            apart: shape.apart,
            process: None,
        };
        member.start_again()?;
        Ok(member)
    }

    /// Returns host and port.
    pub fn host(&self) -> SocketAddr {
        self.place
    }

    /// Starts the process, where it does not run.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        if self.process.is_some() {
            return Ok(());
        }
        let log = File::options().create(true).append(true).open(&self.log)?;
        // Whatever becomes of this process, the member ends with it.
        let mut start = Command::new("setpriv");
        start.args(["--pdeathsig", "KILL", "--"]);
        if self.apart {
            start.args(apart::BEGIN);
        }
        start
            .args(&self.command)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log);
        let started = start.spawn();
        let mut process = started.context("setpriv (of util-linux) starts mongod")?;
        let input = process.stdin.take();
        if self.apart {
            apart::connect(&process, self.place)?;
        }
        // Now it may go on.
        drop(input);
        self.process = Some(process);
        Ok(())
    }

    /// Cuts the member off from all others, who are told nothing of it. Only one that is a host of
    /// its own can be.
    pub fn cut_off(&self) -> anyhow::Result<()> {
        apart::set_link(self.place, "down")
    }

    /// Ends that.
    pub fn heal(&self) -> anyhow::Result<()> {
        apart::set_link(self.place, "up")
    }

    /// Ends the process as a crash does.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Lets the process stand still, deaf and dumb, until [`go_on`](Self::go_on).
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a frozen process go on.
    pub fn go_on(&self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Runs a command of the database `admin` on this member.
    pub async fn command(&self, command: Document) -> anyhow::Result<Document> {
        crate::command(self.place, &self.options, command).await
    }

    pub(crate) async fn wait_until_it_answers(&self, patience: Duration) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if self.command(doc! { "ping": 1 }).await.is_ok() {
                return Ok(());
            }
            sleep(LOOK).await;
        }
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let last: Vec<_> = log.lines().rev().take(5).collect();
        bail!(
            "mongod at {} did not answer within {patience:?}; the end of its log:\n{}",
            self.place,
            last.join("\n")
        )
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let process = self.process.as_ref().context("the member does not run")?;
        kill_process(Pid::from_child(process), signal)?;
        Ok(())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Err(error) = self.kill() {
            eprintln!("mongod at {} was not ended: {error}", self.place);
        }
    }
}
