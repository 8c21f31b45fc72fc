//! Writing a body of several parts.

use std::fmt::Write as _;

/// Writes the frame of a `multipart/mixed` body; the octets of the parts go between.
///
/// The order is [`Writer::json_part`] or [`Writer::attachment_part`], the part's octets, and so on, then [`Writer::end`].
#[derive(Debug)]
pub struct Writer {
    boundary: String,
    begun: bool,
}

impl Writer {
    /// Makes a writer whose boundary is drawn from an id that occurs in no part.
    pub fn new(id: uuid::Uuid) -> Self {
        Self {
            boundary: format!("varde-{}", id.simple()),
            begun: false,
        }
    }

    /// Returns the `Content-Type` of the whole body.
    pub fn content_type(&self) -> String {
        format!("multipart/mixed; boundary={}", self.boundary)
    }

    /// Returns what stands before the octets of the JSON part.
    pub fn json_part(&mut self) -> String {
        self.part(&[("Content-Type", "application/json")])
    }

    /// Returns what stands before the octets of an attachment.
    pub fn attachment_part(&mut self, content_type: &str, sha2: &str) -> String {
        self.part(&[
            ("Content-Type", content_type),
            ("Content-Transfer-Encoding", "binary"),
            ("X-Experience-API-Hash", sha2),
        ])
    }

    fn part(&mut self, headers: &[(&str, &str)]) -> String {
        let break_before = if self.begun { "\r\n" } else { "" };
        self.begun = true;
        let mut out = format!("{break_before}--{}\r\n", self.boundary);
        for (name, value) in headers {
            // Writing to a text cannot fail. A line break in a value would end the header.
            let _ = write!(out, "{name}: {}\r\n", value.replace(['\r', '\n'], " "));
        }
        out.push_str("\r\n");
        out
    }

    /// Returns what stands after the last part.
    pub fn end(&self) -> String {
        format!("\r\n--{}--\r\n", self.boundary)
    }
}
