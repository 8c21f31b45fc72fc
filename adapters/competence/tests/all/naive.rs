//! Fifty rules and what they mean, told apart from the code under test: each answer is worked out
//! from all statements anew, straight from the words of the rule language.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ZonedDateTime};

/// What a statement of a history tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A score in hundredths.
    Scored(u32),
    Passed,
    Failed,
    Completed,
    Uncompleted,
    /// Minutes.
    Attended(u32),
    /// A level asserted outright.
    Asserted(u32),
    Revoked,
    Forfeited,
    Expired,
}

/// A statement of a history.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) number: u128,
    pub(crate) learner: u32,
    pub(crate) deed: Deed,
    /// Which of the activities, or of the competences for what closes one.
    pub(crate) object: u32,
    pub(crate) at: Timestamp,
    /// How many days it says that it holds.
    pub(crate) holds: Option<i32>,
}

/// What a rule measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measures {
    Score,
    Success,
    Completion,
    Count,
    Duration,
    Level,
}

/// A rule, as its file and as its meaning.
#[derive(Debug, Clone)]
pub(crate) struct Meaning {
    pub(crate) name: String,
    pub(crate) competence: u32,
    pub(crate) measures: Measures,
    /// Only this activity.
    pub(crate) object: Option<u32>,
    /// Least number of distinct units, and whether a unit is an activity.
    pub(crate) several: Option<(usize, bool)>,
    pub(crate) window: Option<i32>,
    pub(crate) valid_for: Option<i32>,
    pub(crate) all_of: Vec<String>,
    pub(crate) any_of: Vec<String>,
    pub(crate) at_least: usize,
    pub(crate) fixed: bool,
}

/// The least values of the levels 1 to 3: hundredths, minutes, numbers or asserted levels.
const LEASTS: [(Measures, [u32; 3]); 4] = [
    (Measures::Score, [30, 60, 85]),
    (Measures::Count, [2, 3, 5]),
    (Measures::Duration, [60, 150, 300]),
    (Measures::Level, [1, 2, 4]),
];

fn leasts(measures: Measures) -> Vec<u32> {
    let found = LEASTS.iter().find(|(known, _)| *known == measures);
    // What is true or not shows level 2.
    found.map_or_else(Vec::new, |(_, leasts)| leasts.to_vec())
}

impl Meaning {
    fn of(name: String, competence: u32, measures: Measures) -> Self {
        Self {
            name,
            competence,
            measures,
            object: None,
            several: None,
            window: None,
            valid_for: None,
            all_of: Vec::new(),
            any_of: Vec::new(),
            at_least: 0,
            fixed: false,
        }
    }

    fn is_composite(&self) -> bool {
        !(self.all_of.is_empty() && self.any_of.is_empty())
    }

    fn rest_of_composite(&self) -> String {
        let mut file = Vec::new();
        for (key, rules) in [("all_of", &self.all_of), ("any_of", &self.any_of)] {
            if !rules.is_empty() {
                file.push(format!("{key}: [{}]\n", rules.join(", ")));
            }
        }
        if !self.any_of.is_empty() {
            file.push(format!("at_least: {}\n", self.at_least));
        }
        if self.fixed {
            file.push("levels: [{level: 7}]\n".to_owned());
        }
        file.concat()
    }

