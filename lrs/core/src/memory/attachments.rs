use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use varde_xapi::Stored;
use varde_xapi::attachment::Digester;

use super::MemoryStore;
use crate::Clock;
use crate::ports::{
    AttachmentName, AttachmentReader, AttachmentWriter, Attachments, KeepError, StoreError,
};

/// How many bytes a reader gives at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Bytes, each with the instant they were last kept at.
type ByName = BTreeMap<AttachmentName, (Stored, Arc<[u8]>)>;

/// The bytes kept, shared with those who write.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept(Arc<Mutex<ByName>>);

impl Kept {
    fn lock(&self) -> MutexGuard<'_, ByName> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Attachments for MemoryStore {
    async fn write(&self, name: AttachmentName) -> Result<Box<dyn AttachmentWriter>, StoreError> {
        Ok(Box::new(Writer {
            kept: self.kept.clone(),
            clock: Arc::clone(&self.clock),
            name,
            bytes: Vec::new(),
        }))
    }

    async fn read(
        &self,
        name: &AttachmentName,
    ) -> Result<Option<Box<dyn AttachmentReader>>, StoreError> {
        let kept = self.kept.lock();
        let bytes = kept.get(name).map(|(_, bytes)| Arc::clone(bytes));
        Ok(bytes.map(|bytes| Box::new(Reader { bytes, at: 0 }) as _))
    }

    async fn kept_before(
        &self,
        instant: Stored,
        after: Option<&AttachmentName>,
        limit: usize,
    ) -> Result<Vec<AttachmentName>, StoreError> {
        let behind = after.map_or(Bound::Unbounded, Bound::Excluded);
        let kept = self.kept.lock();
        let names = kept
            .range((behind, Bound::Unbounded))
            .filter(|(_, (at, _))| *at < instant)
            .map(|(name, _)| name.clone());
        Ok(names.take(limit).collect())
    }

    async fn remove(&self, name: &AttachmentName, before: Stored) -> Result<bool, StoreError> {
        let mut kept = self.kept.lock();
        let old = kept.get(name).is_some_and(|(at, _)| *at < before);
        if old {
            kept.remove(name);
        }
        Ok(old)
    }

    /// A process takes along what it did not keep.
    async fn remove_unkept(&self, _before: Stored) -> Result<usize, StoreError> {
        Ok(0)
    }
}

#[derive(Debug)]
struct Writer {
    kept: Kept,
    clock: Arc<dyn Clock>,
    name: AttachmentName,
    bytes: Vec<u8>,
}

#[async_trait]
impl AttachmentWriter for Writer {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    async fn keep(self: Box<Self>) -> Result<(), KeepError> {
        let mut digester = Digester::of(&self.name.sha2);
        digester.update(&self.bytes);
        let found = digester.finish();
        if found != self.name.sha2 {
            return Err(KeepError::Digest { found });
        }
        let kept = (self.clock.now(), self.bytes.into());
        self.kept.lock().insert(self.name, kept);
        Ok(())
    }
}

#[derive(Debug)]
struct Reader {
    bytes: Arc<[u8]>,
    at: usize,
}

#[async_trait]
impl AttachmentReader for Reader {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let chunk: Vec<u8> = rest.iter().take(CHUNK_BYTES).copied().collect();
        self.at += chunk.len();
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}
