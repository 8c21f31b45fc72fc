//! The bytes of attachments: a name, and the runs of bytes that it leads to.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Document, doc};
use mongodb::options::ReturnDocument;
use tokio::runtime::Handle;
use uuid::Uuid;
use varde_core::ports::{
    AttachmentName, AttachmentReader, AttachmentWriter, KeepError, StoreError,
};
use varde_xapi::Stored;
use varde_xapi::attachment::Digester;

use crate::error::Fault;
use crate::layout::id;
use crate::shared::Shared;
use crate::store::on;

/// How many bytes a run has, but for the last.
const CHUNK_BYTES: usize = 255 * 1024;
/// How many runs are removed at once.
const REMOVED_AT_ONCE: i64 = 1_000;
/// For how many contents it is looked at once whether names lead to them.
const LOOKED_UP_AT_ONCE: usize = 1_000;

/// Returns the `_id` of a name.
fn name_id(name: &AttachmentName) -> String {
    format!("{}/{}", name.space, name.sha2)
}

fn name_of(document: &Document) -> Option<AttachmentName> {
    let (space, sha2) = document.get_str("_id").ok()?.split_once('/')?;
    Some(AttachmentName {
        space: space.parse().ok()?,
        sha2: sha2.to_owned(),
    })
}

/// Returns the `_id` of a run: the content's id and the run's number.
fn chunk_id(content: Uuid, number: i64) -> Binary {
    let mut bytes = content.as_bytes().to_vec();
    bytes.extend_from_slice(&number.to_be_bytes());
    Binary {
        subtype: BinarySubtype::Generic,
        bytes,
    }
}

/// Reads the `_id` of a run.
fn read_chunk_id(document: &Document) -> Option<(Uuid, i64)> {
    let bytes = document.get_binary_generic("_id").ok()?;
    let (content, number) = bytes.split_first_chunk::<16>()?;
    let number = i64::from_be_bytes(number.try_into().ok()?);
    Some((Uuid::from_bytes(*content), number))
}

/// Returns milliseconds as ids of contents begin with them.
fn millis(instant: Stored) -> u64 {
    u64::try_from(instant.0 / 1_000).unwrap_or(0)
}

/// Returns the `_id` before which all runs began to be written before an instant.
fn first_chunk_id(instant: Stored) -> Binary {
    let millis = u128::from(millis(instant)) << 80;
    chunk_id(Uuid::from_u128(millis), 0)
}

/// Where the bytes of a name are.
#[derive(Debug, Clone, Copy)]
struct Content {
    id: Uuid,
    chunks: i64,
}

impl Content {
    fn read(document: &Document) -> Result<Self, Fault> {
        let id = document.get_binary_generic("content").ok();
        let id = id.and_then(|bytes| Uuid::from_slice(bytes).ok());
        match (id, document.get_i64("chunks")) {
            (Some(id), Ok(chunks)) => Ok(Self { id, chunks }),
            _ => Err(Fault::Foreign(
                "a document of the collection `attachments` names no content".to_owned(),
            )),
        }
    }

    /// Returns its id as it stands beside a name.
    fn binary_id(&self) -> Binary {
        Binary {
            subtype: BinarySubtype::Generic,
            bytes: self.id.as_bytes().to_vec(),
        }
    }

    /// Removes its runs.
    async fn remove(self, shared: &Shared) -> Result<(), Fault> {
        let mut first = 0;
        while first < self.chunks {
            let numbers = first..self.chunks.min(first + REMOVED_AT_ONCE);
            first = numbers.end;
            let ids = id::list(numbers.map(|number| chunk_id(self.id, number)));
            let query = doc! { "_id": { "$in": ids } };
            shared.collections.chunks.delete_many(query).await?;
        }
        Ok(())
    }
}

