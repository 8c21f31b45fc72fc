//! The headers of one part.

use crate::fault::{Fault, Found, Rule};

/// The most octets of one part's headers together.
pub const HEADER_BYTES_MAX: usize = 8 * 1024;

/// The headers of one part; names compare without regard to letter case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartHeaders(Vec<(String, String)>);

impl PartHeaders {
    /// Reads header lines; space after the colon is optional, a name stands once.
    pub(super) fn parse(block: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(block).map_err(|_| fault("", "headers in UTF-8"))?;
        let mut headers = Self::default();
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| fault(line, "a header name and a colon"))?;
            let name = name.trim().to_ascii_lowercase();
            if headers.get(&name).is_some() {
                return Err(fault(line, "each header once"));
            }
            headers.0.push((name, value.trim().to_owned()));
        }
        Ok(headers)
    }

    /// Returns the value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        let header = self
            .0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(&header.1)
    }

    /// Returns `Content-Type`.
    pub fn content_type(&self) -> Option<&str> {
        self.get("content-type")
    }

    /// Returns `X-Experience-API-Hash` as sent.
    pub fn hash(&self) -> Option<&str> {
        self.get("x-experience-api-hash")
    }
}

fn fault(line: &str, expected: &str) -> Fault {
    Fault::of_parameter("part headers", Rule::Multipart, Found::text(line), expected)
}
