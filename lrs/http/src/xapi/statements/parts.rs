//! The data of attachments behind the statements of an answer (xAPI 1.0.3 Communication 1.5.2).

use std::vec;

use axum::body::{Body, Bytes};
use futures_util::stream;
use uuid::Uuid;
use varde_core::StoreError;
use varde_core::attachments::{AttachmentData, KeptAttachment};
use varde_core::ports::AttachmentReader;
use varde_xapi::multipart::Writer;

/// The parts of an answer, written as the client takes them.
#[derive(Debug)]
pub(super) struct Parts {
    attachments: AttachmentData,
    writer: Writer,
    waiting: vec::IntoIter<KeptAttachment>,
    /// The data of the part that was begun last.
    reader: Option<Box<dyn AttachmentReader>>,
    state: State,
}

/// How far an answer is written.
#[derive(Debug)]
enum State {
    /// This comes first: the part with the statements.
    Begin(Bytes),
    /// Only attachments and the end are left.
    Begun,
    /// Nothing is left.
    Ended,
}

impl Parts {
    /// Makes the parts of these attachments, set apart by a boundary drawn from the id.
    pub(super) fn new(attachments: AttachmentData, kept: Vec<KeptAttachment>, id: Uuid) -> Self {
        Self {
            attachments,
            writer: Writer::new(id),
            waiting: kept.into_iter(),
            reader: None,
            state: State::Begun,
        }
    }

    /// Returns the content type of the answer.
    pub(super) fn content_type(&self) -> String {
        self.writer.content_type()
    }

    /// Returns the body: the statements as JSON, and the attachments behind them.
    pub(super) fn behind(mut self, json: &str) -> Body {
        let begin = self.writer.json_part() + json;
        if self.waiting.as_slice().is_empty() {
            return Body::from(begin + &self.writer.end());
        }
        self.state = State::Begin(begin.into());
        Body::from_stream(stream::try_unfold(self, async |mut parts: Self| {
            let chunk = parts.next().await.inspect_err(log)?;
            Ok::<_, StoreError>(chunk.map(|chunk| (chunk, parts)))
        }))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        if let State::Begin(begin) = &mut self.state {
            let begin = std::mem::take(begin);
            self.state = State::Begun;
            return Ok(Some(begin));
        }
        if let Some(reader) = &mut self.reader
            && let Some(chunk) = reader.next().await?
        {
            return Ok(Some(chunk.into()));
        }
        self.between().await
    }

    /// Returns what stands between the data of two parts, and behind the last.
    async fn between(&mut self) -> Result<Option<Bytes>, StoreError> {
        self.reader = None;
        let text = match (self.waiting.next(), &self.state) {
            (Some(kept), _) => {
                self.reader = Some(self.attachments.read(&kept).await?);
                let KeptAttachment { name, content_type } = kept;
                self.writer.attachment_part(&content_type, &name.sha2)
            }
            (None, State::Ended) => return Ok(None),
            (None, _) => {
                self.state = State::Ended;
                self.writer.end()
            }
        };
        Ok(Some(text.into()))
    }
}

/// Tells the person who runs the server why an answer broke off, as the client cannot be told.
fn log(error: &StoreError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(cause, "an answer with attachments broke off: {error}");
}