/// Begins to take bytes in.
pub(crate) fn writer(
    shared: Arc<Shared>,
    runtime: Handle,
    name: AttachmentName,
) -> Result<Box<dyn AttachmentWriter>, StoreError> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes).map_err(StoreError::failed)?;
    let begun = millis(shared.clock.now());
    Ok(Box::new(Writer {
        digester: Some(Digester::of(&name.sha2)),
        shared,
        runtime,
        name,
        content: Content {
            // In the order of time, so that what is left of a killed process shows its age.
            id: uuid::Builder::from_unix_timestamp_millis(begun, &bytes).into_uuid(),
            chunks: 0,
        },
        waiting: Vec::new(),
        kept: false,
    }))
}

struct Writer {
    shared: Arc<Shared>,
    runtime: Handle,
    name: AttachmentName,
    digester: Option<Digester>,
    content: Content,
    /// Bytes that do not fill a run yet.
    waiting: Vec<u8>,
    /// Whether a name leads to what was written.
    kept: bool,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Writes the run that fills up, or the last one.
    async fn write_chunk(&mut self) -> Result<(), StoreError> {
        let bytes = std::mem::take(&mut self.waiting);
        let document = doc! {
            "_id": chunk_id(self.content.id, self.content.chunks),
            "bytes": Binary { subtype: BinarySubtype::Generic, bytes },
        };
        // Counted first: what may have been written is removed where it is not kept.
        self.content.chunks += 1;
        let shared = Arc::clone(&self.shared);
        on(&self.runtime, async move {
            shared.collections.chunks.insert_one(document).await?;
            Ok::<_, Fault>(())
        })
        .await?
        .map_err(StoreError::from)
    }

    /// Lets the name lead to what was written; tells whether it led nowhere before.
    async fn enter(&self) -> Result<bool, StoreError> {
        let shared = Arc::clone(&self.shared);
        let (id, content) = (name_id(&self.name), self.content);
        on(&self.runtime, async move {
            let update = doc! {
                "$set": { "kept": shared.clock.now().0 },
                "$setOnInsert": { "content": content.binary_id(), "chunks": content.chunks },
            };
            let enter = || {
                shared
                    .collections
                    .attachments
                    .find_one_and_update(doc! { "_id": &id }, update.clone())
                    .upsert(true)
                    .return_document(ReturnDocument::After)
            };
            let entered = match enter().await.map_err(Fault::from) {
                // Another writer made the name at the same moment; now it is there.
                Err(fault) if fault.is_duplicate() => enter().await?,
                entered => entered?,
            };
            let entered = entered.as_ref().map(Content::read).transpose()?;
            Ok::<_, Fault>(entered.is_some_and(|entered| entered.id == content.id))
        })
        .await?
        .map_err(StoreError::from)
    }
}

#[async_trait]
impl AttachmentWriter for Writer {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if let Some(digester) = &mut self.digester {
            digester.update(bytes);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = CHUNK_BYTES.saturating_sub(self.waiting.len());
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.waiting.extend_from_slice(now);
            rest = later;
            if self.waiting.len() >= CHUNK_BYTES {
                self.write_chunk().await?;
            }
        }
        Ok(())
    }

    async fn keep(mut self: Box<Self>) -> Result<(), KeepError> {
        let digester = self.digester.take();
        let found = digester.map(Digester::finish).unwrap_or_default();
        if found != self.name.sha2 {
            return Err(KeepError::Digest { found });
        }
        if !self.waiting.is_empty() {
            self.write_chunk().await?;
        }
        self.kept = self.enter().await?;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.kept || self.content.chunks == 0 {
            return;
        }
        let (shared, content) = (Arc::clone(&self.shared), self.content);
        self.runtime.spawn(async move {
            if let Err(fault) = content.remove(&shared).await {
                tracing::warn!(?fault, "bytes that nobody keeps were not removed");
            }
        });
    }
}

/// Begins to give bytes out.
pub(crate) async fn reader(
    shared: Arc<Shared>,
    runtime: Handle,
    name: &AttachmentName,
) -> Result<Option<Box<dyn AttachmentReader>>, Fault> {
    let query = doc! { "_id": name_id(name) };
    let found = shared.collections.attachments.find_one(query).await?;
    let content = found.as_ref().map(Content::read).transpose()?;
    Ok(content.map(|content| {
        Box::new(Reader {
            shared,
            runtime,
            content,
            next: 0,
        }) as _
    }))
}

