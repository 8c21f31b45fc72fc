//! What a new statement means for those it names, and for those that name it.
//!
//! A statement stands in the index under its own terms and under those of everything that it
//! refers to, however far. Whom a voiding statement names is marked.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use mongodb::ClientSession;
use mongodb::bson::{Binary, Document, RawDocument, doc};
use varde_core::Space;
use varde_core::ports::{NewStatement, TermKey};
use varde_xapi::StatementId;

use super::group::Attempt;
use crate::error::Fault;
use crate::layout::id;
use crate::layout::row::Place;

/// How many rows one command changes.
const CHANGED_MAX: usize = 1_000;

/// A statement that names another, or what is left of one.
#[derive(Debug)]
struct Link {
    id: StatementId,
    space: String,
    refers_to: Option<StatementId>,
    voids: Option<StatementId>,
}

/// Who named the statements of a group before they came.
#[derive(Debug, Default)]
pub(super) struct Links(Vec<Link>);

impl Link {
    fn read(row: &RawDocument) -> Result<Self, Fault> {
        let target = |name| {
            let value = row.get(name).ok().flatten();
            value.and_then(id::read).map(|(id, _)| id)
        };
        let (Some(id), Ok(space)) = (target("_id"), row.get_str("space")) else {
            let position = row.get_i64("position").unwrap_or_default();
            return Err(Fault::Damaged { position, id: None });
        };
        Ok(Self {
            id,
            space: space.to_owned(),
            refers_to: target("refers_to"),
            voids: target("voids"),
        })
    }

    fn fields() -> Document {
        doc! { "space": 1, "refers_to": 1, "voids": 1, "position": 1 }
    }
}

impl Links {
    /// Tells whether a statement of the same space had voided this one, which voids none itself
    /// (xAPI 1.0.3 Data 2.3.2).
    pub(super) fn is_voided(&self, new: &NewStatement) -> bool {
        let space = new.space.to_string();
        new.voids.is_none()
            && self
                .0
                .iter()
                .any(|link| link.voids == Some(new.id) && link.space == space)
    }

    fn refer_to(&self, new: &NewStatement) -> bool {
        let refers = |link: &Link| link.refers_to == Some(new.id);
        self.0.iter().any(refers)
    }
}

