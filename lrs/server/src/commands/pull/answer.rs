//! An answer with statements: JSON, or several parts of which the first is that JSON
//! (xAPI 1.0.3 Communication 1.5.2 and 2.1.3).

use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;
use varde_xapi::attachment::check_statements_part;
use varde_xapi::media_type::essence;
use varde_xapi::multipart::{Event, Parser, boundary};
use varde_xapi::{Fault, Stored};

use super::source::SILENT_MAX;
use crate::exit::chain;

pub(super) const VERSION_HEADER: &str = "x-experience-api-version";
const THROUGH_HEADER: &str = "x-experience-api-consistent-through";
/// The most bytes of the statements of one page.
const STATEMENTS_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why an answer was not read to its end.
#[derive(Debug)]
pub(super) enum Broken {
    /// The network, or the source, ended it: the same may come whole another time.
    Off(String),
    /// It is nothing that a record store answers; what it is.
    Senseless(String),
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        Self::Senseless(fault.to_string())
    }
}

/// Statements, and the data of attachments behind them, not read yet.
#[derive(Debug)]
pub(super) struct Answer {
    /// JSON.
    pub(super) statements: Vec<u8>,
    /// Through which instant the source says that it shows everything.
    pub(super) through: Option<Stored>,
    /// What follows, where it has several parts.
    pub(super) parts: Option<Parts>,
}

/// A page of statements.
#[derive(Debug, Deserialize)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) statements: Vec<&'a RawValue>,
    #[serde(default)]
    pub(super) more: Option<String>,
}

impl Answer {
    /// Reads the statements, or says what was found instead.
    pub(super) async fn read(answer: Response<Incoming>) -> Result<Self, Broken> {
        let header = |name: &str| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let through = header(THROUGH_HEADER).and_then(|text| Stored::parse(&text).ok());
        let kind = header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let body = answer.into_body();
        match essence(&kind).as_str() {
            "application/json" => Ok(Self {
                statements: Self::read_body(body).await?,
                through,
                parts: None,
            }),
            "multipart/mixed" => {
                let boundary = boundary(&kind)?;
                let parser = Parser::new(&boundary);
                let mut parts = Parts { body, parser };
                Ok(Self {
                    statements: parts.statements().await?,
                    through,
                    parts: Some(parts),
                })
            }
            other => Err(Broken::Senseless(format!(
                "the content type `{other}`, expected application/json or multipart/mixed"
            ))),
        }
    }

    /// Reads a whole body of JSON.
    pub(super) async fn read_body(mut body: Incoming) -> Result<Vec<u8>, Broken> {
        let mut come = Vec::new();
        while let Some(bytes) = next_bytes(&mut body).await? {
            take(&mut come, &bytes)?;
        }
        Ok(come)
    }

    /// Returns the page that the answer holds.
    pub(super) fn page(&self) -> Result<Page<'_>, String> {
        serde_json::from_slice(&self.statements)
            .map_err(|error| format!("no page of statements ({error})"))
    }
}

/// The parts behind the statements.
#[derive(Debug)]
pub(super) struct Parts {
    body: Incoming,
    parser: Parser,
}

impl Parts {
    async fn statements(&mut self) -> Result<Vec<u8>, Broken> {
        let mut come = Vec::new();
        while let Some(event) = self.next().await? {
            match event {
                Event::Part(headers) => check_statements_part(&headers)?,
                Event::Data(bytes) => take(&mut come, &bytes)?,
                Event::PartEnd | Event::End => break,
            }
        }
        Ok(come)
    }

    /// Returns what comes next; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Event>, Broken> {
        loop {
            if let Some(event) = self.parser.next_event()? {
                return Ok(Some(event));
            }
            let Some(bytes) = next_bytes(&mut self.body).await? else {
                self.parser.finish()?;
                return Ok(None);
            };
            self.parser.feed(&bytes);
        }
    }
}

async fn next_bytes(body: &mut Incoming) -> Result<Option<Bytes>, Broken> {
    loop {
        let frame = timeout(SILENT_MAX, body.frame()).await;
        let stopped = |_| Broken::Off("it stopped in the middle".to_owned());
        let Some(frame) = frame.map_err(stopped)? else {
            return Ok(None);
        };
        let off = |error| Broken::Off(format!("it broke off ({})", chain(&error)));
        let frame = frame.map_err(off)?;
        if let Ok(bytes) = frame.into_data() {
            return Ok(Some(bytes));
        }
    }
}

fn take(come: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Broken> {
    if come.len() + bytes.len() > STATEMENTS_BYTES_MAX {
        return Err(Broken::Senseless(format!(
            "a page of over {STATEMENTS_BYTES_MAX} bytes of statements"
        )));
    }
    come.extend_from_slice(bytes);
    Ok(())
}
