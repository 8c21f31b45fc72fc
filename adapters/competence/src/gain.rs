//! What somebody gained between the beginning and the end of the learning.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_xapi::StatementId;

use crate::finding::Phase;
use crate::item::Item;

/// Which evidence from after the learning is compared with that from before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Post {
    /// That of the highest level.
    #[default]
    Best,
    /// The earliest.
    First,
    /// The latest.
    Last,
}

/// A text that names no choice.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected best, first or last, found {0:?}")]
pub struct PostError(pub String);

impl FromStr for Post {
    type Err = PostError;

    fn from_str(text: &str) -> Result<Self, PostError> {
        match text {
            "best" => Ok(Self::Best),
            "first" => Ok(Self::First),
            "last" => Ok(Self::Last),
            _ => Err(PostError(text.to_owned())),
        }
    }
}

/// Evidence at one end of the learning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The level shown.
    pub level: u32,
    /// The day.
    pub day: Date,
    /// The rule, `id@version`.
    pub rule: String,
    /// The statements that it rests on.
    pub statements: Vec<StatementId>,
}

/// The evidence from before and after one training scheme: a pair only where there are both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gain {
    /// The scheme; `None` for evidence that belongs to none.
    pub scheme: Option<String>,
    /// The last evidence from before the first from after.
    pub pre: Option<Point>,
    /// The chosen evidence from after.
    pub post: Option<Point>,
    /// The level after less the level before; `None` without a pair. A change that is not compared
    /// with that of others proves no effect.
    pub gain: Option<i64>,
}

/// Returns the gains of one person, competence and basis at the end of a day, by scheme. What was
/// shown does not lapse for them; what was taken back or closed does not count.
pub(crate) fn gains(items: &[Item], as_of: Date, post: Post) -> Vec<Gain> {
    let mut by_scheme: BTreeMap<Option<&String>, Vec<&Item>> = BTreeMap::new();
    let counts = |item: &&Item| {
        let phase = item.finding.phase;
        phase != Phase::Any && item.was_by(as_of) && !item.is_closed_by(as_of)
    };
    for item in items.iter().filter(counts) {
        let scheme = item.finding.scheme.as_ref();
        by_scheme.entry(scheme).or_default().push(item);
    }
    let gains = by_scheme.into_iter();
    gains
        .map(|(scheme, items)| gain(scheme.cloned(), items, post))
        .collect()
}

fn gain(scheme: Option<String>, mut items: Vec<&Item>, choice: Post) -> Gain {
    items.sort_by_key(|item| item.order());
    let is_post = |item: &&&Item| item.finding.phase == Phase::Post;
    let first = items.iter().position(|item| is_post(&item));
    let pre = items[..first.unwrap_or(items.len())].last().copied();
    let mut posts = items.iter().filter(is_post).copied();
    let post = match choice {
        Post::First => posts.next(),
        Post::Last => posts.last(),
        // The earliest of the highest.
        Post::Best => posts.min_by_key(|item| std::cmp::Reverse(item.level())),
    };
    let (pre, post) = (pre.and_then(point), post.and_then(point));
    let gain = pre.as_ref().zip(post.as_ref());
    Gain {
        scheme,
        gain: gain.map(|(pre, post)| i64::from(post.level) - i64::from(pre.level)),
        pre,
        post,
    }
}

fn point(item: &Item) -> Option<Point> {
    Some(Point {
        level: item.level()?,
        day: item.finding.day,
        rule: item.finding.rule.clone(),
        statements: item.statements.clone(),
    })
}
