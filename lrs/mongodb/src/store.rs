//! The store behind the ports.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use mongodb::Client;
use mongodb::bson::doc;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use varde_core::ports::{
    AppendError, Appended, AttachmentName, AttachmentReader, AttachmentWriter, Attachments, Change,
    Changes, Collection, CommitError, Committed, EraseError, Erasure, EventKind, GroupObserver,
    KeyRange, LogEvent, NewStatement, Page, PageQuery, Position, Record, Records, Standing,
    StatementLog, StoreError, StoredStatement,
};
use varde_core::{Clock, Space};
use varde_xapi::{StatementId, Stored};

use crate::attachments;
use crate::connections::Connections;
use crate::erasures::ErasureDatabase;
use crate::error::{Fault, OpenError};
use crate::layout::head::{self, Head};
use crate::layout::id;
use crate::options::{self, Tuning};
use crate::reader::Reader;
use crate::schema::Collections;
use crate::shared::Shared;
use crate::watcher;
use crate::writer::{Job, Queue};

/// A store in one database, which other processes may use at the same time.
///
/// Whatever the runtime of a caller is, the database is asked on the one that the store was opened
/// on, and a caller that goes away leaves nothing half done.
#[derive(Debug)]
pub struct MongoStore {
    pub(crate) shared: Arc<Shared>,
    pub(crate) reader: Reader,
    runtime: Handle,
    /// What an end takes away.
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    queue: Queue,
    writer: JoinHandle<()>,
    watcher: JoinHandle<()>,
}

impl MongoStore {
    /// Opens the database that an address names, and makes and checks what it needs there.
    ///
    /// `stored` comes from the clock, and goes on behind the last one whatever the clock says.
    /// The address may say how to authenticate and how to use TLS; what it says of reading and
    /// writing is overruled. It stands in no error.
    pub async fn open(uri: &str, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Self::open_tuned(uri, clock, Tuning::default()).await
    }

    /// Does the same, tuned otherwise.
    pub async fn open_tuned(
        uri: &str,
        clock: Arc<dyn Clock>,
        tuning: Tuning,
    ) -> Result<Self, OpenError> {
        let (mut options, name) = options::parse(uri).await?;
        let connections = Arc::<Connections>::default();
        options.cmap_event_handler = Some(connections.handler());
        let collections = Collections::of(Client::with_options(options)?, &name);
        collections.prepare().await?;
        let head = collections.head.find_one(doc! { "_id": head::ID }).await?;
        let head = head.as_ref().map(Head::read);
        let Some(Ok(head)) = head else {
            let reason = "the head of the store cannot be read".to_owned();
            return Err(mongodb::error::Error::custom(reason).into());
        };
        let reader = Reader::new(collections.clone());
        let process = some_number().map_err(mongodb::error::Error::custom)?;
        let shared = Shared::new(collections, clock, tuning, (head, process, connections));
        let shared = Arc::new(shared);
        if let Err(Fault::Driver(error)) = shared.skew.measure(&shared).await {
            return Err(error.into());
        }
        let (queue, writer) = Queue::start(Arc::clone(&shared));
        let watcher = tokio::spawn(watcher::watch(Arc::clone(&shared)));
        Ok(Self {
            shared,
            reader,
            runtime: Handle::current(),
            open: Mutex::new(Some(Open {
                queue,
                writer,
                watcher,
            })),
        })
    }

    /// Writes what was handed over, and lets the database go. Later writes fail.
    pub async fn close(&self) {
        let open = self.take_open();
        let Some(Open {
            queue,
            writer,
            watcher,
        }) = open
        else {
            return;
        };
        drop(queue);
        if writer.await.is_err() {
            tracing::error!("the task that writes had failed");
        }
        watcher.abort();
    }

    /// Says why nothing can be written by this process now, if so: its clock.
    pub fn check_clock(&self) -> Result<(), StoreError> {
        self.shared.skew.check()
    }

    /// Tells somebody of each group of writes from now on; the first who asks for it.
    pub fn observe(&self, observer: Arc<dyn GroupObserver>) {
        // A second one would be told of nothing, as the documentation says.
        let _ = self.shared.observer.set(observer);
    }

    /// Returns how many connections to the database are open, and how many of those are in use.
    pub fn connections(&self) -> (i64, i64) {
        self.shared.connections.counted()
    }

    /// Names the indexes that the database lacks, as `collection.name`; whoever opens it makes them.
    pub async fn lacking_indexes(&self) -> Result<Vec<String>, StoreError> {
        let collections = self.shared.collections.clone();
        self.ask(async move { Ok(collections.lacking_indexes().await?) })
            .await
    }

    /// Returns the list of erasures, which is in a database beside the store's.
    pub fn erasures(&self) -> ErasureDatabase {
        ErasureDatabase::of(&self.shared.collections, self.runtime.clone())
    }

    /// Returns records of all collections behind a place, in an order of the store's own.
    pub async fn records_behind(
        &self,
        place: Option<(String, Vec<u8>)>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        let reader = self.reader.clone();
        self.ask(async move {
            let place = place.as_ref();
            let place = place.map(|(collection, key)| (collection.as_str(), key.as_slice()));
            reader.records_behind(place, limit).await
        })
        .await
    }

    fn take_open(&self) -> Option<Open> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.take()
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = open.as_ref();
        let open = open.ok_or_else(|| StoreError::failed("the store is closed"))?;
        open.queue.send(job)
    }

    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, StoreError> {
        on(&self.runtime, question).await?.map_err(StoreError::from)
    }
}

impl Drop for MongoStore {
    fn drop(&mut self) {
        if let Some(open) = self.take_open() {
            // What was handed over is still written.
            open.watcher.abort();
        }
    }
}

