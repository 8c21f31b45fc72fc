//! Evidence: the files that prove what a report says (attendance lists, certificates, agreements).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::ports::{Change, Changes, Collection, CommitError, Expected, KeyRange, StoreError};
use varde_core::{Caller, KeyId, Need, ProjectCode};
use varde_xapi::Stored;

use super::Reports;
use super::body::{ReportBody, sha256};
use super::error::ReportError;
use super::keeping::check_project;
use super::key::ReportKey;
use super::pieces::Pieces;
use super::text::{bounded, told};
use crate::IndicatorCode;

/// The most bytes of an evidence file.
pub const EVIDENCE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most files of a page.
pub const EXHIBITS_MAX: usize = 1_000;
/// The most characters of a title, and of a media type.
const TITLE_MAX: usize = 200;
/// The most things that one file proves.
const LINKS_MAX: usize = 10_000;
/// How often a change is tried again because of somebody else's.
const TRIES: usize = 5;

/// project, hash → [`Exhibit`].
const EXHIBIT: Collection = Collection("report-evidence");
/// project, hash, number → a piece of a file.
const PIECE: Collection = Collection("report-evidence-piece");

/// An evidence file: what is known of it beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    /// SHA-256 of its bytes, as 64 hex digits.
    pub sha256: String,
    /// What it is, in words.
    pub title: String,
    /// Its media type.
    pub media_type: String,
    /// How many bytes it has.
    pub bytes: usize,
    /// When it was taken in.
    pub added: Stored,
    /// By whom.
    pub by: KeyId,
    /// What it proves.
    pub links: Vec<Link>,
}

/// Something that an evidence file proves: a report as a whole, a manual line, or a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The last day of the report's period; any report where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Date>,
    /// The indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<IndicatorCode>,
    /// The key of the indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ReportKey>,
    /// The manual line of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// A file as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// The project that it is of.
    pub project: ProjectCode,
    /// What it is, in words.
    pub title: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Evidence files in the order of their hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidencePage {
    /// The files.
    pub items: Vec<Exhibit>,
    /// Behind which hash the next page begins; `None` on the last.
    pub next: Option<String>,
}

impl Exhibit {
    /// Tells whether it belongs to a report: it is linked to it or to a key in it, or a manual line
    /// or an opening balance names it.
    pub(super) fn is_of(&self, body: &ReportBody) -> bool {
        let named = |document: &str| document == self.sha256;
        let lines = body.lines.iter().any(|line| named(&line.document));
        let openings = body
            .indicators
            .iter()
            .filter_map(|one| one.opening.as_ref());
        let mut documents = openings.filter_map(|opening| opening.document.as_deref());
        lines || documents.any(named) || self.links.iter().any(|link| link.is_of(body))
    }
}

impl Link {
    fn is_of(&self, body: &ReportBody) -> bool {
        if self.period.is_some_and(|period| period != body.period.end) {
            return false;
        }
        match (&self.code, &self.key) {
            (Some(code), Some(key)) => body.indicator(code).is_some_and(|indicator| {
                let corrected = indicator.corrections.iter().any(|one| one.key == *key);
                corrected || indicator.keys.iter().any(|one| one.key == *key)
            }),
            _ => self.period.is_some(),
        }
    }

    fn check(&self) -> Result<(), ReportError> {
        let rule = match (&self.code, &self.key, self.line, self.period) {
            (None, None, _, None) => Some("a period, or an indicator's code and a key"),
            (Some(_), None, _, _) | (None, Some(_), _, _) => Some("a code and a key together"),
            (_, _, Some(_), None) => Some("a line and the period of its report together"),
            _ => None,
        };
        rule.map_or(Ok(()), |expected| {
            Err(ReportError::Invalid {
                field: "link",
                expected: expected.to_owned(),
                found: "only a part of it".to_owned(),
            })
        })
    }
}

fn record_key(project: &ProjectCode, sha256: &str) -> Vec<u8> {
    format!("{project}/{sha256}").into_bytes()
}

impl Reports {
    /// Keeps an evidence file, whole or not at all. One that is kept already stays as it is, and is
    /// returned so.
    pub async fn add_evidence(
        &self,
        caller: &Caller,
        new: NewEvidence,
    ) -> Result<Exhibit, ReportError> {
        caller.may(Need::ManageReports)?;
        check_project(caller, &new.project)?;
        let title = bounded("title", &new.title, TITLE_MAX)?;
        let media_type = bounded("media type", &new.media_type, TITLE_MAX)?;
        if new.bytes.is_empty() || new.bytes.len() > EVIDENCE_BYTES_MAX {
            return Err(ReportError::TooLarge {
                what: "an evidence file of 1 byte or more",
                found: new.bytes.len(),
                max: EVIDENCE_BYTES_MAX,
            });
        }
        let sha256 = sha256(&new.bytes);
        if let Some((known, _)) = self.exhibit_record(&new.project, &sha256).await? {
            return Ok(known);
        }
        let exhibit = Exhibit {
            title,
            media_type,
            bytes: new.bytes.len(),
            added: self.clock.now(),
            by: caller.key,
            links: Vec::new(),
            sha256,
        };
        self.note(caller, &told("evidence add", &new.project, None))
            .await?;
        let pieces = Pieces::of(&self.records, PIECE, new.project.as_str(), &exhibit.sha256);
        let mut changes = pieces.changes(&new.bytes);
        changes.push(put(&new.project, &exhibit, Expected::Absent)?);
        // The file is one commit, however many pieces it has.
        let import = true;
        let changes = Changes {
            changes,
            import,
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            Ok(_) => Ok(exhibit),
            // Somebody else has kept the same file a moment ago.
            Err(CommitError::Conflict { .. }) => {
                let known = self.exhibit_record(&new.project, &exhibit.sha256).await?;
                known.map(|(known, _)| known).ok_or(ReportError::Changed)
            }
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(error) => Err(StoreError::failed(error).into()),
        }
    }

