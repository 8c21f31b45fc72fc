//! One try to write a group: what is decided, then what is written.

use std::collections::{BTreeMap, HashMap};

use mongodb::ClientSession;
use mongodb::bson::RawDocumentBuf;
use varde_core::Space;
use varde_core::ports::{
    AppendError, Appended, Changes, Collection, CommitError, Committed, EraseError, NewEvent,
    NewStatement,
};
use varde_xapi::{StatementId, Stored};

use super::Job;
use crate::error::Fault;
use crate::layout::head::{self, Head, Waiting};
use crate::layout::row::{self, Place};
use crate::schema::Collections;
use crate::shared::Shared;

/// What became of a job, to be told once the group is committed.
#[derive(Debug)]
pub(super) enum Answer {
    Append(Result<Appended, AppendError>),
    Commit(Result<Committed, CommitError>),
    Erase(Result<Committed, EraseError>),
    Inherit,
}

/// A try to write a group.
pub(crate) struct Attempt<'a> {
    pub(super) collections: &'a Collections,
    pub(super) process: i64,
    now: Stored,
    /// Whether it is looked which ids are taken. Where it is not, one that is ends the try.
    looks_first: bool,
}

/// What has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    Erased,
    Statement {
        space: Space,
        equality: [u8; 32],
        position: i64,
    },
}

/// What is decided of a group.
pub(super) struct Plan<'j> {
    /// How far the store will have come.
    pub(super) head: Head,
    now: Stored,
    /// Whose ids are taken, in the store or by an earlier job.
    pub(super) known: HashMap<(StatementId, bool), Known>,
    /// The versions of records, where they matter.
    pub(super) versions: HashMap<(Collection, &'j [u8]), Option<i64>>,
    pub(super) statements: Vec<(&'j NewStatement, Place)>,
    events: Vec<(&'j NewEvent, Place)>,
    /// What becomes of records, by their `_id`s.
    pub(super) records: BTreeMap<String, Option<(&'j [u8], i64)>>,
}

impl<'j> Plan<'j> {
    fn new(head: Head, now: Stored) -> Self {
        Self {
            head,
            now,
            known: HashMap::new(),
            versions: HashMap::new(),
            statements: Vec::new(),
            events: Vec::new(),
            records: BTreeMap::new(),
        }
    }

    /// Returns the next place of the log.
    pub(super) fn next(&mut self) -> Place {
        self.head.stored = self.head.next_stored(self.now);
        self.head.position += 1;
        Place {
            position: self.head.position,
            stored: self.head.stored,
        }
    }

    /// Moves the latest instant on where nothing is stored.
    pub(super) fn tick(&mut self) {
        self.head.stored = self.head.next_stored(self.now);
    }

    /// Adds an event, and returns its place.
    pub(super) fn add_event(&mut self, event: &'j NewEvent) -> Place {
        let place = self.next();
        self.events.push((event, place));
        place
    }
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(shared: &'a Shared, looks_first: bool) -> Self {
        Self {
            collections: &shared.collections,
            process: shared.process,
            now: shared.clock.now(),
            looks_first,
        }
    }

    /// Writes the jobs in a session's transaction, and returns what became of each and how far
    /// the store has come.
    pub(super) async fn write(
        &self,
        session: &mut ClientSession,
        jobs: &[Job],
    ) -> Result<(Vec<Answer>, Head), Fault> {
        let numbers = expected(jobs);
        let heads = &self.collections.head;
        let before = head::advance(heads, session, self.now, numbers).await?;
        if erases(jobs) && !before.waiting.is_empty() {
            return Err(Fault::Inheriting);
        }
        let moved = before.moved(self.now, numbers);
        let mut plan = Plan::new(before, self.now);
        if self.looks_first {
            plan.known = self.known(session, jobs).await?;
        }
        plan.versions = self.versions(session, jobs).await?;
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            answers.push(match job {
                Job::Append(batch, beside, _) => Answer::Append(plan.append(batch, beside)),
                Job::Commit(changes, _) => Answer::Commit(plan.commit(changes)),
                Job::Erase(erasure, _) => {
                    Answer::Erase(self.erase(session, &mut plan, erasure).await?)
                }
                Job::Inherit(slice) => {
                    self.inherit(session, &mut plan, slice).await?;
                    Answer::Inherit
                }
            });
        }
        let is_refused = |answer: &Answer| matches!(answer, Answer::Append(Err(_)));
        if !self.looks_first && answers.iter().any(is_refused) {
            // Something that stands already may be at fault before that.
            return Err(Fault::Unlooked);
        }
        let waiting = self.write_log(session, &plan).await?;
        plan.head.waiting.extend(waiting);
        self.write_records(session, &plan.records).await?;
        if moved != plan.head {
            head::correct(heads, session, plan.head.clone()).await?;
        }
        Ok((answers, plan.head))
    }

    /// Writes what is new in the log, and returns what there is still to be inherited of it.
    async fn write_log(
        &self,
        session: &mut ClientSession,
        plan: &Plan<'_>,
    ) -> Result<Vec<Waiting>, Fault> {
        let links = self.links(session, &plan.statements).await?;
        let statements = plan.statements.iter().map(|(new, place)| {
            let keys = crate::layout::id::keys(&new.terms, &new.scope, &[]);
            row::statement(new, *place, &keys, links.is_voided(new))
        });
        let events = plan
            .events
            .iter()
            .map(|(event, place)| row::event(event.kind, &event.body, *place));
        let rows: Vec<RawDocumentBuf> = statements.chain(events).collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.collections
            .log
            .insert_many(&rows)
            .session(&mut *session)
            .await?;
        self.connect(session, &plan.statements, &links).await
    }
}

fn erases(jobs: &[Job]) -> bool {
    jobs.iter().any(|job| matches!(job, Job::Erase(..)))
}

/// Returns how many events and commits there will be when nothing is refused or known.
fn expected(jobs: &[Job]) -> (i64, i64) {
    let commit = |changes: &Changes| (changes.events.len(), 1);
    let each = jobs.iter().map(|job| match job {
        Job::Append(batch, beside, _) => (batch.len(), i32::from(!beside.is_empty())),
        Job::Commit(changes, _) => commit(changes),
        Job::Erase(erasure, _) => commit(&erasure.changes),
        Job::Inherit(_) => (0, 0),
    });
    let (events, commits) = each.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (
        i64::try_from(events).unwrap_or(i64::MAX),
        i64::from(commits),
    )
}
