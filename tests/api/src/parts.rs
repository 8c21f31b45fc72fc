use std::collections::BTreeMap;

use serde_json::{Value, json};
use varde_xapi::attachment::Digester;

use crate::{Answer, statement};

/// A body of several parts, made line by line.
#[derive(Debug, Clone)]
pub struct Parts(Vec<u8>);

impl Parts {
    /// The content type of the body.
    pub const KIND: &str = "multipart/mixed; boundary=abc";

    /// Begins with the part that holds the statements.
    pub fn of(statements: &Value) -> Self {
        Self(vec![]).part("Content-Type: application/json", statements.to_string())
    }

    /// Adds a part with these header lines.
    #[must_use]
    pub fn part(mut self, headers: &str, data: impl AsRef<[u8]>) -> Self {
        let head = format!("\r\n--abc\r\n{headers}\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(data.as_ref());
        self
    }

    /// Adds the data of an attachment, under the SHA-256 digest that it has.
    #[must_use]
    pub fn data(self, data: impl AsRef<[u8]>) -> Self {
        self.digested(64, data)
    }

    /// Adds the data of an attachment, under its digest of so many hexadecimal digits.
    #[must_use]
    pub fn digested(self, digits: usize, data: impl AsRef<[u8]>) -> Self {
        let digest = sha2(digits, data.as_ref());
        self.part(&format!("X-Experience-API-Hash: {digest}"), data)
    }

    /// Returns the body with its last line, after which no line break follows.
    pub fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"\r\n--abc--");
        self.0
    }
}

/// Returns the SHA-2 digest of so many hexadecimal digits.
pub fn sha2(digits: usize, data: impl AsRef<[u8]>) -> String {
    let mut digester = Digester::of(&"0".repeat(digits));
    digester.update(data.as_ref());
    digester.finish()
}

/// Returns the description of an attachment with this data.
pub fn attachment(data: impl AsRef<[u8]>) -> Value {
    json!({
        "usageType": "https://example.org/uses/certificate",
        "display": { "en": "Certificate" },
        "contentType": "text/plain",
        "length": data.as_ref().len(),
        "sha2": sha2(64, data),
    })
}

/// Returns a plain statement with attachments.
pub fn with_attachments(attachments: impl Into<Vec<Value>>) -> Value {
    let mut with = statement(1);
    with["attachments"] = attachments.into().into();
    with
}

impl Answer {
    /// Returns the parts of the body: their headers, names in lower case, and their data.
    pub fn parts(&self) -> Vec<(BTreeMap<String, String>, Vec<u8>)> {
        let kind = self.header("content-type");
        let boundary = kind.strip_prefix("multipart/mixed; boundary=").expect(kind);
        let end = format!("\r\n--{boundary}--\r\n");
        let body = self.body.strip_suffix(end.as_bytes()).expect("an end");
        let body = [b"\r\n", body].concat();
        let parts = split(&body, format!("\r\n--{boundary}\r\n").as_bytes());
        parts.into_iter().skip(1).map(|part| read(&part)).collect()
    }
}

fn read(part: &[u8]) -> (BTreeMap<String, String>, Vec<u8>) {
    let end = part.windows(4).position(|four| four == b"\r\n\r\n");
    let (headers, data) = part.split_at(end.expect("an empty line behind the headers"));
    let headers = std::str::from_utf8(headers).expect("headers are UTF-8");
    let headers = headers.split("\r\n").map(|line| {
        let (name, value) = line.split_once(": ").expect("a name and a value");
        (name.to_lowercase(), value.to_owned())
    });
    (headers.collect(), data[4..].to_vec())
}

fn split(text: &[u8], by: &[u8]) -> Vec<Vec<u8>> {
    let (mut pieces, mut rest) = (vec![], text);
    while let Some(at) = rest.windows(by.len()).position(|window| window == by) {
        pieces.push(rest[..at].to_vec());
        rest = &rest[at + by.len()..];
    }
    pieces.push(rest.to_vec());
    pieces
}