    /// Writes the rule's file.
    pub(crate) fn file(&self) -> String {
        let head = format!(
            "rule: {}\nversion: 1\ncompetence: {}\nbasis: assessed\n",
            self.name,
            competence(self.competence)
        );
        if self.is_composite() {
            return head + &self.rest_of_composite();
        }
        let mut file = vec![head];
        let (class, measure) = match self.measures {
            Measures::Score => ("class: [scored]", "score"),
            Measures::Success => ("class: [passed, failed]", "success"),
            Measures::Completion => ("class: [completed]", "completion"),
            Measures::Count => ("class: [attended]", "count"),
            Measures::Duration => ("class: [attended]", "duration"),
            Measures::Level => ("verb: [https://w3id.org/xapi/tla/verbs/asserted]", "level"),
        };
        file.push(format!("match:\n  {class}\n"));
        if self.measures == Measures::Level {
            file.push("  authority: [https://lms.example.org]\n".to_owned());
        }
        if let Some(object) = self.object {
            file.push(format!("  object: [{}]\n", activity(object)));
        }
        file.push(format!("measure: {measure}\n"));
        let least = |least: u32| match self.measures {
            Measures::Score => format!("{}.{:02}", least / 100, least % 100),
            Measures::Duration => format!("PT{least}M"),
            _ => least.to_string(),
        };
        let leasts = leasts(self.measures);
        let levels = leasts.iter().zip(1..);
        let levels: Vec<_> = levels
            .map(|(value, level)| format!("{{min: {}, level: {level}}}", least(*value)))
            .collect();
        file.push(if levels.is_empty() {
            "levels: [{level: 2}]\n".to_owned()
        } else {
            format!("levels: [{}]\n", levels.join(", "))
        });
        if let Some((least, by_object)) = self.several {
            let distinct = if by_object { "object" } else { "statement" };
            file.push(format!("count: {{min: {least}, distinct: {distinct}}}\n"));
        }
        for (key, days) in [("window", self.window), ("valid_for", self.valid_for)] {
            if let Some(days) = days {
                file.push(format!("{key}: P{days}D\n"));
            }
        }
        file.concat()
    }
}

pub(crate) fn competence(number: u32) -> String {
    format!("https://example.org/competence/{number}")
}

pub(crate) fn activity(number: u32) -> String {
    format!("https://lms.example.org/activity/{number}")
}

/// Forty rules over statements and ten over those.
pub(crate) fn fifty() -> Vec<Meaning> {
    use Measures::{Completion, Count, Duration, Level, Score, Success};
    let each = [Score, Success, Completion, Count, Duration, Level];
    let mut rules = Vec::new();
    for number in 0..40_u32 {
        let measures = each[number as usize % each.len()];
        let mut rule = Meaning::of(format!("sing/rule-{number}"), number % 7, measures);
        let turn = number / 6;
        rule.object = (turn % 3 == 1).then_some(number % 4);
        let adds_up = matches!(measures, Count | Duration);
        let may_count = measures != Completion;
        if may_count && (adds_up || turn % 2 == 1) {
            rule.several = Some((1 + number as usize % 2, number % 5 < 3));
            rule.window = (turn % 3 != 0).then_some(5 + 20 * i32::try_from(turn).unwrap());
        }
        rule.valid_for = (turn % 2 == 0).then_some(10 + 7 * i32::try_from(number).unwrap());
        rules.push(rule);
    }
    let names = |numbers: &[u32]| numbers.iter().map(|n| format!("sing/rule-{n}")).collect();
    for number in 40..50_u32 {
        let mut rule = Meaning::of(format!("sing/rule-{number}"), number % 7, Score);
        let (a, b, c) = (number - 40, number - 30, number - 15);
        match number % 3 {
            0 => rule.all_of = names(&[a, b]),
            1 => {
                rule.any_of = names(&[a, b, c]);
                rule.at_least = 2;
            }
            _ => {
                rule.all_of = names(&[a]);
                rule.any_of = names(&[b, number - 1]);
                rule.at_least = 1;
            }
        }
        rule.fixed = number % 4 == 0;
        rules.push(rule);
    }
    rules
}

/// A span in which a rule shows a level, with how it ended.
#[derive(Debug, Clone)]
struct Shown {
    level: u32,
    from: Date,
    lapses: Option<Date>,
    lost: Option<Date>,
    undone: Option<Date>,
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
    let steps: Vec<(u32, u32)> = match leasts(rule.measures).as_slice() {
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
        return of_statements(rule, statements);
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
    }
}

/// Level and status in each competence on a day, of one person by all that is known.
pub(crate) fn outcomes(
    rules: &[Meaning],
    statements: &[Told],
    day: Date,
) -> BTreeMap<String, (u32, &'static str)> {
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
            return Some((level, "current"));
        }
        let gone = begun
            .iter()
            .filter(|shown| shown.undone.is_none_or(|undone| day < undone));
        let is_lost = |shown: &Shown| shown.lost.is_some() && shown.lost == shown.end();
        let last = gone.max_by_key(|shown| (shown.end(), shown.level, is_lost(shown)))?;
        let how = if is_lost(last) { "revoked" } else { "lapsed" };
        Some((last.level, how))
    };
    let outcomes = by_competence.iter();
    outcomes
        .filter_map(|(competence, shown)| Some((competence.clone(), outcome(shown)?)))
        .collect()
}
