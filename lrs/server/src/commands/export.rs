//! `varde export`: everything that a store holds, as files that other programs read.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use varde_core::ports::{AttachmentName, Happened, LogEvent, Record};
use varde_core::{KeyId, Position, Space};
use varde_xapi::Stored;

use crate::cli::{StoreArgs, VERSION};
use crate::desk::{Desk, StoreCommand, WrittenFile};
use crate::exit::Failure;
use crate::wiring::Parts;

/// How many events, records or names are read at once.
const PAGE: usize = 500;

/// The flags of `varde export`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ExportArgs {
    /// The folder to write into.
    #[arg(value_name = "FOLDER")]
    pub(crate) to: PathBuf,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints what was written as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for ExportArgs {
    fn name(&self) -> &'static str {
        "export"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Writes the log, the records, the attachments, and last the list of them.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let mut export = Export {
            desk,
            to: &self.to,
            files: Vec::new(),
        };
        let head = export.log(&parts).await?;
        export.records(&parts).await?;
        export.attachments(&parts).await?;
        let files = std::mem::take(&mut export.files);
        let count = files.len();
        let list = json!({
            "form": 1,
            "made_by": VERSION,
            "made_at": parts.clock.now().to_string(),
            "head": head.0,
            "files": files,
        });
        let text = format!("{list:#}\n");
        let file = desk.write_file(&self.to.join("export.json"), true).await?;
        file.write(text).await?;
        file.end().await?;
        let (to, head) = (self.to.display(), head.0);
        desk.print(if self.json {
            format!(
                "{}\n",
                json!({ "folder": self.to, "head": head, "files": count })
            )
        } else {
            format!("  wrote {head} events of the log and {count} files: {to}\n")
        })
        .await
    }
}

/// An export on its way.
struct Export<'a> {
    desk: &'a Desk,
    to: &'a Path,
    /// The files that are complete.
    files: Vec<Value>,
}

/// A file of an export, digested as it is written.
struct Digested<'a> {
    file: WrittenFile<'a>,
    path: String,
    digest: Sha256,
    bytes: usize,
}

impl Digested<'_> {
    async fn write(&mut self, data: Vec<u8>) -> Result<(), Failure> {
        self.digest.update(&data);
        self.bytes += data.len();
        self.file.write(data).await
    }

    async fn line(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_vec(line).map_err(|error| Failure::software(&error));
        let mut text = text?;
        text.push(b'\n');
        self.write(text).await
    }
}

impl<'a> Export<'a> {
    async fn begin(&self, path: String) -> Result<Digested<'a>, Failure> {
        let file = self.desk.write_file(&self.to.join(&path), true).await?;
        Ok(Digested {
            file,
            path,
            digest: Sha256::new(),
            bytes: 0,
        })
    }

    async fn end(&mut self, digested: Digested<'_>) -> Result<(), Failure> {
        let digest = digested.digest.finalize();
        self.files.push(json!({
            "path": digested.path,
            "bytes": digested.bytes,
            "sha256": hex(&digest),
        }));
        digested.file.end().await
    }

    /// Writes the log as it stands when it is begun, and returns its last position.
    async fn log(&mut self, parts: &Parts) -> Result<Position, Failure> {
        let head = parts.log.head().await?;
        let mut file = self.begin("log.ndjson".to_owned()).await?;
        let mut after = Position(0);
        while after < head {
            let events = parts.log.follow(after, PAGE).await?;
            let Some(last) = events.last() else { break };
            after = last.position;
            for event in events.iter().filter(|event| event.position <= head) {
                file.line(&EventLine::of(event)?).await?;
            }
            self.desk
                .progress("writing the log", after.0.min(head.0), head.0)?;
        }
        self.end(file).await?;
        Ok(head)
    }

    async fn records(&mut self, parts: &Parts) -> Result<(), Failure> {
        let mut file = self.begin("records.ndjson".to_owned()).await?;
        let mut after = None;
        loop {
            let records = parts.store.records_behind(after, PAGE).await?;
            for (collection, record) in &records {
                file.line(&RecordLine::of(collection, record)).await?;
            }
            let Some((collection, record)) = records.into_iter().next_back() else {
                return self.end(file).await;
            };
            after = Some((collection, record.key));
        }
    }

    async fn attachments(&mut self, parts: &Parts) -> Result<(), Failure> {
        let mut after: Option<AttachmentName> = None;
        loop {
            let attachments = parts.store.attachments();
            let kept = attachments.kept_before(Stored(i64::MAX), after.as_ref(), PAGE);
            let names = kept.await?;
            for name in &names {
                self.attachment(parts, name).await?;
            }
            after = match names.into_iter().next_back() {
                None => return Ok(()),
                last => last,
            };
        }
    }

    async fn attachment(&mut self, parts: &Parts, name: &AttachmentName) -> Result<(), Failure> {
        let Some(mut reader) = parts.store.attachments().read(name).await? else {
            return Ok(());
        };
        let path = format!("attachments/{}/{}", name.space, name.sha2);
        let mut file = self.begin(path).await?;
        while let Some(chunk) = reader.next().await? {
            file.write(chunk).await?;
        }
        self.end(file).await
    }
}

/// A line of `log.ndjson`. Texts of others stand in it as they were written.
#[derive(Debug, Serialize)]
struct EventLine<'a> {
    position: u64,
    stored: String,
    kind: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    space: Option<&'a Space>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<KeyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Box<RawValue>>,
}

impl<'a> EventLine<'a> {
    fn of(event: &'a LogEvent) -> Result<Self, Failure> {
        let mut line = Self {
            position: event.position.0,
            stored: event.stored.to_string(),
            kind: Value::Null,
            space: None,
            key: None,
            id: None,
            statement: None,
            event: None,
        };
        match &event.what {
            Happened::Statement(statement) => {
                line.kind = json!("statement");
                line.space = Some(&statement.space);
                line.key = Some(statement.key);
                line.statement = Some(raw(statement.text())?);
            }
            Happened::Erased(left) => {
                line.kind = json!("erased");
                line.space = Some(&left.space);
                line.id = Some(left.id.to_string());
            }
            Happened::Event(kind, body) => {
                line.kind = json!(kind);
                line.event = Some(raw(body.clone())?);
            }
        }
        Ok(line)
    }
}

/// A line of `records.ndjson`: the value is JSON, or its bytes are given.
#[derive(Debug, Serialize)]
struct RecordLine<'a> {
    collection: &'a str,
    key: String,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
}

impl<'a> RecordLine<'a> {
    fn of(collection: &'a str, record: &'a Record) -> Self {
        let value = serde_json::from_slice(&record.value).ok();
        Self {
            collection,
            key: hex(&record.key),
            version: record.version,
            bytes: value.is_none().then(|| hex(&record.value)),
            value,
        }
    }
}

fn raw(text: String) -> Result<Box<RawValue>, Failure> {
    RawValue::from_string(text).map_err(|error| Failure::software(&error))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a text cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
