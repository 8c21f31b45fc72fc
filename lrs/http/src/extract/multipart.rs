//! Bodies of several parts, read as they arrive (RFC 2046 5.1, xAPI 1.0.3 Communication 1.5.2).

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};
use varde_core::attachments::Intake;
use varde_xapi::Fault;
use varde_xapi::attachment::check_statements_part;
use varde_xapi::multipart::{Event, Parser};

use super::body::incomplete;
use crate::error::ApiError;
use crate::limits::Limits;

/// A body of several parts, of which some may have been read.
#[derive(Debug)]
pub(crate) struct Multipart {
    body: Body,
    parser: Parser,
    limits: Limits,
    /// When it has taken too long.
    ends: Instant,
    /// How many parts have begun.
    parts: usize,
    /// How many bytes have arrived.
    arrived: usize,
    /// How many of them are statements.
    statements: usize,
}

impl Multipart {
    pub(super) fn new(body: Body, boundary: &str, limits: Limits) -> Self {
        Self {
            body,
            parser: Parser::new(boundary).with_head_bytes_max(limits.part_head_bytes_max),
            ends: Instant::now() + limits.body_max,
            parts: 0,
            limits,
            arrived: 0,
            statements: 0,
        }
    }

    /// Reads the first part, which holds the statements.
    pub(super) async fn statements(&mut self) -> Result<Bytes, ApiError> {
        let mut json = Vec::new();
        while let Some(event) = self.next().await? {
            match event {
                Event::Part(headers) => check_statements_part(&headers)?,
                Event::Data(data) => {
                    json.extend(data);
                    self.statements = json.len();
                    self.check_statements_size()?;
                }
                Event::PartEnd | Event::End => break,
            }
        }
        Ok(json.into())
    }

    /// Hands everything behind the statements over as it arrives.
    pub(crate) async fn hand_over(mut self, intake: &mut Intake<'_>) -> Result<(), ApiError> {
        while let Some(event) = self.next().await? {
            intake.take(event).await?;
        }
        Ok(())
    }

    /// Returns what comes next; `None` at the end of the body.
    async fn next(&mut self) -> Result<Option<Event>, ApiError> {
        loop {
            if let Some(event) = self
                .parser
                .next_event()
                .map_err(|fault| self.named(fault))?
            {
                self.count(&event)?;
                return Ok(Some(event));
            }
            // Only now is it known which of the bytes are statements.
            self.check_size()?;
            let frame = timeout_at(self.ends, self.body.frame()).await;
            let Some(frame) = frame.map_err(|_| ApiError::TooLong)? else {
                self.parser.finish()?;
                return Ok(None);
            };
            if let Ok(chunk) = frame.map_err(|error| incomplete(&error))?.into_data() {
                self.arrived = self.arrived.saturating_add(chunk.len());
                self.parser.feed(&chunk);
            }
        }
    }

    fn count(&mut self, event: &Event) -> Result<(), ApiError> {
        self.parts += usize::from(matches!(event, Event::Part(_)));
        let parts_max = self.limits.parts_max;
        if self.parts <= parts_max {
            Ok(())
        } else {
            Err(ApiError::TooManyParts { parts_max })
        }
    }

    /// Names the setting where that is what a fault is about.
    fn named(&self, mut fault: Fault) -> Fault {
        if self.parser.is_head_too_long() {
            fault.expected.push_str(" (http.part_head_bytes_max)");
        }
        fault
    }

    fn check_statements_size(&self) -> Result<(), ApiError> {
        if self.statements <= self.limits.body_bytes_max {
            Ok(())
        } else {
            Err(ApiError::body_over(&self.limits))
        }
    }

    fn check_size(&self) -> Result<(), ApiError> {
        let bytes_max = self.limits.attachment_bytes_max;
        if self.arrived.saturating_sub(self.statements) <= bytes_max {
            Ok(())
        } else {
            Err(ApiError::AttachmentsTooLarge { bytes_max })
        }
    }
}
