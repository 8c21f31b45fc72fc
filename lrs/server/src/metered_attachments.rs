//! Attachments that count the bytes that come.

use std::sync::Arc;

use async_trait::async_trait;
use prometheus::IntCounter;
use varde_core::StoreError;
use varde_core::ports::{
    AttachmentName, AttachmentReader, AttachmentWriter, Attachments, KeepError,
};
use varde_xapi::Stored;

/// Counts the bytes that are kept behind it.
#[derive(Debug)]
pub(crate) struct MeteredAttachments {
    attachments: Arc<dyn Attachments>,
    bytes: IntCounter,
}

/// Counts the bytes of one attachment once they are kept.
#[derive(Debug)]
struct MeteredWriter {
    writer: Box<dyn AttachmentWriter>,
    written: u64,
    bytes: IntCounter,
}

impl MeteredAttachments {
    /// Puts a counter in front of attachments.
    pub(crate) fn new(attachments: Arc<dyn Attachments>, bytes: IntCounter) -> Self {
        Self { attachments, bytes }
    }
}

#[async_trait]
impl Attachments for MeteredAttachments {
    async fn write(&self, name: AttachmentName) -> Result<Box<dyn AttachmentWriter>, StoreError> {
        Ok(Box::new(MeteredWriter {
            writer: self.attachments.write(name).await?,
            written: 0,
            bytes: self.bytes.clone(),
        }))
    }

    async fn read(
        &self,
        name: &AttachmentName,
    ) -> Result<Option<Box<dyn AttachmentReader>>, StoreError> {
        self.attachments.read(name).await
    }

    async fn kept_before(
        &self,
        instant: Stored,
        after: Option<&AttachmentName>,
        limit: usize,
    ) -> Result<Vec<AttachmentName>, StoreError> {
        self.attachments.kept_before(instant, after, limit).await
    }

    async fn remove(&self, name: &AttachmentName, before: Stored) -> Result<bool, StoreError> {
        self.attachments.remove(name, before).await
    }

    async fn remove_unkept(&self, before: Stored) -> Result<usize, StoreError> {
        self.attachments.remove_unkept(before).await
    }
}

#[async_trait]
impl AttachmentWriter for MeteredWriter {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.writer.write(bytes).await?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    async fn keep(self: Box<Self>) -> Result<(), KeepError> {
        self.writer.keep().await?;
        self.bytes.inc_by(self.written);
        Ok(())
    }
}
