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

#[cfg(test)]
mod tests {
    use varde_core::memory::MemoryStore;
    use varde_test_support::{TestClock, space};
    use varde_xapi::attachment::Digester;

    use super::*;

    #[tokio::test]
    async fn bytes_are_counted_once_they_are_kept_and_not_before() {
        let store = Arc::new(MemoryStore::new(Arc::new(TestClock::default())));
        let bytes = IntCounter::new("bytes", "Bytes.").expect("a counter");
        let metered = MeteredAttachments::new(store, bytes.clone());
        let mut digester = Digester::of("");
        digester.update(b"twelve bytes");
        let sha2 = digester.finish();
        for (sha2, counted) in [("0".repeat(64), 0), (sha2, 12)] {
            let space = space("sing");
            let mut writer = metered
                .write(AttachmentName { space, sha2 })
                .await
                .expect("begun");
            writer.write(b"twelve ").await.expect("taken");
            writer.write(b"bytes").await.expect("taken");
            let kept = writer.keep().await;
            assert_eq!(kept.is_ok(), counted > 0, "only under its digest");
            assert_eq!(bytes.get(), counted);
        }
    }
}
