//! The data of attachments: taken in with the statements that describe it, given out beside them.
//!
//! Data is kept before the statements that name it are stored, so whoever sees a statement finds
//! its data. What a refused request leaves is named by no statement, out of reach, and swept.

mod intake;
mod sweep;

use std::collections::BTreeSet;
use std::sync::Arc;

use thiserror::Error;
use varde_xapi::{Attachment, Batch, Family, Faults, Object, Statement};

pub use intake::Intake;
pub use sweep::Sweep;

use crate::ports::{AttachmentName, AttachmentReader, Attachments, StoreError, StoredStatement};
use crate::statements::{RefusedStatements, Statements};
use crate::{Caller, Need};

/// Why statements and their attachments were not taken in. No statement of the request was.
#[derive(Debug, Error)]
pub enum RefusedIntake {
    /// A part, an attachment or a signature breaks rules.
    #[error(transparent)]
    Invalid(#[from] Faults),
    /// The statements themselves were not stored.
    #[error(transparent)]
    Statements(#[from] RefusedStatements),
}

impl From<varde_xapi::Fault> for RefusedIntake {
    fn from(fault: varde_xapi::Fault) -> Self {
        Self::Invalid(fault.into())
    }
}

impl From<StoreError> for RefusedIntake {
    fn from(error: StoreError) -> Self {
        Self::Statements(error.into())
    }
}

/// An attachment whose data is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAttachment {
    /// What the data is found by.
    pub name: AttachmentName,
    /// The content type that the statement gives it.
    pub content_type: String,
}

/// Takes in and gives out the data of attachments.
#[derive(Debug, Clone)]
pub struct AttachmentData {
    statements: Statements,
    attachments: Arc<dyn Attachments>,
}

impl AttachmentData {
    /// Works on one store; `statements` must be those of the same.
    pub fn new(statements: Statements, attachments: Arc<dyn Attachments>) -> Self {
        Self {
            statements,
            attachments,
        }
    }

    /// Begins to take in the statements of a request, whose parts may follow.
    pub fn take_in<'a>(
        &'a self,
        caller: &'a Caller,
        family: Family,
        batch: Batch,
    ) -> Result<Intake<'a>, RefusedIntake> {
        caller
            .may(Need::WriteStatements)
            .map_err(RefusedStatements::from)?;
        for received in &batch.statements {
            let may = caller.may_write(&received.statement);
            may.map_err(RefusedStatements::from)?;
        }
        Ok(Intake::begin(self, caller, family, batch))
    }

    /// Returns the attachments of statements that the caller was given, those whose data is kept,
    /// each digest once, in the order of the statements.
    ///
    /// Data that is gone, of an attachment that names no other place to find it, is a failure of
    /// the store.
    pub async fn of(
        &self,
        statements: &[StoredStatement],
    ) -> Result<Vec<KeptAttachment>, StoreError> {
        let (mut kept, mut seen) = (Vec::new(), BTreeSet::new());
        for stored in statements {
            let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
            for attachment in attachments_of(&statement) {
                let name = AttachmentName {
                    space: stored.space.clone(),
                    sha2: attachment.sha2.clone(),
                };
                if seen.contains(&name.sha2) {
                    continue;
                }
                if self.attachments.read(&name).await?.is_some() {
                    seen.insert(name.sha2.clone());
                    let content_type = attachment.content_type.clone();
                    kept.push(KeptAttachment { name, content_type });
                } else if attachment.file_url.is_none() {
                    return Err(gone(&name));
                }
            }
        }
        Ok(kept)
    }

    /// Begins to give out the data of an attachment.
    pub async fn read(
        &self,
        attachment: &KeptAttachment,
    ) -> Result<Box<dyn AttachmentReader>, StoreError> {
        let reader = self.attachments.read(&attachment.name).await?;
        reader.ok_or_else(|| gone(&attachment.name))
    }
}

fn gone(name: &AttachmentName) -> StoreError {
    let AttachmentName { space, sha2 } = name;
    StoreError::failed(format!(
        "the data of the attachment {sha2} of space {space} is gone"
    ))
}

/// Returns the attachments of a statement and of the `SubStatement` within.
pub fn attachments_of(statement: &Statement) -> impl Iterator<Item = &Attachment> {
    let within = match &statement.object {
        Object::SubStatement(sub) => sub.attachments.as_slice(),
        _ => &[],
    };
    statement.attachments.iter().chain(within)
}
