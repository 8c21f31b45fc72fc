//! What rules mean, told apart from the code under test: each answer is worked out from all
//! statements anew, straight from the words of the rule language.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ZonedDateTime};

use crate::meaning::{Deed, Meaning, Measures, Told, When, competence};

/// A span in which a rule shows a level, with how it ended.
#[derive(Debug, Clone)]
struct Shown {
    level: u32,
    from: Date,
    lapses: Option<Date>,
    lost: Option<Date>,
    undone: Option<Date>,
    /// Of what statements show: the day on which the competence is closed, however.
    closed: Option<Date>,
    /// When it was shown, and what for; nothing for what other rules show.
    at: Option<(Timestamp, When, Option<u32>)>,
}

impl Shown {
    fn end(&self) -> Option<Date> {
        [self.lapses, self.lost, self.undone]
            .into_iter()
            .flatten()
            .min()
    }

    fn holds(&self, day: Date) -> bool {
        self.from <= day && self.end().is_none_or(|end| day < end)
    }
}

fn local(at: Timestamp) -> ZonedDateTime {
    at.to_zoned_datetime(TimeZone::get("Europe/Oslo").unwrap())
}

fn days_after(from: &ZonedDateTime, days: i32) -> ZonedDateTime {
    from.checked_add(Span::new().days(days)).unwrap()
}

/// What one rule over statements shows of one person.
fn of_statements(rule: &Meaning, statements: &[Told]) -> Vec<Shown> {
    let matching: Vec<&Told> = statements
        .iter()
        .filter(|told| matches(rule, told))
        .collect();
    let mut shown = Vec::new();
    for (place, told) in matching.iter().enumerate() {
        let Some(level) = level_at(rule, &matching[..=place]) else {
            continue;
        };
        let at = local(told.at);
        let later = statements.iter().filter(|other| order(other) > order(told));
        let first = |wanted: &dyn Fn(&Told) -> bool| {
            let mut later = later.clone().filter(|other| wanted(other));
            later.next()
        };
        let closing = first(&|other| closes(rule, other));
        let undone = first(&|other| {
            rule.measures == Measures::Completion
                && other.deed == Deed::Uncompleted
                && other.object == told.object
                && rule.object.is_none_or(|object| object == other.object)
        });
        let by_rule = rule.valid_for.map(|days| days_after(&at, days).date());
        let by_itself = told.holds.map(|days| days_after(&at, days).date());
        let closed = closing.map(|other| (local(other.at).date(), other.deed));
        let by_closing = closed.filter(|(_, deed)| *deed == Deed::Expired);
        let own = by_rule.into_iter().chain(by_itself);
        shown.push(Shown {
            level,
            from: at.date(),
            lapses: own.chain(by_closing.map(|(day, _)| day)).min(),
            lost: closed
                .filter(|(_, deed)| *deed != Deed::Expired)
                .map(|(day, _)| day),
            undone: undone.map(|other| local(other.at).date()),
            closed: closed.map(|(day, _)| day),
            at: Some((told.at, rule.when, told.scheme)),
        });
    }
    shown
}

fn order(told: &Told) -> (Timestamp, u128) {
    (told.at, told.number)
}

fn closes(rule: &Meaning, told: &Told) -> bool {
    matches!(told.deed, Deed::Revoked | Deed::Forfeited | Deed::Expired)
        && told.object == rule.competence
}

fn matches(rule: &Meaning, told: &Told) -> bool {
    let deed = match rule.measures {
        Measures::Score => matches!(told.deed, Deed::Scored(_)),
        Measures::Success => matches!(told.deed, Deed::Passed | Deed::Failed),
        Measures::Completion => told.deed == Deed::Completed,
        Measures::Count | Measures::Duration => matches!(told.deed, Deed::Attended(_)),
        Measures::Level => matches!(told.deed, Deed::Asserted(_)),
    };
    deed && rule.object.is_none_or(|object| object == told.object)
}

