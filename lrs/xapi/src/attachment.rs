//! Which attachments a batch describes, and which parts belong to them.
//!
//! xAPI 1.0.3 Communication 1.5.2 and Data 2.4.11: a part belongs to the attachments that have its
//! SHA-2 digest, and to nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::fault::{Fault, Faults, Found, Rule};
use crate::media_type::essence;
use crate::model::{Attachment, Object};
use crate::multipart::PartHeaders;
use crate::receive::Batch;
use crate::signature;

/// The attachments that a batch describes, by digest, with the parts seen so far.
#[derive(Debug)]
pub struct Expected {
    by_sha2: BTreeMap<String, Wanted>,
}

/// The attachments of one digest.
#[derive(Debug, Default)]
struct Wanted {
    described: Vec<Described>,
    seen: bool,
}

/// One attachment as a statement describes it.
#[derive(Debug)]
struct Described {
    path: String,
    content_type: String,
    length: u64,
    /// Without a `fileUrl`, or a signature.
    needs_data: Option<Rule>,
}

/// Checks the headers of the first part, which holds all statements as JSON.
pub fn check_statements_part(headers: &PartHeaders) -> Result<(), Fault> {
    let sent = headers.content_type();
    if sent.is_none_or(|kind| essence(kind) == "application/json") {
        return Ok(());
    }
    let found = sent.unwrap_or_default();
    Err(part_fault(
        1,
        Rule::StatementsPart,
        found,
        "application/json",
    ))
}

impl Expected {
    /// Gathers the attachments of every statement and of the `SubStatements` within.
    pub fn of(batch: &Batch) -> Self {
        let mut expected = Self {
            by_sha2: BTreeMap::new(),
        };
        for (index, received) in batch.statements.iter().enumerate() {
            let root = batch.path(index);
            expected.add(&root, &received.statement.attachments);
            if let Object::SubStatement(sub) = &received.statement.object {
                expected.add(&format!("{root}.object"), &sub.attachments);
            }
        }
        expected
    }

    fn add(&mut self, path: &str, attachments: &[Attachment]) {
        for (index, attachment) in attachments.iter().enumerate() {
            let wanted = self.by_sha2.entry(attachment.sha2.clone()).or_default();
            wanted.described.push(Described {
                path: format!("{path}.attachments[{index}]"),
                content_type: attachment.content_type.clone(),
                length: attachment.length,
                needs_data: needs_data(attachment),
            });
        }
    }

    /// Takes the headers of a part after the first and returns what its octets must amount to.
    ///
    /// `number` counts the parts of the body from 1 and serves the fault only.
    pub fn part(&mut self, number: usize, headers: &PartHeaders) -> Result<PartCheck, Fault> {
        let fault = |rule, found: Option<&str>, expected: &str| {
            Err(part_fault(number, rule, found.unwrap_or("none"), expected))
        };
        let encoding = headers.get("content-transfer-encoding");
        if encoding.is_some_and(|value| !value.eq_ignore_ascii_case("binary")) {
            return fault(Rule::PartEncoding, encoding, "binary");
        }
        let hash = headers.hash();
        let sha2 = hash.unwrap_or_default().to_ascii_lowercase();
        let Some(wanted) = self.by_sha2.get_mut(&sha2).filter(|wanted| !wanted.seen) else {
            return fault(
                Rule::PartHash,
                hash,
                "the sha2 of an attachment, each in one part",
            );
        };
        wanted.seen = true;
        let sent = headers.content_type();
        let fits = |kind: &str| {
            wanted
                .described
                .iter()
                .any(|item| essence(&item.content_type) == essence(kind))
        };
        if sent.is_some_and(|kind| !fits(kind)) {
            return fault(Rule::PartType, sent, "the contentType of the attachment");
        }
        // A wrong `length` alone is let pass: the digest vouches for the octets.
        let mut lengths = Vec::new();
        if let Some(length) = headers.get("content-length") {
            match length.parse() {
                Ok(length) => lengths.push(length),
                Err(_) => return fault(Rule::PartLength, Some(length), "a number of octets"),
            }
            lengths.extend(wanted.described.iter().map(|item| item.length));
        }
        Ok(PartCheck {
            number,
            digester: Digester::of(&sha2),
            sha2,
            lengths,
            length: 0,
        })
    }