impl Attempt<'_> {
    /// Returns who named the new statements before they came.
    pub(super) async fn links(
        &self,
        session: &mut ClientSession,
        statements: &[(&NewStatement, Place)],
    ) -> Result<Links, Fault> {
        if statements.is_empty() {
            return Ok(Links::default());
        }
        let named = statements.iter().map(|(new, _)| id::plain(new.id));
        let query = doc! { "names": { "$in": id::list(named) } };
        Ok(Links(self.find_links(session, query).await?))
    }

    async fn find_links(
        &self,
        session: &mut ClientSession,
        query: Document,
    ) -> Result<Vec<Link>, Fault> {
        let mut rows = self
            .collections
            .log
            .find(query)
            .projection(Link::fields())
            .session(&mut *session)
            .await?;
        let mut links = Vec::new();
        let mut rows = rows.stream(session);
        while let Some(row) = rows.try_next().await? {
            links.push(Link::read(&row)?);
        }
        Ok(links)
    }

    /// Marks whom the new statements void, and lets terms be inherited along references.
    pub(super) async fn connect(
        &self,
        session: &mut ClientSession,
        statements: &[(&NewStatement, Place)],
        links: &Links,
    ) -> Result<(), Fault> {
        let referred: HashSet<_> = statements
            .iter()
            .filter_map(|(new, _)| new.refers_to)
            .collect();
        for (new, _) in statements {
            if let Some(target) = new.voids {
                self.mark_voided(session, target, &new.space).await?;
            }
            let is_named = links.refer_to(new) || referred.contains(&new.id);
            if new.refers_to.is_none() && !is_named {
                continue;
            }
            let from = (new.id, &new.space);
            let mut terms = self.terms_behind(session, from, new.refers_to).await?;
            self.bequeath(session, &new.space, &[new.id], &terms)
                .await?;
            if is_named {
                terms.extend(&new.terms);
                let heirs = self.referring(session, new.id, &new.space).await?;
                self.bequeath(session, &new.space, &heirs, &terms).await?;
            }
        }
        Ok(())
    }

    /// Marks the target as voided when it is there, in this space, and voids none itself.
    pub(crate) async fn mark_voided(
        &self,
        session: &mut ClientSession,
        target: StatementId,
        space: &Space,
    ) -> Result<(), Fault> {
        let query = doc! {
            "_id": id::of_statement(target, space.is_test()),
            "space": space.to_string(),
            "voids": { "$exists": false },
        };
        let update = doc! { "$set": { "voided": true } };
        self.collections
            .log
            .update_one(query, update)
            .session(session)
            .await?;
        Ok(())
    }

    /// Returns the terms of everything that a statement refers to, however far, in its space.
    pub(crate) async fn terms_behind(
        &self,
        session: &mut ClientSession,
        (from, space): (StatementId, &Space),
        refers_to: Option<StatementId>,
    ) -> Result<Vec<TermKey>, Fault> {
        let mut seen = HashSet::from([from]);
        let (mut next, mut terms) = (refers_to, Vec::new());
        while let Some(target) = next.filter(|target| seen.insert(*target)) {
            let query = doc! {
                "_id": id::of_statement(target, space.is_test()),
                "space": space.to_string(),
            };
            let row = self
                .collections
                .log
                .find_one(query)
                .projection(doc! { "own": 1, "refers_to": 1 })
                .session(&mut *session)
                .await?;
            let Some(row) = row else { break };
            // What is left of an erased statement has no terms.
            if let Ok(own) = row.get_binary("own") {
                terms.extend(id::terms_of(own.bytes));
            }
            let behind = row.get("refers_to").ok().flatten();
            next = behind.and_then(id::read).map(|(id, _)| id);
        }
        Ok(terms)
    }

    /// Returns everything that refers to a statement, however far, without itself.
    pub(super) async fn referring(
        &self,
        session: &mut ClientSession,
        target: StatementId,
        space: &Space,
    ) -> Result<Vec<StatementId>, Fault> {
        let mut seen = HashSet::from([target]);
        let (mut found, mut next) = (Vec::new(), vec![target]);
        while !next.is_empty() {
            let named = id::list(next.iter().map(|target| id::plain(*target)));
            let query = doc! { "names": { "$in": named }, "space": space.to_string() };
            let links = self.find_links(session, query).await?;
            let refers = |link: &Link| link.refers_to.is_some_and(|to| next.contains(&to));
            let behind: Vec<_> = links
                .into_iter()
                .filter(|link| refers(link) && seen.insert(link.id))
                .map(|link| link.id)
                .collect();
            found.extend(&behind);
            next = behind;
        }
        Ok(found)
    }

    /// Lets statements of a space be found by more terms.
    pub(crate) async fn bequeath(
        &self,
        session: &mut ClientSession,
        space: &Space,
        heirs: &[StatementId],
        terms: &[TermKey],
    ) -> Result<(), Fault> {
        if terms.is_empty() {
            return Ok(());
        }
        let keys = id::list(id::keys(terms, &[], &[]));
        let update = doc! { "$addToSet": { "keys": { "$each": keys } } };
        for heirs in heirs.chunks(CHANGED_MAX) {
            let ids = heirs
                .iter()
                .map(|heir| -> Binary { id::of_statement(*heir, space.is_test()) });
            let query = doc! { "_id": { "$in": id::list(ids) }, "erased": { "$exists": false } };
            self.collections
                .log
                .update_many(query, update.clone())
                .session(&mut *session)
                .await?;
        }
        Ok(())
    }
}
