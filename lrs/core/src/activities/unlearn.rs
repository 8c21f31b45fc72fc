//! Taking out of what is known of activities what only erased statements said.

use std::collections::{BTreeMap, BTreeSet};

use varde_xapi::definition::merge;
use varde_xapi::{Place, Term};

use super::Activities;
use super::learn::{ACTIVITY, DEFINITION_BYTES_MAX, key};
use crate::ports::{Change, Expected, PageQuery, Position, StoreError, StoredStatement, TermKey};
use crate::{KeyId, Space};

/// How many of the newest statements about an activity are asked whether they say the same.
const ASKED_FIRST: usize = 50;
/// How many statements are read at a time.
const STATEMENTS_AT_A_TIME: usize = 500;
/// How often learning anew starts over because the followers of the log went on meanwhile.
const TRIES: usize = 20;

/// By space and IRI, the definitions that statements gave an activity.
pub(crate) type Said = BTreeMap<(Space, String), BTreeSet<String>>;

impl Activities {
    /// Learns definitions anew of which erased statements said something that no statement still
    /// says; returns how many those were.
    pub(crate) async fn unlearn(&self, said: &Said) -> Result<usize, StoreError> {
        let entitled = self.keys.entitled_to_define().await?;
        let mut anew = 0;
        for ((space, activity), definitions) in said {
            if !self
                .is_still_said(space, activity, definitions, &entitled)
                .await?
            {
                self.learn_anew(space, activity, &entitled).await?;
                anew += 1;
            }
        }
        Ok(anew)
    }

    /// Learns definitions anew of which statements that are in use again may say something.
    pub(crate) async fn relearn(
        &self,
        activities: &BTreeSet<(Space, String)>,
    ) -> Result<(), StoreError> {
        let entitled = self.keys.entitled_to_define().await?;
        for (space, activity) in activities {
            self.learn_anew(space, activity, &entitled).await?;
        }
        Ok(())
    }

    /// Tells whether the newest statements about an activity say all of this themselves.
    async fn is_still_said(
        &self,
        space: &Space,
        activity: &str,
        definitions: &BTreeSet<String>,
        entitled: &BTreeSet<KeyId>,
    ) -> Result<bool, StoreError> {
        let query = query(space, activity, (false, ASKED_FIRST), None);
        let mut unsaid: BTreeSet<&String> = definitions.iter().collect();
        for statement in self.log.page(&query).await?.statements {
            for definition in said_of(activity, &statement, entitled) {
                unsaid.remove(&definition);
            }
        }
        Ok(unsaid.is_empty())
    }

    async fn learn_anew(
        &self,
        space: &Space,
        activity: &str,
        entitled: &BTreeSet<KeyId>,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let at = self.bookmark.read().await?;
            let definition = self.sum(space, activity, at.position, entitled).await?;
            let change = Change {
                collection: ACTIVITY,
                key: key(space, activity),
                value: definition.map(String::into_bytes),
                expected: Expected::Anything,
            };
            if self.bookmark.amend(at, vec![change]).await? {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }

    /// Merges what statements up to a position say of an activity.
    async fn sum(
        &self,
        space: &Space,
        activity: &str,
        through: Position,
        entitled: &BTreeSet<KeyId>,
    ) -> Result<Option<String>, StoreError> {
        let mut query = query(space, activity, (true, STATEMENTS_AT_A_TIME), Some(through));
        let mut sum: Option<String> = None;
        loop {
            let page = self.log.page(&query).await?;
            let Some(last) = page.statements.last() else {
                return Ok(sum);
            };
            query.after = Some(last.position);
            for statement in &page.statements {
                for newer in said_of(activity, statement, entitled) {
                    let merged = merge(sum.as_deref(), &newer);
                    if merged.len() <= DEFINITION_BYTES_MAX {
                        sum = Some(merged);
                    }
                }
            }
        }
    }
}

/// Returns the definitions that a statement gives an activity.
fn said_of(activity: &str, statement: &StoredStatement, entitled: &BTreeSet<KeyId>) -> Vec<String> {
    if !entitled.contains(&statement.key) {
        return Vec::new();
    }
    let mentions = varde_xapi::mentions(&statement.body).into_iter();
    let own = mentions.filter(|mention| mention.activity == activity);
    own.map(|mention| mention.definition).collect()
}

fn query(
    space: &Space,
    activity: &str,
    (ascending, limit): (bool, usize),
    through: Option<Position>,
) -> PageQuery {
    let term = |place| {
        let value = activity.to_owned();
        TermKey::of(space, &Term { place, value })
    };
    let places = [Place::Activity, Place::RelatedActivity];
    PageQuery {
        spaces: vec![space.clone()],
        scope: Vec::new(),
        filters: vec![places.map(term).to_vec()],
        since: None,
        until: None,
        ascending,
        limit,
        after: None,
        through,
        voided: true,
    }
}
