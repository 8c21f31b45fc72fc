//! Removing what no statement names.

use varde_xapi::Stored;

use super::AttachmentData;
use crate::ports::{AttachmentName, PageQuery, StoreError, TermKey};

/// How long data that no statement names is left alone, in microseconds: a day, since the
/// statements that name it may still be on their way.
const UNNAMED_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// How many names are listed at once.
const LISTED_MAX: usize = 1_000;

impl AttachmentData {
    /// Removes data that was last kept more than a day before `now` and that no statement names,
    /// voided ones included; returns how much of it there was.
    pub async fn sweep(&self, now: Stored) -> Result<usize, StoreError> {
        let before = Stored(now.0.saturating_sub(UNNAMED_MICROS));
        let (mut after, mut removed) = (None, 0);
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

    async fn is_named(&self, name: &AttachmentName) -> Result<bool, StoreError> {
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
        };
        Ok(!self.log.page(&query).await?.statements.is_empty())
    }
}
