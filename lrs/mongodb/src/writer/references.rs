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
use crate::layout::head::Waiting;
use crate::layout::id;
use crate::layout::row::Place;

/// How many rows one command changes.
const CHANGED_MAX: usize = 1_000;
/// The most index entries that are inherited in the transaction of the arrival that brings them.
pub(super) const INHERITED_MAX: usize = 10_000;
/// The most that all the arrivals of one transaction bring.
const TOGETHER_MAX: usize = 100_000;
/// The most statements that are followed along references in an arrival's transaction, each of them
/// a question of its own.
const BEHIND_MAX: usize = 1_000;

/// A statement that names another, or what is left of one.
#[derive(Debug)]
struct Link {
    id: StatementId,
    space: String,
    refers_to: Option<StatementId>,
    voids: Option<StatementId>,
}

/// Which statements of a group were named before they came.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Those that a statement voids, and the space of that.
    voided: HashSet<(StatementId, String)>,
    /// Those that statements refer to.
    referred: HashSet<StatementId>,
}

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
        new.voids.is_none() && self.voided.contains(&(new.id, new.space.to_string()))
    }

    fn of(found: Vec<Link>) -> Self {
        Self {
            referred: found.iter().filter_map(|link| link.refers_to).collect(),
            voided: found
                .into_iter()
                .filter_map(|link| Some((link.voids?, link.space)))
                .collect(),
        }
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
        if let Some(found) = self.find_links(session, query, INHERITED_MAX).await? {
            return Ok(Links::of(found));
        }
        // Very many name one of them: it is enough to know one of each kind.
        let mut found = Vec::new();
        for (new, _) in statements {
            let (named, space) = (id::plain(new.id), new.space.to_string());
            for field in ["refers_to", "voids"] {
                let query = doc! { "names": &named, field: &named, "space": &space };
                let one = self.collections.log.find_one(query);
                let one = one
                    .projection(Link::fields())
                    .session(&mut *session)
                    .await?;
                found.extend(one.map(|row| Link::read(&row)).transpose()?);
            }
        }
        Ok(Links::of(found))
    }

    /// Returns up to so many rows that name others; `None` where there are more.
    async fn find_links(
        &self,
        session: &mut ClientSession,
        query: Document,
        max: usize,
    ) -> Result<Option<Vec<Link>>, Fault> {
        let mut rows = self
            .collections
            .log
            .find(query)
            .projection(Link::fields())
            .limit(i64::try_from(max).unwrap_or(i64::MAX).saturating_add(1))
            .session(&mut *session)
            .await?;
        let mut links = Vec::new();
        let mut rows = rows.stream(session);
        while let Some(row) = rows.try_next().await? {
            links.push(Link::read(&row)?);
        }
        Ok((links.len() <= max).then_some(links))
    }

    /// Marks whom the new statements void, and lets terms be inherited along references; returns
    /// the arrivals that bring too much for one transaction.
    pub(super) async fn connect(
        &self,
        session: &mut ClientSession,
        statements: &[(&NewStatement, Place)],
        links: &Links,
    ) -> Result<Vec<Waiting>, Fault> {
        let referred: HashSet<_> = statements
            .iter()
            .filter_map(|(new, _)| new.refers_to)
            .collect();
        let (mut waiting, mut left) = (Vec::new(), TOGETHER_MAX);
        for (new, place) in statements {
            if let Some(target) = new.voids {
                self.mark_voided(session, target, &new.space).await?;
            }
            let is_named = links.referred.contains(&new.id) || referred.contains(&new.id);
            if new.refers_to.is_none() && !is_named {
                continue;
            }
            let max = left.min(INHERITED_MAX);
            match self.inherit_at_once(session, new, is_named, max).await? {
                Some(inherited) => left -= inherited,
                None => waiting.push(Waiting {
                    position: place.position,
                    stored: place.stored,
                    steps: 0,
                    by: self.process,
                }),
            }
        }
        Ok(waiting)
    }

    /// Lets everything be inherited that an arrival brings, and returns how many entries that were;
    /// `None`, with nothing inherited, where there are more than so many.
    async fn inherit_at_once(
        &self,
        session: &mut ClientSession,
        new: &NewStatement,
        is_named: bool,
        max: usize,
    ) -> Result<Option<usize>, Fault> {
        let from = (new.id, &new.space);
        let behind = self.terms_behind(session, from, new.refers_to, BEHIND_MAX);
        let Some(mut terms) = behind.await? else {
            return Ok(None);
        };
        let heirs = if is_named {
            self.referring(session, new.id, &new.space, max).await?
        } else {
            Some(Vec::new())
        };
        let Some(heirs) = heirs else { return Ok(None) };
        let entries = terms.len() + heirs.len() * (terms.len() + new.terms.len());
        if entries > max {
            return Ok(None);
        }
        self.bequeath(session, &new.space, &[new.id], &terms)
            .await?;
        terms.extend(&new.terms);
        self.bequeath(session, &new.space, &heirs, &terms).await?;
        Ok(Some(entries))
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

    /// Returns the terms of everything that a statement refers to, however far, in its space;
    /// `None` where that is farther than so many steps.
    pub(crate) async fn terms_behind(
        &self,
        session: &mut ClientSession,
        (from, space): (StatementId, &Space),
        refers_to: Option<StatementId>,
        max: usize,
    ) -> Result<Option<Vec<TermKey>>, Fault> {
        let mut seen = HashSet::from([from]);
        let (mut next, mut terms) = (refers_to, Vec::new());
        while let Some(target) = next.filter(|target| seen.insert(*target)) {
            if seen.len() > max {
                return Ok(None);
            }
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
        terms.sort_unstable();
        terms.dedup();
        Ok(Some(terms))
    }

    /// Returns everything that refers to a statement, however far, without itself; `None` where
    /// there is more than so much.
    pub(super) async fn referring(
        &self,
        session: &mut ClientSession,
        target: StatementId,
        space: &Space,
        max: usize,
    ) -> Result<Option<Vec<StatementId>>, Fault> {
        let mut seen = HashSet::from([target]);
        let (mut found, mut next) = (Vec::new(), vec![target]);
        while !next.is_empty() {
            let named = id::list(next.iter().map(|target| id::plain(*target)));
            let query = doc! { "names": { "$in": named }, "space": space.to_string() };
            let Some(links) = self.find_links(session, query, max).await? else {
                return Ok(None);
            };
            let refers = |link: &Link| link.refers_to.is_some_and(|to| next.contains(&to));
            let behind: Vec<_> = links
                .into_iter()
                .filter(|link| refers(link) && seen.insert(link.id))
                .map(|link| link.id)
                .collect();
            found.extend(&behind);
            if found.len() > max {
                return Ok(None);
            }
            next = behind;
        }
        Ok(Some(found))
    }

    /// Returns the terms of everything that a statement refers to, however far.
    pub(crate) async fn all_terms_behind(
        &self,
        session: &mut ClientSession,
        from: (StatementId, &Space),
        refers_to: Option<StatementId>,
    ) -> Result<Vec<TermKey>, Fault> {
        let all = self.terms_behind(session, from, refers_to, usize::MAX);
        Ok(all.await?.unwrap_or_default())
    }

    /// Returns everything that refers to a statement, however much it is.
    pub(super) async fn everything_referring(
        &self,
        session: &mut ClientSession,
        target: StatementId,
        space: &Space,
    ) -> Result<Vec<StatementId>, Fault> {
        let all = self.referring(session, target, space, usize::MAX);
        Ok(all.await?.unwrap_or_default())
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