    /// Says that no further part comes; attachments left without data are faults.
    ///
    /// A JSON body without parts ends so at once.
    pub fn finish(&self) -> Result<(), Faults> {
        let unseen = self.by_sha2.values().filter(|wanted| !wanted.seen);
        let missing = unseen
            .flat_map(|wanted| &wanted.described)
            .filter_map(|item| {
                let expected = "a part with the attachment's data";
                let found = Found::new("no part with its sha2", "attachment without data");
                Some(Fault::of_parameter(
                    &item.path,
                    item.needs_data?,
                    found,
                    expected,
                ))
            });
        let faults: Vec<Fault> = missing.collect();
        let total = faults.len();
        let told = faults.into_iter().take(crate::fault::FAULTS_MAX).collect();
        Faults::gather(told, total).map_or(Ok(()), Err)
    }
}

fn needs_data(attachment: &Attachment) -> Option<Rule> {
    if attachment.usage_type.as_str() == signature::USAGE_TYPE {
        return Some(Rule::SignatureData);
    }
    attachment
        .file_url
        .is_none()
        .then_some(Rule::AttachmentData)
}

/// A part whose octets are being counted and digested.
#[derive(Debug)]
pub struct PartCheck {
    number: usize,
    sha2: String,
    digester: Digester,
    lengths: Vec<u64>,
    length: u64,
}

impl PartCheck {
    /// Returns the digest that the part is sent under, in lower case.
    pub fn sha2(&self) -> &str {
        &self.sha2
    }

    /// Takes octets of the part.
    pub fn update(&mut self, octets: &[u8]) {
        self.length = self.length.saturating_add(octets.len() as u64);
        self.digester.update(octets);
    }

    /// Compares digest and length with what was announced; returns the length in octets.
    pub fn finish(self) -> Result<u64, Fault> {
        let digest = self.digester.finish();
        if digest != self.sha2 {
            let expected = format!("octets with the digest {}", self.sha2);
            return Err(part_fault(
                self.number,
                Rule::PartDigest,
                &digest,
                &expected,
            ));
        }
        if let Some(other) = self.lengths.iter().find(|length| **length != self.length) {
            let found = format!("{} octets", self.length);
            let expected = format!("{other} octets");
            return Err(part_fault(self.number, Rule::PartLength, &found, &expected));
        }
        Ok(self.length)
    }
}

fn part_fault(number: usize, rule: Rule, found: &str, expected: &str) -> Fault {
    Fault::of_parameter(
        &format!("part {number}"),
        rule,
        Found::new(found, "part"),
        expected,
    )
}

/// A SHA-2 digest under way, of the kind that an attachment's `sha2` has.
#[derive(Debug)]
pub struct Digester(Kind);

#[derive(Debug)]
enum Kind {
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Digester {
    /// Starts the digest whose length in hexadecimal digits is that of `sha2`; SHA-256 when none
    /// has it.
    pub fn of(sha2: &str) -> Self {
        Self(match sha2.len() {
            56 => Kind::Sha224(Sha224::new()),
            96 => Kind::Sha384(Sha384::new()),
            128 => Kind::Sha512(Sha512::new()),
            _ => Kind::Sha256(Sha256::new()),
        })
    }

    /// Takes octets in.
    pub fn update(&mut self, octets: &[u8]) {
        match &mut self.0 {
            Kind::Sha224(digest) => digest.update(octets),
            Kind::Sha256(digest) => digest.update(octets),
            Kind::Sha384(digest) => digest.update(octets),
            Kind::Sha512(digest) => digest.update(octets),
        }
    }

    /// Returns the digest of all octets in lower-case hexadecimal digits.
    pub fn finish(self) -> String {
        match self.0 {
            Kind::Sha224(digest) => hexadecimal(&digest.finalize()),
            Kind::Sha256(digest) => hexadecimal(&digest.finalize()),
            Kind::Sha384(digest) => hexadecimal(&digest.finalize()),
            Kind::Sha512(digest) => hexadecimal(&digest.finalize()),
        }
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    let mut out = String::with_capacity(2 * octets.len());
    for octet in octets {
        // Writing to a text cannot fail.
        let _ = write!(out, "{octet:02x}");
    }
    out
}
