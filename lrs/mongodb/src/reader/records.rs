//! Records.

use mongodb::ClientSession;
use mongodb::bson::{RawDocument, doc};
use mongodb::options::FindOptions;
use varde_core::ports::{Collection, KeyRange, Record, StoreError};

use super::{MOMENTS_MAX, Reader, all, as_of_one_moment, bounded};
use crate::error::Fault;
use crate::layout::record;

impl Reader {
    /// Returns a record.
    pub(crate) async fn record(
        &self,
        collection: Collection,
        key: &[u8],
    ) -> Result<Option<Record>, Fault> {
        let query = doc! { "_id": record::id(collection, key) };
        let found = self.collections.records.find_one(query).await?;
        found.map(|found| read(&found)).transpose()
    }

    /// Returns the records of several ranges, all from one moment.
    pub(crate) async fn ranges(
        &self,
        ranges: &[(Collection, KeyRange)],
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        as_of_one_moment!(self.try_ranges(ranges))
    }

    async fn try_ranges(
        &self,
        ranges: &[(Collection, KeyRange)],
    ) -> Result<Vec<Vec<Record>>, Fault> {
        let mut session = self.moment().await?;
        let mut answers = Vec::with_capacity(ranges.len());
        for (collection, range) in ranges {
            answers.push(self.range(&mut session, *collection, range).await?);
        }
        Ok(answers)
    }

    async fn range(
        &self,
        session: &mut ClientSession,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, Fault> {
        let bounds = record::bounds(collection, range);
        let begin = if bounds.behind { "$gt" } else { "$gte" };
        let query = doc! { "_id": { begin: bounds.from, "$lt": bounds.to } };
        let options = FindOptions::builder()
            .sort(doc! { "_id": 1 })
            .limit(bounded(range.limit))
            .build();
        let found = all(&self.collections.records, session, query, options).await?;
        found.iter().map(|row| read(row)).collect()
    }

    /// Returns records of all collections behind a place, in the order of collections and keys.
    pub(crate) async fn records_behind(
        &self,
        place: Option<(&str, &[u8])>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, Fault> {
        let query = match place {
            None => doc! {},
            Some((collection, key)) => {
                doc! { "_id": { "$gt": record::id_of(collection, key) } }
            }
        };
        let options = FindOptions::builder()
            .sort(doc! { "_id": 1 })
            .limit(bounded(limit))
            .build();
        let mut session = self.moment().await?;
        let found = all(&self.collections.records, &mut session, query, options).await?;
        found
            .iter()
            .map(|row| record::read(row).ok_or_else(foreign))
            .collect()
    }
}

fn read(document: &RawDocument) -> Result<Record, Fault> {
    let read = record::read(document).ok_or_else(foreign)?;
    Ok(read.1)
}

fn foreign() -> Fault {
    Fault::Foreign("a document of the collection `records` is no record".to_owned())
}
