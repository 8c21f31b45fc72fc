//! The collections and their indexes: made and checked whenever a database is opened.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::bson::{Document, RawDocumentBuf, doc};
use mongodb::error::Error;
use mongodb::options::{
    Acknowledgment, DatabaseOptions, IndexOptions, ReadConcern, ReadPreference, SelectionCriteria,
    WriteConcern,
};
use mongodb::{Client, Collection, Database, IndexModel};

use crate::error::{OpenError, code};
use crate::layout::head;
use crate::upgrade;

/// The collection is there already.
const NAMESPACE_EXISTS: i32 = 48;
/// An index of that name or definition is there, and is another.
const INDEX_CONFLICTS: [i32; 2] = [85, 86];
/// The first version of the server that can do what is relied on.
const VERSION_MIN: u32 = 6;

/// The index of positions.
pub(crate) const POSITION: &str = "position";
/// The index of instants.
const STORED: &str = "stored";
/// The index of terms.
pub(crate) const KEYS: &str = "keys";
/// The index of those that are referred to or voided.
const NAMES: &str = "names";
/// The index of events that are not statements.
pub(crate) const EVENT: &str = "event";

/// The collections of a store. Clones are handles.
#[derive(Debug, Clone)]
pub(crate) struct Collections {
    pub(crate) client: Client,
    pub(crate) database: Database,
    pub(crate) head: Collection<Document>,
    pub(crate) log: Collection<RawDocumentBuf>,
    pub(crate) records: Collection<RawDocumentBuf>,
    pub(crate) attachments: Collection<Document>,
    pub(crate) chunks: Collection<Document>,
}

/// The index of what names of attachments lead to.
const CONTENT: &str = "content";

/// An index of a collection.
struct Index {
    collection: &'static str,
    name: &'static str,
    keys: Document,
    /// Only rows that have this field are in it.
    only_with: Option<&'static str>,
}

/// None of them is unique: ids are, by `_id`; positions are, since the head gives them. So each
/// stays valid when the collection is sharded.
fn indexes() -> Vec<Index> {
    let index = |name, keys, only_with| Index {
        collection: "log",
        name,
        keys,
        only_with,
    };
    vec![
        index(POSITION, doc! { "position": 1 }, None),
        index(STORED, doc! { "stored": 1 }, None),
        index(KEYS, doc! { "keys": 1, "position": 1 }, None),
        index(NAMES, doc! { "names": 1 }, Some("names")),
        index(EVENT, doc! { "event": 1, "position": 1 }, Some("event")),
        Index {
            collection: "attachments",
            ..index(CONTENT, doc! { "content": 1 }, None)
        },
    ]
}

/// What a write waits for: most members have it in their journals.
pub(crate) fn durable() -> WriteConcern {
    WriteConcern::builder()
        .w(Acknowledgment::Majority)
        .journal(true)
        .build()
}

/// Names a database. Whatever the address says, reads are of the primary and of what most members
/// have, and writes wait for most members.
pub(crate) fn database(client: &Client, name: &str) -> Database {
    let options = DatabaseOptions::builder()
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .read_concern(ReadConcern::majority())
        .write_concern(durable())
        .build();
    client.database_with_options(name, options)
}

impl Collections {
    /// Names the collections.
    pub(crate) fn of(client: Client, name: &str) -> Self {
        let database = database(&client, name);
        Self {
            head: database.collection("head"),
            log: database.collection("log"),
            records: database.collection("records"),
            attachments: database.collection("attachments"),
            chunks: database.collection("chunks"),
            client,
            database,
        }
    }

    /// Checks the server, and makes and checks all that the store needs.
    pub(crate) async fn prepare(&self) -> Result<(), OpenError> {
        self.check_server().await?;
        // One of another format is left alone.
        let head = self.head.find_one(doc! { "_id": head::ID }).await?;
        head.as_ref().map_or(Ok(()), upgrade::check)?;
        self.make_collections().await?;
        self.make_indexes().await?;
        self.make_head().await
    }

