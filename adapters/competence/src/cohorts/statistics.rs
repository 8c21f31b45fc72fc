//! Numbers of cohorts. All are exact until they are printed.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

use super::{CohortQuery, Member};
use crate::decimal::Decimal;
use crate::gain::{Gain, Point};

/// Whoever began and showed nothing from after the learning for so many days has left.
const LEFT_AFTER_DAYS: i32 = 180;

/// How the persons of one cohort did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cohort {
    /// The cohort's value, such as a region; `unknown` where nothing is known.
    pub value: String,
    /// How many persons there are.
    pub persons: usize,
    /// By level, how many persons hold it; 0 for those who hold none.
    pub levels: BTreeMap<u32, usize>,
    /// What they gained. Without a group to compare with it is a change, not an effect.
    pub change: Change,
    /// Who began and has left.
    pub drop_out: DropOut,
    /// How it differs from the cohort that it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// Levels after the learning less levels before it, over pairs of one person and one scheme.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How many pairs there are: the numbers below are of these.
    pub paired: usize,
    /// How many have evidence from before only.
    pub pre_only: usize,
    /// How many have evidence from after only.
    pub post_only: usize,
    /// The mean level before, to four decimals.
    pub mean_pre: Option<String>,
    /// The mean level after, to four decimals.
    pub mean_post: Option<String>,
    /// The mean gain, to four decimals.
    pub mean: Option<String>,
    /// The median gain.
    pub median: Option<String>,
    /// The share of pairs with a gain of one level or more, to four decimals.
    pub share_gained: Option<String>,
    /// The share of pairs that are at or above the target afterwards, to four decimals.
    pub share_at_target: Option<String>,
}

/// Who began, and what became of them, over persons and schemes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DropOut {
    /// How many have evidence from before the learning.
    pub began: usize,
    /// How many of them have evidence from after it.
    pub finished: usize,
    /// How many of them have had none for 180 days.
    pub left: usize,
    /// How many of them may still finish.
    pub under_way: usize,
}

/// One cohort less another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The other cohort's value.
    pub against: String,
    /// Mean gain less mean gain, to four decimals.
    pub mean: Option<String>,
    /// Share with a gain less share with a gain, to four decimals.
    pub share_gained: Option<String>,
    /// Share at the target less share at the target, to four decimals.
    pub share_at_target: Option<String>,
}

/// A fraction; `None` where there is nothing to divide by.
type Fraction = Option<(i64, i64)>;

/// The fractions of a change, before they are printed.
#[derive(Debug, Default)]
struct Fractions {
    mean: Fraction,
    share_gained: Fraction,
    share_at_target: Fraction,
}

/// Counts cohorts, in the order of their values.
pub(super) fn cohorts(members: BTreeMap<String, Vec<Member>>, query: &CohortQuery) -> Vec<Cohort> {
    let mut fractions = BTreeMap::new();
    let mut cohorts = Vec::new();
    for (value, members) in members {
        let gains: Vec<&Gain> = members.iter().flat_map(|member| &member.gains).collect();
        let (change, of_change) = change(&gains, query.target);
        let mut levels = BTreeMap::new();
        for member in &members {
            *levels.entry(member.level).or_default() += 1;
        }
        fractions.insert(value.clone(), of_change);
        cohorts.push(Cohort {
            value,
            persons: members.len(),
            levels,
            change,
            drop_out: drop_out(&gains, query.as_of),
            difference: None,
        });
    }
    if let Some(against) = &query.against
        && let Some(other) = fractions.get(against)
    {
        for cohort in &mut cohorts {
            let own = fractions.get(&cohort.value);
            let own = own.filter(|_| cohort.value != *against);
            cohort.difference = own.map(|own| difference(against, own, other));
        }
    }
    cohorts
}

/// Counts what was gained.
fn change(gains: &[&Gain], target: Option<u32>) -> (Change, Fractions) {
    let mut paired: Vec<i64> = gains.iter().filter_map(|gain| gain.gain).collect();
    paired.sort_unstable();
    let number = count(paired.len());
    let share = |share: i64| (number > 0).then_some((share, number));
    let gained = paired.iter().filter(|gain| **gain >= 1).count();
    let at_target = target.map(|target| {
        let pairs = gains.iter().filter(|gain| gain.gain.is_some());
        let post = pairs.filter_map(|gain| gain.post.as_ref());
        post.filter(|post| post.level >= target).count()
    });
    let fractions = Fractions {
        mean: share(paired.iter().sum()),
        share_gained: share(count(gained)),
        share_at_target: at_target.and_then(|at_target| share(count(at_target))),
    };
    let only = |pre: bool| {
        let only = gains.iter().filter(|gain| gain.gain.is_none());
        only.filter(|gain| gain.pre.is_some() == pre).count()
    };
    let mean_level = |point: fn(&Gain) -> Option<&Point>| {
        let pairs = gains.iter().filter(|gain| gain.gain.is_some());
        let levels = pairs
            .filter_map(|gain| point(gain))
            .map(|point| i64::from(point.level));
        printed(share(levels.sum()))
    };
    let change = Change {
        paired: paired.len(),
        pre_only: only(true),
        post_only: only(false),
        mean_pre: mean_level(|gain| gain.pre.as_ref()),
        mean_post: mean_level(|gain| gain.post.as_ref()),
        mean: printed(fractions.mean),
        median: median(&paired),
        share_gained: printed(fractions.share_gained),
        share_at_target: printed(fractions.share_at_target),
    };
    (change, fractions)
}

/// Counts what was gained, without a target.
pub(super) fn change_of(gains: &[&Gain]) -> Change {
    change(gains, None).0
}

/// Returns the middle of sorted gains, or the mean of the middle two.
fn median(sorted: &[i64]) -> Option<String> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper.to_string());
    }
    let lower = *sorted.get(middle.checked_sub(1)?)?;
    printed(Some((lower + upper, 2)))
}

fn drop_out(gains: &[&Gain], as_of: Date) -> DropOut {
    let mut drop_out = DropOut::default();
    let long_ago = as_of.checked_sub(Span::new().days(LEFT_AFTER_DAYS));
    for gain in gains {
        let Some(pre) = &gain.pre else {
            continue;
        };
        drop_out.began += 1;
        let left = long_ago.as_ref().is_ok_and(|long_ago| pre.day <= *long_ago);
        match (&gain.post, left) {
            (Some(_), _) => drop_out.finished += 1,
            (None, true) => drop_out.left += 1,
            (None, false) => drop_out.under_way += 1,
        }
    }
    drop_out
}

fn difference(against: &str, own: &Fractions, other: &Fractions) -> Difference {
    let less = |own: Fraction, other: Fraction| {
        let ((a, b), (c, d)) = (own?, other?);
        let part = a.checked_mul(d)?.checked_sub(c.checked_mul(b)?)?;
        printed(Some((part, b.checked_mul(d)?)))
    };
    Difference {
        against: against.to_owned(),
        mean: less(own.mean, other.mean),
        share_gained: less(own.share_gained, other.share_gained),
        share_at_target: less(own.share_at_target, other.share_at_target),
    }
}

fn printed(fraction: Fraction) -> Option<String> {
    let (part, whole) = fraction?;
    let [part, whole] = [part, whole].map(|number| Decimal::parse(&number.to_string()));
    Some(part?.share_of(whole?)?.to_string())
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
