//! Taking in the statements of one request and the parts that follow them.

use varde_xapi::attachment::{Expected, PartCheck};
use varde_xapi::multipart::{Event, PartHeaders};
use varde_xapi::signature::{self, SIGNATURE_BYTES_MAX};
use varde_xapi::{Batch, Family, Faults, StatementId};

use super::{AttachmentData, RefusedIntake};
use crate::Caller;
use crate::ports::{AttachmentName, AttachmentWriter, KeepError, StoreError};

/// The statements of one request, and what has arrived of their attachments.
///
/// Each part is checked as it arrives: its headers, its length and digest, and where it is a
/// signature, whether that fits the statement (xAPI 1.0.3 Communication 1.5.2 and Data 2.6).
#[derive(Debug)]
pub struct Intake<'a> {
    data: &'a AttachmentData,
    caller: &'a Caller,
    family: Family,
    batch: Batch,
    expected: Expected,
    /// How many parts have begun, the one with the statements included.
    parts: usize,
    part: Option<Part>,
}

/// A part on its way.
#[derive(Debug)]
struct Part {
    check: PartCheck,
    writer: Box<dyn AttachmentWriter>,
    /// The data of a signature, which is needed whole.
    signature: Option<Vec<u8>>,
}

impl<'a> Intake<'a> {
    pub(super) fn begin(
        data: &'a AttachmentData,
        caller: &'a Caller,
        family: Family,
        batch: Batch,
    ) -> Self {
        Self {
            data,
            caller,
            family,
            expected: Expected::of(&batch),
            batch,
            parts: 1,
            part: None,
        }
    }

    /// Takes what comes next in a body of several parts, behind the part with the statements.
    pub async fn take(&mut self, event: Event) -> Result<(), RefusedIntake> {
        match event {
            Event::Part(headers) => self.part = Some(self.begin_part(&headers).await?),
            Event::Data(octets) => {
                if let Some(part) = &mut self.part {
                    part.take(&octets).await?;
                }
            }
            Event::PartEnd => {
                if let Some(part) = self.part.take() {
                    let writer = self.check(part)?;
                    keep(writer).await?;
                }
            }
            Event::End => {}
        }
        Ok(())
    }

    /// Stores all the statements or none, once no further part comes, and returns their ids in
    /// order. Every attachment must have its data by now, or a `fileUrl`.
    pub async fn store(self) -> Result<Vec<StatementId>, RefusedIntake> {
        self.expected.finish()?;
        let statements = &self.data.statements;
        let stored = statements.store_batch(self.caller, self.family, self.batch);
        Ok(stored.await?)
    }

    async fn begin_part(&mut self, headers: &PartHeaders) -> Result<Part, RefusedIntake> {
        self.parts += 1;
        let check = self.expected.part(self.parts, headers)?;
        let name = AttachmentName {
            space: self.caller.space.clone(),
            sha2: check.sha2().to_owned(),
        };
        Ok(Part {
            signature: self.is_signature(&name.sha2).then(Vec::new),
            check,
            writer: self.data.attachments.write(name).await?,
        })
    }

    /// Checks a part that is complete, and returns the writer that holds it.
    fn check(&self, part: Part) -> Result<Box<dyn AttachmentWriter>, Faults> {
        let Part {
            check,
            writer,
            signature,
        } = part;
        let sha2 = check.sha2().to_owned();
        check.finish()?;
        if let Some(data) = signature {
            self.check_signature(&sha2, &data)?;
        }
        Ok(writer)
    }

    fn is_signature(&self, sha2: &str) -> bool {
        let statements = self.batch.statements.iter();
        statements
            .flat_map(|received| &received.statement.attachments)
            .any(|attachment| signature::is_signature(attachment) && attachment.sha2 == sha2)
    }

    /// Checks a signature's data against each statement that carries it.
    fn check_signature(&self, sha2: &str, data: &[u8]) -> Result<(), Faults> {
        for (index, received) in self.batch.statements.iter().enumerate() {
            for (place, attachment) in received.statement.attachments.iter().enumerate() {
                if signature::is_signature(attachment) && attachment.sha2 == sha2 {
                    let path = format!("{}.attachments[{place}]", self.batch.path(index));
                    signature::check(&path, attachment, data, received, self.family)?;
                }
            }
        }
        Ok(())
    }
}

impl Part {
    async fn take(&mut self, octets: &[u8]) -> Result<(), StoreError> {
        self.check.update(octets);
        if let Some(data) = &mut self.signature {
            // One more than is looked at tells that it is too long.
            let room = (SIGNATURE_BYTES_MAX + 1).saturating_sub(data.len());
            data.extend(octets.iter().take(room));
        }
        self.writer.write(octets).await
    }
}

async fn keep(writer: Box<dyn AttachmentWriter>) -> Result<(), StoreError> {
    match writer.keep().await {
        Ok(()) => Ok(()),
        Err(KeepError::Store(error)) => Err(error),
        // The part had the right digest a moment ago.
        Err(other @ KeepError::Digest { .. }) => Err(StoreError::failed(other)),
    }
}