    pub(crate) async fn check_server(&self) -> Result<(), OpenError> {
        let hello = self.database.run_command(doc! { "hello": 1 }).await?;
        // A router of a sharded cluster says so by this message.
        let is_router = hello.get_str("msg").is_ok_and(|said| said == "isdbgrid");
        if !is_router && hello.get_str("setName").is_err() {
            return Err(OpenError::Standalone);
        }
        let build = self.database.run_command(doc! { "buildInfo": 1 }).await?;
        let found = build.get_str("version").unwrap_or("unknown").to_owned();
        let first = found.split('.').next().and_then(|text| text.parse().ok());
        if first.is_none_or(|first: u32| first < VERSION_MIN) {
            return Err(OpenError::Old { found });
        }
        Ok(())
    }

    async fn make_collections(&self) -> Result<(), OpenError> {
        let there = self.database.list_collection_names().await?;
        for name in ["head", "log", "records", "attachments", "chunks"] {
            if there.iter().any(|other| other == name) {
                continue;
            }
            let mut create = self.database.create_collection(name);
            if name == "log" {
                // Rows of statements repeat each other.
                let engine = doc! { "wiredTiger": { "configString": "block_compressor=zstd" } };
                create = create.storage_engine(engine);
            }
            match create.await {
                // Another process did it meanwhile.
                Err(error) if code(&error) == Some(NAMESPACE_EXISTS) => {}
                done => done?,
            }
        }
        Ok(())
    }

    async fn make_indexes(&self) -> Result<(), OpenError> {
        self.make_those(|_| true).await
    }

    async fn make_those(&self, wanted: fn(&Index) -> bool) -> Result<(), OpenError> {
        for index in indexes().into_iter().filter(wanted) {
            let collection = self.database.collection::<Document>(index.collection);
            match collection.create_index(index.model()).await {
                Ok(_) => {}
                Err(error) if is_index_conflict(&error) => {
                    return Err(self.conflicting(&index).await?);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Names the indexes that are not there, as `collection.name`.
    pub(crate) async fn lacking_indexes(&self) -> Result<Vec<String>, Error> {
        let mut lacking = Vec::new();
        for index in indexes() {
            let collection = self.database.collection::<Document>(index.collection);
            let there = collection.list_index_names().await?;
            if !there.iter().any(|name| name == index.name) {
                lacking.push(format!("{}.{}", index.collection, index.name));
            }
        }
        Ok(lacking)
    }

    /// Says which definition stands in the way of an index.
    async fn conflicting(&self, index: &Index) -> Result<OpenError, OpenError> {
        let collection = self.database.collection::<Document>(index.collection);
        let there: Vec<_> = collection.list_indexes().await?.try_collect().await?;
        let definition = |model: &IndexModel| {
            let partial = model
                .options
                .as_ref()
                .and_then(|options| options.partial_filter_expression.as_ref());
            match partial {
                Some(filter) => format!("{} for {filter}", model.keys),
                None => model.keys.to_string(),
            }
        };
        let name = |model: &IndexModel| model.options.as_ref()?.name.clone();
        let found = there
            .iter()
            .find(|model| name(model).as_deref() == Some(index.name))
            .map_or_else(
                || "there under another name".to_owned(),
                |model| format!("{} (perhaps with other options)", definition(model)),
            );
        Ok(OpenError::Index {
            collection: index.collection,
            name: index.name,
            found,
            expected: definition(&index.model()),
        })
    }

    async fn make_head(&self) -> Result<(), OpenError> {
        let update = doc! { "$setOnInsert": head::first() };
        let found = self
            .head
            .find_one_and_update(doc! { "_id": head::ID }, update)
            .upsert(true)
            .return_document(mongodb::options::ReturnDocument::After)
            .await?;
        found.as_ref().map_or(Ok(()), upgrade::check)
    }

    /// Makes the index of the second format, which earlier ones lack.
    pub(crate) async fn index_contents(&self) -> Result<(), OpenError> {
        self.make_those(|index| index.name == CONTENT).await
    }
}

impl Index {
    fn model(&self) -> IndexModel {
        let filter = self
            .only_with
            .map(|field| doc! { field: { "$exists": true } });
        let mut options = IndexOptions::builder().name(self.name.to_owned()).build();
        options.partial_filter_expression = filter;
        IndexModel::builder()
            .keys(self.keys.clone())
            .options(options)
            .build()
    }
}

fn is_index_conflict(error: &Error) -> bool {
    code(error).is_some_and(|code| INDEX_CONFLICTS.contains(&code))
}

/// How long the server may work on one page before it gives up.
pub(crate) const READ_MAX: Duration = Duration::from_mins(1);