/// The level that the last of some statements shows together with those before it.
fn level_at(rule: &Meaning, statements: &[&Told]) -> Option<u32> {
    let last = statements.last()?;
    let value = |told: &Told| match told.deed {
        Deed::Scored(hundredths) => hundredths,
        Deed::Asserted(level) => level,
        Deed::Attended(minutes) => minutes,
        Deed::Passed | Deed::Completed => 1,
        _ => 0,
    };
    let steps: Vec<(u32, u32)> = match rule.leasts().as_slice() {
        [] => vec![(1, 2)],
        leasts => leasts.iter().copied().zip(1..).collect(),
    };
    let reached = |value: u32| {
        steps
            .iter()
            .filter(|(least, _)| value >= *least)
            .map(|s| s.1)
            .max()
    };
    let Some((enough, by_object)) = rule.several else {
        return reached(value(last));
    };
    match rule.measures {
        Measures::Count | Measures::Duration => {
            let units = units(rule, statements, by_object, |_| true);
            let amounts: Vec<u32> = units
                .values()
                .map(|told| told.iter().map(|told| value(told)).max().unwrap_or(0))
                .collect();
            let together = match rule.measures {
                Measures::Count => u32::try_from(amounts.len()).unwrap(),
                _ => amounts.iter().sum(),
            };
            reached(together).filter(|_| amounts.len() >= enough)
        }
        _ => {
            let shows = |(step, level): &(u32, u32)| {
                let units = units(rule, statements, by_object, |told| value(told) >= *step);
                (value(last) >= *step && units.len() >= enough).then_some(*level)
            };
            steps.iter().filter_map(shows).max()
        }
    }
}

/// The statements that are in the window which ends at the last, by unit.
fn units<'a>(
    rule: &Meaning,
    statements: &[&'a Told],
    by_object: bool,
    counts: impl Fn(&Told) -> bool,
) -> BTreeMap<u128, Vec<&'a Told>> {
    let now = statements.last().map(|last| local(last.at));
    let mut leaves = None;
    let mut units: BTreeMap<u128, Vec<&Told>> = BTreeMap::new();
    for told in statements.iter().filter(|told| counts(told)) {
        leaves = leaves.max(rule.window.map(|days| days_after(&local(told.at), days)));
        if leaves.is_none() || leaves > now {
            let unit = if by_object {
                told.object.into()
            } else {
                1_000 + told.number
            };
            units.entry(unit).or_default().push(told);
        }
    }
    units
}

/// What a rule shows of one person, those over other rules too.
fn of_rule(rule: &Meaning, rules: &[Meaning], statements: &[Told]) -> Vec<Shown> {
    if !rule.is_composite() {
        // What counts together counts for one project.
        let [first, second] = [Some(0), Some(1)].map(|project| {
            let of_project = statements
                .iter()
                .filter(|told| told.scheme.or(Some(0)) == project);
            let of_project: Vec<Told> = of_project.cloned().collect();
            of_statements(rule, &of_project)
        });
        return [first, second].concat();
    }
    let parts = |names: &[String]| -> Vec<Vec<Shown>> {
        let named = names
            .iter()
            .map(|name| rules.iter().find(|rule| rule.name == *name));
        named
            .map(|part| part.map_or_else(Vec::new, |part| of_rule(part, rules, statements)))
            .collect()
    };
    let (all_of, any_of) = (parts(&rule.all_of), parts(&rule.any_of));
    let everything: Vec<&Shown> = all_of.iter().chain(&any_of).flatten().collect();
    let mut days: BTreeSet<Date> = everything.iter().map(|shown| shown.from).collect();
    days.extend(everything.iter().filter_map(|shown| shown.end()));
    let levels: BTreeSet<u32> = if rule.fixed {
        [1].into()
    } else {
        everything.iter().map(|shown| shown.level).collect()
    };
    let mut found = Vec::new();
    for level in levels {
        let met = |day: Date, part: &Vec<Shown>| {
            part.iter()
                .any(|shown| shown.level >= level && shown.holds(day))
        };
        let holds = |day: Date| {
            let any = any_of.iter().filter(|part| met(day, part)).count();
            all_of.iter().all(|part| met(day, part)) && any >= rule.at_least
        };
        let mut open: Option<Date> = None;
        for day in &days {
            match (open, holds(*day)) {
                (None, true) => open = Some(*day),
                (Some(from), false) => {
                    found.push(span(rule, level, from, Some(*day), &everything));
                    open = None;
                }
                _ => {}
            }
        }
        found.extend(open.map(|from| span(rule, level, from, None, &everything)));
    }
    found
}

