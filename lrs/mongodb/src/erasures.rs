//! The list of erasures, in a database of its own: no backup of the store's takes it along.

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::Collection;
use mongodb::bson::{Document, doc};
use tokio::runtime::Handle;
use varde_core::erasures::{ErasureList, ListUnread, ListedErasure};

use crate::schema::{self, Collections};
use crate::store::on;

/// What the database is called, behind the name of the store's.
const SUFFIX: &str = "-erasures";

/// The list of erasures of a store, which all processes on it share.
#[derive(Debug, Clone)]
pub struct ErasureDatabase {
    list: Collection<Document>,
    runtime: Handle,
}

impl ErasureDatabase {
    pub(crate) fn of(collections: &Collections, runtime: Handle) -> Self {
        let name = format!("{}{SUFFIX}", collections.database.name());
        let database = schema::database(&collections.client, &name);
        Self {
            list: database.collection("erasures"),
            runtime,
        }
    }

    /// Runs a question on the store's runtime.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
    ) -> Result<T, ListUnread> {
        let unread = |error: &dyn std::fmt::Display| {
            ListUnread(format!("the list of erasures in MongoDB: {error}"))
        };
        let answer = on(&self.runtime, question).await;
        answer
            .map_err(|error| unread(&error))?
            .map_err(|error| unread(&error))
    }
}

#[async_trait]
impl ErasureList for ErasureDatabase {
    async fn add(&self, erasure: &ListedErasure) -> Result<(), ListUnread> {
        let text = serde_json::to_string(erasure);
        let text = text.map_err(|error| ListUnread(error.to_string()))?;
        let id = erasure.erasure.to_string();
        let list = self.list.clone();
        self.ask(async move {
            let update = doc! { "$set": { "listed": text } };
            let query = doc! { "_id": id };
            list.update_one(query, update).upsert(true).await
        })
        .await
        .map(drop)
    }

    async fn all(&self) -> Result<Vec<ListedErasure>, ListUnread> {
        let list = self.list.clone();
        let found: Vec<Document> = self
            .ask(async move { list.find(doc! {}).await?.try_collect().await })
            .await?;
        let read = |document: &Document| {
            let text = document.get_str("listed").unwrap_or_default();
            serde_json::from_str(text).map_err(|error| {
                ListUnread(format!(
                    "an entry of the list of erasures in MongoDB: {error}"
                ))
            })
        };
        let mut all: Vec<ListedErasure> = found.iter().map(read).collect::<Result<_, _>>()?;
        all.sort_by_key(|erasure| (erasure.at, erasure.erasure));
        Ok(all)
    }
}
