//! Removing what no statement names.

use std::sync::Arc;

use varde_xapi::Stored;

use crate::erasures::is_held;
use crate::ports::{
    AttachmentName, Attachments, PageQuery, Records, StatementLog, StoreError, TermKey,
};

/// How long data that no statement names is left alone, in microseconds: a day, since the
/// statements that name it may still be on their way.
const UNNAMED_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// How many names are listed at once.
const LISTED_MAX: usize = 1_000;

/// Removes the data of attachments that no statement names.
#[derive(Debug, Clone)]
pub struct Sweep {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    attachments: Arc<dyn Attachments>,
}

impl Sweep {
    /// Works on one store.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        attachments: Arc<dyn Attachments>,
    ) -> Self {
        Self {
            log,
            records,
            attachments,
        }
    }

    /// Removes what was last kept more than a day before `now` and is named by no statement,
    /// voided ones included, and what a process left that was killed a day ago; returns of how many
    /// attachments.
    pub async fn run(&self, now: Stored) -> Result<usize, StoreError> {
        let before = Stored(now.0.saturating_sub(UNNAMED_MICROS));
        let mut removed = self.attachments.remove_unkept(before).await?;
        let mut after = None;
        loop {
            let listed = self
                .attachments
                .kept_before(before, after.as_ref(), LISTED_MAX);
            let names = listed.await?;
            for name in &names {
                if !self.is_named(name).await? && self.attachments.remove(name, before).await? {
                    removed += 1;
                }
            }
            match names.into_iter().next_back() {
                Some(last) => after = Some(last),
                None => return Ok(removed),
            }
        }
    }

    /// Tells whether a statement names them, a voided one or one that is held.
    pub(crate) async fn is_named(&self, name: &AttachmentName) -> Result<bool, StoreError> {
        let query = PageQuery {
            spaces: vec![name.space.clone()],
            scope: vec![vec![TermKey::space(&name.space)]],
            filters: vec![vec![TermKey::attachment(&name.space, &name.sha2)]],
            since: None,
            until: None,
            ascending: false,
            limit: 1,
            after: None,
            through: None,
            voided: true,
        };
        if !self.log.page(&query).await?.statements.is_empty() {
            return Ok(true);
        }
        is_held(&*self.records, name).await
    }
}
