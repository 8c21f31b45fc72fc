//! Bodies that hold statements: JSON, or several parts with the data of attachments
//! (xAPI 1.0.3 Communication 1.5, IEEE 9274.1.1 4.1.3).

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use varde_xapi::attachment::{Expected, check_statements_part};
use varde_xapi::media_type::essence;
use varde_xapi::multipart::{Event, Parser, PartHeaders, boundary};
use varde_xapi::{Batch, Family, Fault, signature};

use super::body::{content_type, read_whole};
use crate::error::ApiError;
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// The parts of a body that holds statements, not yet looked into.
#[derive(Debug)]
pub(crate) struct StatementsBody {
    json: Bytes,
    parts: Vec<Part>,
}

/// One part with the data of an attachment.
#[derive(Debug)]
struct Part {
    headers: PartHeaders,
    data: Vec<u8>,
}

impl<S> FromRequest<S> for StatementsBody
where
    S: Send + Sync,
    Limits: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = content_type(request.headers())?;
        let limits = Limits::from_ref(state);
        let multipart = match kind.as_deref().map(essence).as_deref() {
            // None at all is read as JSON.
            None | Some("application/json") => None,
            Some("multipart/mixed") => Some(boundary(&kind.unwrap_or_default())?),
            Some(other) => {
                let (rule, expected) = (
                    ProtocolRule::ContentType,
                    "application/json or multipart/mixed",
                );
                return Err(Finding::new("Content-Type", rule, other, expected).into());
            }
        };
        let bytes = read_whole(request, limits.body_bytes_max).await?;
        match multipart {
            None => Ok(Self {
                json: bytes,
                parts: Vec::new(),
            }),
            Some(boundary) => Ok(Self::of_parts(split(&boundary, &bytes)?)?),
        }
    }
}

impl StatementsBody {
    fn of_parts(parts: Vec<Part>) -> Result<Self, Fault> {
        let mut parts = parts.into_iter();
        let statements = parts.next();
        let json = match statements {
            Some(part) => {
                check_statements_part(&part.headers)?;
                Bytes::from(part.data)
            }
            None => Bytes::new(),
        };
        Ok(Self {
            json,
            parts: parts.collect(),
        })
    }

    /// Returns the statements as JSON text.
    pub(crate) fn json(&self) -> &[u8] {
        &self.json
    }

    /// Checks that each attachment has its data, each part its attachment, and that signatures
    /// fit their statements.
    pub(crate) fn check(&self, batch: &Batch, family: Family) -> Result<(), ApiError> {
        let mut expected = Expected::of(batch);
        let mut data = BTreeMap::new();
        // The statements are part 1.
        for (number, part) in (2..).zip(&self.parts) {
            let mut check = expected.part(number, &part.headers)?;
            data.insert(check.sha2().to_owned(), part.data.as_slice());
            check.update(&part.data);
            check.finish()?;
        }
        expected.finish()?;
        check_signatures(batch, &data, family)?;
        if data.is_empty() {
            Ok(())
        } else {
            Err(ApiError::AttachmentData)
        }
    }
}

fn check_signatures(
    batch: &Batch,
    data: &BTreeMap<String, &[u8]>,
    family: Family,
) -> Result<(), Fault> {
    for (index, received) in batch.statements.iter().enumerate() {
        let root = if batch.array {
            format!("$[{index}]")
        } else {
            "$".to_owned()
        };
        for (place, attachment) in received.statement.attachments.iter().enumerate() {
            if signature::is_signature(attachment) {
                let path = format!("{root}.attachments[{place}]");
                let data = data.get(&attachment.sha2).copied().unwrap_or_default();
                signature::check(&path, attachment, data, received, family)?;
            }
        }
    }
    Ok(())
}

fn split(boundary: &str, body: &[u8]) -> Result<Vec<Part>, Fault> {
    let mut parser = Parser::new(boundary);
    parser.feed(body);
    let mut parts: Vec<Part> = Vec::new();
    while let Some(event) = parser.next_event()? {
        match event {
            Event::Part(headers) => parts.push(Part {
                headers,
                data: Vec::new(),
            }),
            Event::Data(data) => {
                if let Some(part) = parts.last_mut() {
                    part.data.extend(data);
                }
            }
            Event::PartEnd | Event::End => {}
        }
    }
    parser.finish()?;
    Ok(parts)
}