fn span(rule: &Meaning, level: u32, from: Date, end: Option<Date>, of: &[&Shown]) -> Shown {
    let of_end = of
        .iter()
        .filter(|shown| shown.level >= level && shown.end() == end);
    // What is undone on the day is so before it is anything else.
    let told: Vec<_> = of_end.filter(|shown| shown.undone != end).collect();
    let lost = told.iter().any(|shown| shown.lost == end);
    let lapsed = told
        .iter()
        .any(|shown| shown.lost != end && shown.lapses == end);
    Shown {
        level: if rule.fixed { 7 } else { level },
        from,
        lost: end.filter(|_| lost),
        lapses: end.filter(|_| !lost && lapsed),
        undone: end.filter(|_| !lost && !lapsed),
        closed: None,
        at: None,
    }
}

/// What was shown before and after the learning in each scheme.
pub(crate) type Gains = Vec<(Option<u32>, Option<u32>, Option<u32>)>;

/// Returns the gains on a day: the last from before the first from after, and the best from after.
fn gains(shown: &[Shown], day: Date) -> Gains {
    let mut by_scheme: BTreeMap<Option<u32>, Vec<(Timestamp, When, u32)>> = BTreeMap::new();
    let later = |end: Option<Date>| end.is_none_or(|end| day < end);
    for one in shown {
        if let Some((at, when, scheme)) = one.at
            && when != When::Any
            && one.from <= day
            && later(one.undone)
            && later(one.closed)
        {
            by_scheme
                .entry(scheme)
                .or_default()
                .push((at, when, one.level));
        }
    }
    let gain = |(scheme, points): (Option<u32>, Vec<(Timestamp, When, u32)>)| {
        let of = |wanted: When| points.iter().filter(move |(_, when, _)| *when == wanted);
        let first = of(When::After).map(|(at, ..)| *at).min();
        let before = of(When::Before).filter(|(at, ..)| first.is_none_or(|first| *at < first));
        let pre = before.max_by_key(|(at, ..)| *at).map(|point| point.2);
        let post = of(When::After).map(|point| point.2).max();
        (scheme, pre, post)
    };
    by_scheme.into_iter().map(gain).collect()
}

/// Level, status and gains in each competence on a day, of one person by all that is known.
pub(crate) fn outcomes(
    rules: &[Meaning],
    statements: &[Told],
    day: Date,
) -> BTreeMap<String, (u32, &'static str, Gains)> {
    let mut by_competence: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
    for rule in rules {
        let shown = of_rule(rule, rules, statements);
        by_competence
            .entry(competence(rule.competence))
            .or_default()
            .extend(shown);
    }
    let outcome = |shown: &Vec<Shown>| {
        let begun: Vec<&Shown> = shown.iter().filter(|shown| shown.from <= day).collect();
        let held = begun
            .iter()
            .filter(|shown| shown.holds(day))
            .map(|shown| shown.level)
            .max();
        if let Some(level) = held {
            return Some((level, "current", gains(shown, day)));
        }
        let gone = begun
            .iter()
            .filter(|shown| shown.undone.is_none_or(|undone| day < undone));
        let is_lost = |shown: &Shown| shown.lost.is_some() && shown.lost == shown.end();
        let last = gone.max_by_key(|shown| (shown.end(), shown.level, is_lost(shown)))?;
        let how = if is_lost(last) { "revoked" } else { "lapsed" };
        Some((last.level, how, gains(shown, day)))
    };
    let outcomes = by_competence.iter();
    outcomes
        .filter_map(|(competence, shown)| Some((competence.clone(), outcome(shown)?)))
        .collect()
}