/// Tells a process from the others on a database.
pub(crate) fn some_number() -> Result<i64, getrandom::Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    Ok(i64::from_be_bytes(bytes))
}

/// Runs a task of the store on its runtime.
pub(crate) async fn on<T: Send + 'static>(
    runtime: &Handle,
    task: impl Future<Output = T> + Send + 'static,
) -> Result<T, StoreError> {
    runtime.spawn(task).await.map_err(StoreError::failed)
}

/// What the task that writes said, or that it is gone.
async fn said<T, E: From<StoreError>>(answer: oneshot::Receiver<Result<T, E>>) -> Result<T, E> {
    match answer.await {
        Ok(said) => said,
        Err(_) => Err(StoreError::failed("the task that writes is gone").into()),
    }
}

#[async_trait]
impl StatementLog for MongoStore {
    async fn append_with(
        &self,
        batch: Vec<NewStatement>,
        beside: Vec<Change>,
    ) -> Result<Appended, AppendError> {
        let (caller, answer) = oneshot::channel();
        self.send(Job::Append(batch, beside, caller))?;
        said(answer).await
    }

    async fn get(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, StoreError> {
        let (reader, spaces) = (self.reader.clone(), spaces.to_vec());
        self.ask(async move { reader.get(&spaces, id, standing).await })
            .await
    }

    async fn position(
        &self,
        space: &Space,
        id: StatementId,
    ) -> Result<Option<Position>, StoreError> {
        let (reader, space) = (self.reader.clone(), space.clone());
        self.ask(async move { reader.position(&space, id).await })
            .await
    }

    async fn page(&self, query: &PageQuery) -> Result<Page, StoreError> {
        let (reader, query) = (self.reader.clone(), query.clone());
        on(&self.runtime, async move { reader.page(&query).await }).await?
    }

    async fn follow(&self, after: Position, limit: usize) -> Result<Vec<LogEvent>, StoreError> {
        let reader = self.reader.clone();
        self.ask(async move { reader.follow(after, limit).await })
            .await
    }

    async fn events(
        &self,
        kind: EventKind,
        after: Position,
        limit: usize,
    ) -> Result<Vec<LogEvent>, StoreError> {
        let reader = self.reader.clone();
        self.ask(async move { reader.events(kind, after, limit).await })
            .await
    }

    async fn erase(&self, erasure: Erasure) -> Result<Committed, EraseError> {
        let (caller, answer) = oneshot::channel();
        self.send(Job::Erase(erasure, caller))?;
        said(answer).await
    }

    /// What is replaced in a document is gone from the document at once. What the files of the
    /// members still hold of it, and their operation log until it has moved on, is in the hands of
    /// those who run them: no command of the database removes it.
    async fn scrub(&self) -> Result<Option<&'static str>, StoreError> {
        Ok(Some(
            "the members' files and their operation log hold what was replaced until these are \
             compacted and it has moved on: whoever runs the database sees to that",
        ))
    }

    async fn head(&self) -> Result<Position, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.ask(async move { Ok(id::position(shared.read_head().await?.position)) })
            .await
    }

    async fn grown(&self, beyond: Position) -> Result<(), StoreError> {
        let mut heads = self.shared.watch();
        let behind = id::number(beyond);
        let grown = heads.wait_for(|head| head.position > behind).await;
        grown.map(drop).map_err(StoreError::failed)
    }

    async fn consistent_through(&self) -> Result<Stored, StoreError> {
        let shared = Arc::clone(&self.shared);
        on(&self.runtime, async move { shared.show().await }).await?
    }
}

#[async_trait]
impl Records for MongoStore {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        let (reader, key) = (self.reader.clone(), key.to_vec());
        self.ask(async move { reader.record(collection, &key).await })
            .await
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        let ranges = vec![(collection, range.clone())];
        let answers = self.ranges(ranges).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    async fn ranges(
        &self,
        ranges: Vec<(Collection, KeyRange)>,
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        let reader = self.reader.clone();
        on(&self.runtime, async move { reader.ranges(&ranges).await }).await?
    }

    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        let (caller, answer) = oneshot::channel();
        self.send(Job::Commit(changes, caller))?;
        said(answer).await
    }
}

#[async_trait]
impl Attachments for MongoStore {
    async fn write(&self, name: AttachmentName) -> Result<Box<dyn AttachmentWriter>, StoreError> {
        attachments::writer(Arc::clone(&self.shared), self.runtime.clone(), name)
    }

    async fn read(
        &self,
        name: &AttachmentName,
    ) -> Result<Option<Box<dyn AttachmentReader>>, StoreError> {
        let (shared, runtime) = (Arc::clone(&self.shared), self.runtime.clone());
        let name = name.clone();
        self.ask(async move { attachments::reader(shared, runtime, &name).await })
            .await
    }

    async fn kept_before(
        &self,
        instant: Stored,
        after: Option<&AttachmentName>,
        limit: usize,
    ) -> Result<Vec<AttachmentName>, StoreError> {
        let (shared, after) = (Arc::clone(&self.shared), after.cloned());
        self.ask(
            async move { attachments::kept_before(&shared, instant, after.as_ref(), limit).await },
        )
        .await
    }

    async fn remove(&self, name: &AttachmentName, before: Stored) -> Result<bool, StoreError> {
        let (shared, name) = (Arc::clone(&self.shared), name.clone());
        self.ask(async move { attachments::remove(&shared, &name, before).await })
            .await
    }

    async fn remove_unkept(&self, before: Stored) -> Result<usize, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.ask(async move { attachments::remove_unkept(&shared, before).await })
            .await
    }
}
