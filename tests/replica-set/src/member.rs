use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use mongodb::bson::{Document, doc};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use crate::{LOOK, Shape};

/// One member of a set: a process of `mongod`, which ends when this is dropped.
#[derive(Debug)]
pub struct Member {
    command: Vec<String>,
    log: std::path::PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Member {
    /// Starts a member in a folder of its own below the given one.
    pub(crate) fn start(
        shape: &Shape,
        set: &str,
        folder: &Path,
        port: u16,
    ) -> anyhow::Result<Self> {
        let data = folder.join(port.to_string());
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
            &port.to_string(),
            "--bind_ip",
            "127.0.0.1",
            "--nounixsocket",
            // What a killed process had begun holds up all others until it is given up.
            "--setParameter",
            "transactionLifetimeLimitSeconds=5",
            "--wiredTigerCacheSizeGB",
            &cache,
            "--oplogSize",
            "512",
            "--setParameter",
            "diagnosticDataCollectionEnabled=false",
        ]
        .map(str::to_owned)
        .to_vec();
        let mut member = Self {
            command,
            log: folder.join(format!("{port}.log")),
            port,
            process: None,
        };
        member.start_again()?;
        Ok(member)
    }

    /// Returns host and port.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts the process, where it does not run.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        if self.process.is_some() {
            return Ok(());
        }
        let log = File::options().create(true).append(true).open(&self.log)?;
        // Whatever becomes of this process, the member ends with it.
        let mut start = Command::new("setpriv");
        start
            .args(["--pdeathsig", "KILL", "--"])
            .args(&self.command);
        start
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let started = start.spawn();
        self.process = Some(started.context("setpriv (of util-linux) starts mongod")?);
        Ok(())
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
        crate::command(&self.host(), command).await
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
            "mongod on port {} did not answer within {patience:?}; the end of its log:\n{}",
            self.port,
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
            eprintln!("mongod on port {} was not ended: {error}", self.port);
        }
    }
}
