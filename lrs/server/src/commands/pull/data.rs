//! The data of attachments: kept before the statements that name it, and checked by its digest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use varde_core::Space;
use varde_core::attachments::attachments_of;
use varde_core::ports::{AttachmentName, AttachmentWriter, Attachments, KeepError};
use varde_xapi::multipart::{Event, PartHeaders};
use varde_xapi::signature::{self, SIGNATURE_BYTES_MAX};
use varde_xapi::{Attachment, Fault, Faults, Found, Rule};

use super::Tally;
use super::answer::{Broken, Parts};
use crate::commands::taking::{Ready, Unfit};
use crate::exit::Failure;

/// Why parts were not taken in to their end.
pub(super) enum Ended {
    /// The source broke off, or answered what is no body of several parts.
    Source(Broken),
    /// The store failed.
    Store(Failure),
}

impl From<varde_core::StoreError> for Ended {
    fn from(error: varde_core::StoreError) -> Self {
        Self::Store(error.into())
    }
}

/// Keeps the data of attachments of a space.
#[derive(Debug)]
pub(super) struct DataKeeper {
    pub(super) attachments: Arc<dyn Attachments>,
    pub(super) space: Space,
}

/// Data whose digest is another than the one that it came under, and the one that it has.
pub(super) type Wrong = BTreeMap<String, String>;

impl DataKeeper {
    /// Keeps the parts that statements name, and passes over the others.
    pub(super) async fn keep(
        &self,
        parts: &mut Parts,
        named: &[&Ready],
        tally: &mut Tally,
    ) -> Result<Wrong, Ended> {
        let named: BTreeSet<&str> = named
            .iter()
            .flat_map(|ready| attachments_of(&ready.received.statement))
            .map(|attachment| attachment.sha2.as_str())
            .collect();
        let mut wrong = Wrong::new();
        let mut part: Option<(String, Box<dyn AttachmentWriter>, u64)> = None;
        while let Some(event) = parts.next().await.map_err(Ended::Source)? {
            match event {
                Event::Part(headers) => {
                    part = match wanted(&headers, &named) {
                        Some(sha2) => {
                            let writer = self.attachments.write(self.name(&sha2)).await?;
                            Some((sha2, writer, 0))
                        }
                        None => None,
                    };
                }
                Event::Data(bytes) => {
                    if let Some((_, writer, length)) = &mut part {
                        *length += bytes.len() as u64;
                        writer.write(&bytes).await?;
                    }
                }
                Event::PartEnd => {
                    let Some((sha2, writer, length)) = part.take() else {
                        continue;
                    };
                    match writer.keep().await {
                        Ok(()) => tally.keep(length),
                        Err(KeepError::Digest { found }) => drop(wrong.insert(sha2, found)),
                        Err(KeepError::Store(error)) => return Err(error.into()),
                    }
                }
                Event::End => {}
            }
        }
        Ok(wrong)
    }

    /// Checks that each attachment of a statement has its data here, or says where it is; and that
    /// signatures fit.
    pub(super) async fn check(
        &self,
        ready: &Ready,
        wrong: &Wrong,
    ) -> Result<Result<(), Unfit>, Failure> {
        let mut faults = Vec::new();
        let own = ready.received.statement.attachments.len();
        let each = attachments_of(&ready.received.statement).enumerate();
        for (index, attachment) in each {
            let path = match index.checked_sub(own) {
                None => format!("$.attachments[{index}]"),
                Some(within) => format!("$.object.attachments[{within}]"),
            };
            let found = self.check_one((&path, attachment), ready, wrong).await?;
            faults.extend(found);
        }
        Ok(Faults::of(faults).map_or(Ok(()), |faults| Err(Unfit::Faults(faults))))
    }

    async fn check_one(
        &self,
        (path, attachment): (&str, &Attachment),
        ready: &Ready,
        wrong: &Wrong,
    ) -> Result<Option<Fault>, Failure> {
        let is_signature = signature::is_signature(attachment);
        if attachment.file_url.is_some() && !is_signature {
            return Ok(None);
        }
        let sha2 = &attachment.sha2;
        let Some(mut reader) = self.attachments.read(&self.name(sha2)).await? else {
            let (rule, expected) = match wrong.get(sha2) {
                Some(_) => (Rule::PartDigest, format!("data with the digest {sha2}")),
                None if is_signature => (Rule::SignatureData, "the signature's data".to_owned()),
                None => (Rule::AttachmentData, "the attachment's data".to_owned()),
            };
            let found = wrong.get(sha2).map_or("no data", String::as_str);
            let fault = Fault::of_parameter(path, rule, Found::text(found), &expected);
            return Ok(Some(fault));
        };
        if !is_signature {
            return Ok(None);
        }
        let mut data = Vec::new();
        while let Some(bytes) = reader.next().await? {
            data.extend(bytes);
            if data.len() > SIGNATURE_BYTES_MAX {
                break;
            }
        }
        let checked = signature::check(path, attachment, &data, &ready.received, ready.family);
        Ok(checked.err())
    }

    fn name(&self, sha2: &str) -> AttachmentName {
        AttachmentName {
            space: self.space.clone(),
            sha2: sha2.to_owned(),
        }
    }
}

/// Returns the digest of a part that is to be kept.
fn wanted(headers: &PartHeaders, named: &BTreeSet<&str>) -> Option<String> {
    let encoding = headers.get("content-transfer-encoding").unwrap_or("binary");
    let sha2 = headers.hash()?.to_ascii_lowercase();
    (encoding.eq_ignore_ascii_case("binary") && named.contains(sha2.as_str())).then_some(sha2)
}