    /// Returns up to `limit` evidence files of a project, at most [`EXHIBITS_MAX`], behind the one of
    /// a hash.
    pub async fn evidence(
        &self,
        caller: &Caller,
        project: &ProjectCode,
        (after, limit): (Option<&str>, usize),
    ) -> Result<EvidencePage, ReportError> {
        caller.may(Need::ReadReports)?;
        check_project(caller, project)?;
        let limit = limit.clamp(1, EXHIBITS_MAX);
        let mut items = self.exhibits(project, after, limit + 1).await?;
        let is_last = items.len() <= limit;
        items.truncate(limit);
        let next = items.last().map(|last| last.sha256.clone());
        Ok(EvidencePage {
            items,
            next: next.filter(|_| !is_last),
        })
    }

    /// Returns an evidence file with its bytes.
    pub async fn evidence_file(
        &self,
        caller: &Caller,
        project: &ProjectCode,
        sha256: &str,
    ) -> Result<(Exhibit, Vec<u8>), ReportError> {
        caller.may(Need::ReadReports)?;
        check_project(caller, project)?;
        let found = self.exhibit_record(project, sha256).await?;
        let (exhibit, _) = found.ok_or(ReportError::Absent("evidence file"))?;
        self.note(caller, &told("evidence file", project, None))
            .await?;
        let bytes = Pieces::of(&self.records, PIECE, project.as_str(), sha256)
            .read()
            .await?;
        if super::body::sha256(&bytes) != exhibit.sha256 {
            let fault = format!("the evidence file {sha256} has other bytes than its hash says");
            return Err(StoreError::failed(fault).into());
        }
        Ok((exhibit, bytes))
    }

    /// Says that an evidence file proves something. Saying it again changes nothing.
    ///
    /// A key's person is named by pseudonym or id.
    pub async fn link_evidence(
        &self,
        caller: &Caller,
        (project, sha256): (&ProjectCode, &str),
        mut link: Link,
    ) -> Result<Exhibit, ReportError> {
        caller.may(Need::ManageReports)?;
        check_project(caller, project)?;
        link.check()?;
        if let Some(key) = &mut link.key {
            self.resolve(key).await?;
        }
        self.note(caller, &told("evidence link", project, link.period))
            .await?;
        for _ in 0..TRIES {
            let found = self.exhibit_record(project, sha256).await?;
            let (mut exhibit, version) = found.ok_or(ReportError::Absent("evidence file"))?;
            if exhibit.links.contains(&link) {
                return Ok(exhibit);
            }
            if exhibit.links.len() >= LINKS_MAX {
                return Err(ReportError::Invalid {
                    field: "link",
                    expected: format!("at most {LINKS_MAX} for one file"),
                    found: "one more".to_owned(),
                });
            }
            exhibit.links.push(link.clone());
            let change = put(project, &exhibit, Expected::Version(version))?;
            if self.commit_one(change).await? {
                return Ok(exhibit);
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Checks that a document is an evidence file of the project.
    pub(super) async fn check_document(
        &self,
        project: &ProjectCode,
        sha256: &str,
    ) -> Result<(), ReportError> {
        if self.exhibit_record(project, sha256).await?.is_some() {
            return Ok(());
        }
        Err(ReportError::Invalid {
            field: "document",
            expected: "the SHA-256 of an evidence file of the project".to_owned(),
            found: sha256.chars().take(80).collect(),
        })
    }

    /// Returns the evidence files of a report.
    pub(super) async fn exhibits_of(
        &self,
        project: &ProjectCode,
        body: &ReportBody,
    ) -> Result<Vec<Exhibit>, StoreError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .exhibits(project, after.as_deref(), EXHIBITS_MAX)
                .await?;
            let Some(last) = page.last() else {
                return Ok(found);
            };
            after = Some(last.sha256.clone());
            found.extend(page.into_iter().filter(|exhibit| exhibit.is_of(body)));
        }
    }

    async fn exhibits(
        &self,
        project: &ProjectCode,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Exhibit>, StoreError> {
        let range = KeyRange {
            prefix: format!("{project}/").into_bytes(),
            after: after.map(|after| record_key(project, after)),
            limit,
        };
        let records = self.records.range(EXHIBIT, &range).await?;
        let exhibits = records.iter();
        exhibits
            .map(|record| serde_json::from_slice(&record.value).map_err(StoreError::failed))
            .collect()
    }

    async fn exhibit_record(
        &self,
        project: &ProjectCode,
        sha256: &str,
    ) -> Result<Option<(Exhibit, u64)>, StoreError> {
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            return Ok(None);
        }
        let key = record_key(project, sha256);
        let Some(record) = self.records.get(EXHIBIT, &key).await? else {
            return Ok(None);
        };
        let exhibit = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
        Ok(Some((exhibit, record.version)))
    }
}

fn put(project: &ProjectCode, exhibit: &Exhibit, expected: Expected) -> Result<Change, StoreError> {
    Ok(Change {
        collection: EXHIBIT,
        key: record_key(project, &exhibit.sha256),
        value: Some(serde_json::to_vec(exhibit).map_err(StoreError::failed)?),
        expected,
    })
}
