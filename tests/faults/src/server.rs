//! The server as a process.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Client, KEY};
use crate::preload::Control;
use crate::{Setting, promise};

/// More than ledgers need for the little that is written here.
const LONG: Duration = Duration::from_mins(1);

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// The host and port of front ends.
    pub(crate) http: String,
    admin: String,
    log: Arc<Mutex<Vec<String>>>,
}

/// Returns a command of the binary with an environment of its own.
pub(crate) fn varde(setting: &Setting) -> Command {
    let mut command = Command::new(&setting.bin);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VARDE_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// What a check of a data folder came to.
#[derive(Debug)]
pub(crate) struct Verified {
    /// What was found.
    pub(crate) findings: Vec<Value>,
    /// How many rows of ledgers were compared with a rebuild.
    pub(crate) ledger_rows: u64,
}

/// Checks a data folder, beside the server where one has it.
pub(crate) fn verify(setting: &Setting, data: &Path) -> Result<Verified, Box<dyn Error>> {
    let mut varde = varde(setting);
    varde.args(["verify", "--json", "--data"]).arg(data);
    let output = varde.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| said)?;
    let sections = report["sections"].as_array().ok_or("no sections")?;
    let ledgers = sections.iter().find(|one| one["what"] == "rows of ledgers");
    let findings = report["findings"].as_array().ok_or("no findings")?;
    Ok(Verified {
        findings: findings.clone(),
        // A store that does not open has none to be checked.
        ledger_rows: ledgers
            .and_then(|one| one["checked"].as_u64())
            .unwrap_or_default(),
    })
}

impl Server {
    /// Starts a server on a folder and waits until it listens.
    pub(crate) fn start(
        setting: &Setting,
        data: &Path,
        control: &Control,
        flags: &[&str],
    ) -> Result<Self, Box<dyn Error>> {
        let anywhere = "127.0.0.1:0";
        let mut child = varde(setting)
            .args([
                "serve",
                "--listen",
                anywhere,
                "--admin-listen",
                anywhere,
                "--data",
            ])
            .arg(data)
            .args(flags)
            .env("VARDE_BOOTSTRAP_KEY", KEY)
            .env("VARDE_BOOTSTRAP_SPACE", "faults")
            .env("LD_PRELOAD", setting.preload.path())
            .env("FAULTS_CONTROL", control.path())
            .env("FAULTS_DATA", data)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no log")?).lines();
        let mut told = Vec::new();
        let listening = loop {
            let Some(line) = lines.next().transpose()? else {
                return Err(format!("it ended before it listened: {told:?}").into());
            };
            if line.contains("\"listening\"") {
                break serde_json::from_str::<Value>(&line)?;
            }
            told.push(line);
        };
        let log = Arc::new(Mutex::new(told));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line);
            }
        });
        let address = |field: &str| {
            let address = listening[field].as_str().map(str::to_owned);
            address.ok_or("the server names no address")
        };
        Ok(Self {
            http: address("http.address")?,
            admin: address("admin.address")?,
            child,
            log,
        })
    }

    /// Returns a client of the server.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.http)
    }

    /// Returns a client of the operator's listener.
    pub(crate) fn operator(&self) -> Client {
        Client::new(&self.admin)
    }

    /// Tells whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Kills the process.
    pub(crate) fn kill(&mut self) -> Result<(), Box<dyn Error>> {
        // One that died already is as dead.
        let _ = self.child.kill();
        self.child.wait()?;
        Ok(())
    }

    /// Asks the process to end, and tells how it ended.
    pub(crate) fn end(mut self) -> Result<ExitStatus, Box<dyn Error>> {
        let id = i32::try_from(self.child.id())?;
        let id = rustix::process::Pid::from_raw(id).ok_or("no process")?;
        if !self.has_ended() {
            rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
        }
        Ok(self.child.wait()?)
    }

    /// Asks the process to end, and waits for it.
    pub(crate) fn stop(self) -> Result<(), Box<dyn Error>> {
        let ended = self.end()?;
        if ended.success() {
            Ok(())
        } else {
            Err(format!("it ended with {ended}").into())
        }
    }

    /// Waits until the ledgers have taken everything, and tells whether they have; they have not when
    /// the process ends first.
    pub(crate) async fn ledgers_follow(&self) -> Result<bool, Box<dyn Error>> {
        let began = Instant::now();
        while let Some((_, metrics)) = self.operator().text("/metrics").await {
            if metrics
                .lines()
                .any(|line| line == "varde_ledger_lag_events 0")
            {
                return Ok(true);
            }
            promise!(
                began.elapsed() < LONG,
                "the ledgers do not come to the end of the log"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(false)
    }

    /// Returns the lines of the log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the resident memory in bytes, and the most that there ever was.
    pub(crate) fn memory(&self) -> Result<(u64, u64), Box<dyn Error>> {
        let status = PathBuf::from(format!("/proc/{}/status", self.child.id()));
        let status = std::fs::read_to_string(status)?;
        let kib = |name: &str| -> Option<u64> {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        let found = kib("VmRSS:").zip(kib("VmHWM:"));
        let (now, most) = found.ok_or("the system tells no memory")?;
        Ok((now * 1024, most * 1024))
    }
}

impl Drop for Server {
    /// What fails leaves no server behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