#[derive(Debug)]
struct Reader {
    shared: Arc<Shared>,
    runtime: Handle,
    content: Content,
    next: i64,
}

#[async_trait]
impl AttachmentReader for Reader {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        if self.next >= self.content.chunks {
            return Ok(None);
        }
        let query = doc! { "_id": chunk_id(self.content.id, self.next) };
        let shared = Arc::clone(&self.shared);
        let found = on(&self.runtime, async move {
            Ok::<_, Fault>(shared.collections.chunks.find_one(query).await?)
        });
        let found = found.await?.map_err(StoreError::from)?;
        self.next += 1;
        match found.as_ref().map(|run| run.get_binary_generic("bytes")) {
            Some(Ok(bytes)) => Ok(Some(bytes.clone())),
            // Removed meanwhile, or somebody was at the database.
            _ => Err(StoreError::failed(
                "a part of an attachment's bytes is gone",
            )),
        }
    }
}

/// Returns names of bytes that were last kept before an instant.
pub(crate) async fn kept_before(
    shared: &Shared,
    instant: Stored,
    after: Option<&AttachmentName>,
    limit: usize,
) -> Result<Vec<AttachmentName>, Fault> {
    let mut query = doc! { "kept": { "$lt": instant.0 } };
    if let Some(after) = after {
        query.insert("_id", doc! { "$gt": name_id(after) });
    }
    let mut found = shared
        .collections
        .attachments
        .find(query)
        .sort(doc! { "_id": 1 })
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .await?;
    let mut names = Vec::new();
    while let Some(document) = found.try_next().await? {
        names.extend(name_of(&document));
    }
    Ok(names)
}

/// Removes bytes that were last kept before an instant, and tells whether it did.
pub(crate) async fn remove(
    shared: &Shared,
    name: &AttachmentName,
    before: Stored,
) -> Result<bool, Fault> {
    let query = doc! { "_id": name_id(name), "kept": { "$lt": before.0 } };
    let removed = shared.collections.attachments.find_one_and_delete(query);
    match removed.await? {
        None => Ok(false),
        Some(removed) => {
            Content::read(&removed)?.remove(shared).await?;
            Ok(true)
        }
    }
}

/// Removes the runs of contents that began to be written before an instant and that no name leads
/// to; returns of how many contents.
pub(crate) async fn remove_unkept(shared: &Shared, before: Stored) -> Result<usize, Fault> {
    let query = doc! { "_id": { "$lt": first_chunk_id(before) } };
    let mut runs = shared
        .collections
        .chunks
        .find(query)
        .projection(doc! { "_id": 1 })
        .sort(doc! { "_id": 1 })
        .await?;
    let (mut removed, mut contents) = (0, Vec::<Content>::new());
    while let Some(run) = runs.try_next().await? {
        let Some((id, number)) = read_chunk_id(&run) else {
            continue;
        };
        let chunks = number.saturating_add(1);
        match contents.last_mut() {
            Some(last) if last.id == id => last.chunks = chunks,
            _ => {
                if contents.len() >= LOOKED_UP_AT_ONCE {
                    removed += remove_nameless(shared, &contents).await?;
                    contents.clear();
                }
                contents.push(Content { id, chunks });
            }
        }
    }
    Ok(removed + remove_nameless(shared, &contents).await?)
}

/// Removes those of the contents that no name leads to, and returns how many that were.
async fn remove_nameless(shared: &Shared, contents: &[Content]) -> Result<usize, Fault> {
    let ids = id::list(contents.iter().map(Content::binary_id));
    let query = doc! { "content": { "$in": ids } };
    let named: Vec<Document> = shared
        .collections
        .attachments
        .find(query)
        .await?
        .try_collect()
        .await?;
    let named: Vec<_> = named.iter().map(Content::read).collect::<Result<_, _>>()?;
    let is_named = |content: &Content| named.iter().any(|other| other.id == content.id);
    let mut removed = 0;
    for content in contents.iter().filter(|content| !is_named(content)) {
        content.remove(shared).await?;
        removed += 1;
    }
    Ok(removed)
}
