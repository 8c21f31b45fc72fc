//! Appending a batch: first every check, then every statement.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use mongodb::ClientSession;
use mongodb::bson::{RawDocument, doc};
use varde_core::ports::{AppendError, Appended, Change, NewStatement};
use varde_xapi::StatementId;

use super::Job;
use super::group::{Attempt, Known, Plan};
use crate::error::Fault;
use crate::layout::id;

impl<'j> Plan<'j> {
    /// Appends a batch, or nothing of it.
    pub(super) fn append(
        &mut self,
        batch: &'j [NewStatement],
        beside: &'j [Change],
    ) -> Result<Appended, AppendError> {
        self.check(batch)?;
        self.check_expected(beside)
            .map_err(|(collection, key)| AppendError::Beside { collection, key })?;
        let mut appended = Appended {
            new: 0,
            last: id::position(0),
        };
        for new in batch {
            let key = (new.id, new.space.is_test());
            let position = if let Some(Known::Statement { position, .. }) = self.known.get(&key) {
                *position
            } else {
                let place = self.next();
                self.statements.push((new, place));
                self.known.insert(key, Known::of(new, place.position));
                appended.new += 1;
                place.position
            };
            appended.last = appended.last.max(id::position(position));
        }
        if !beside.is_empty() {
            self.apply_all(beside);
        }
        Ok(appended)
    }

    /// Checks that no id of the batch stands for something else, in the log or earlier in the
    /// batch, and that none is that of an erased statement.
    fn check(&self, batch: &[NewStatement]) -> Result<(), AppendError> {
        let mut earlier = HashMap::new();
        for (index, new) in batch.iter().enumerate() {
            let (id, own) = (new.id, (&new.space, new.equality));
            let key = (id, new.space.is_test());
            let found = match self.known.get(&key) {
                Some(Known::Erased) => return Err(AppendError::Erased { id, index }),
                Some(Known::Statement {
                    space, equality, ..
                }) => (space, *equality),
                None => *earlier.entry(key).or_insert(own),
            };
            if found != own {
                return Err(AppendError::Conflict { id, index });
            }
        }
        Ok(())
    }
}

impl Known {
    fn of(new: &NewStatement, position: i64) -> Self {
        Self::Statement {
            space: new.space.clone(),
            equality: new.equality,
            position,
        }
    }

    fn read(row: &RawDocument) -> Option<((StatementId, bool), Self)> {
        let key = id::read(row.get("_id").ok()??)?;
        if row.get_bool("erased").unwrap_or(false) {
            return Some((key, Self::Erased));
        }
        let known = Self::Statement {
            space: row.get_str("space").ok()?.parse().ok()?,
            equality: row.get_binary("equality").ok()?.bytes.try_into().ok()?,
            position: row.get_i64("position").ok()?,
        };
        Some((key, known))
    }
}

impl Attempt<'_> {
    /// Returns which ids of the jobs are taken.
    pub(super) async fn known(
        &self,
        session: &mut ClientSession,
        jobs: &[Job],
    ) -> Result<HashMap<(StatementId, bool), Known>, Fault> {
        let batches = jobs.iter().filter_map(|job| match job {
            Job::Append(batch, ..) => Some(batch),
            Job::Commit(..) | Job::Erase(..) | Job::Inherit(_) => None,
        });
        let ids = id::list(
            batches
                .flatten()
                .map(|new| id::of_statement(new.id, new.space.is_test())),
        );
        let fields = doc! { "space": 1, "equality": 1, "position": 1, "erased": 1 };
        let mut rows = self
            .collections
            .log
            .find(doc! { "_id": { "$in": ids } })
            .projection(fields)
            .session(&mut *session)
            .await?;
        let mut known = HashMap::new();
        let mut rows = rows.stream(session);
        while let Some(row) = rows.try_next().await? {
            let read = Known::read(&row).ok_or_else(|| Fault::Damaged {
                position: row.get_i64("position").unwrap_or_default(),
                id: None,
            });
            known.extend([read?]);
        }
        Ok(known)
    }
}
