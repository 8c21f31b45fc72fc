//! Everything that was ever said of one activity in the caller's own space.

use varde_xapi::{Place, Term};

use super::{Statements, UnreadStatements};
use crate::ports::{PageQuery, StoredStatement, TermKey};
use crate::{Caller, Need};

/// How many statements are read at a time.
const PAGE: usize = 1_000;

impl Statements {
    /// Returns every statement of the caller's own space that names an activity, and those that
    /// refer to one of these: in the order of the log, voided ones and those that void them too.
    pub async fn history(
        &self,
        caller: &Caller,
        activity: &str,
    ) -> Result<Vec<StoredStatement>, UnreadStatements> {
        caller.may(Need::ImportFacts)?;
        let term = |place| {
            let value = activity.to_owned();
            TermKey::of(&caller.space, &Term { place, value })
        };
        let mut query = PageQuery {
            spaces: vec![caller.space.clone()],
            scope: Vec::new(),
            filters: vec![vec![term(Place::Activity), term(Place::RelatedActivity)]],
            since: None,
            until: None,
            ascending: true,
            limit: PAGE,
            after: None,
            through: None,
            voided: true,
        };
        let mut history: Vec<StoredStatement> = Vec::new();
        loop {
            let page = self.log.page(&query).await?;
            history.extend(page.statements);
            query.through = Some(page.through);
            query.after = history.last().map(|last| last.position);
            if !page.more {
                return Ok(history);
            }
        }
    }

    /// Tells whether a statement of this id ever stood in the caller's own space; one that was
    /// erased did.
    pub async fn was_here(
        &self,
        caller: &Caller,
        id: varde_xapi::StatementId,
    ) -> Result<bool, UnreadStatements> {
        caller.may(Need::ImportFacts)?;
        Ok(self.log.position(&caller.space, id).await?.is_some())
    }
}
