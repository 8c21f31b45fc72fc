//! Fifty rules, as files and as what they mean, and what statements may tell.

use jiff::Timestamp;

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
    /// Within which of the training schemes, each of a project of its own; outside of any it is the
    /// first project's.
    pub(crate) scheme: Option<u32>,
    /// How many days it says that it holds.
    pub(crate) holds: Option<i32>,
}

/// Whether a rule is about what comes before the learning or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
    Any,
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
    pub(crate) version: u32,
    pub(crate) competence: u32,
    pub(crate) measures: Measures,
    pub(crate) when: When,
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

impl Meaning {
    fn of(name: String, competence: u32, measures: Measures) -> Self {
        Self {
            name,
            version: 1,
            competence,
            measures,
            when: When::Any,
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

    /// The least values of its levels from 1 on; none where what is true or not shows level 2. Each
    /// later version asks for a little more.
    pub(crate) fn leasts(&self) -> Vec<u32> {
        let found = LEASTS.iter().find(|(known, _)| *known == self.measures);
        let (more, leasts) = (self.version - 1, found.map(|(_, leasts)| leasts));
        leasts.map_or_else(Vec::new, |leasts| {
            leasts.iter().map(|least| least + more).collect()
        })
    }

    /// Returns the version behind it, which asks for more or, of a composite, shows another level.
    pub(crate) fn next(&self) -> Self {
        Self {
            version: self.version + 1,
            fixed: self.is_composite() && !self.fixed,
            ..self.clone()
        }
    }

    pub(crate) fn is_composite(&self) -> bool {
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
            "rule: {}\nversion: {}\ncompetence: {}\nbasis: assessed\nphase: {}\n",
            self.name,
            self.version,
            competence(self.competence),
            match self.when {
                When::Before => "pre",
                When::After => "post",
                When::Any => "any",
            }
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
        let leasts = self.leasts();
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

pub(crate) fn scheme(number: u32) -> String {
    format!("https://lms.example.org/scheme/{number}")
}

/// The projects, by the number of their schemes.
pub(crate) const PROJECTS: [&str; 2] = ["sing", "merse"];

/// Forty rules over statements and ten over those.
pub(crate) fn fifty() -> Vec<Meaning> {
    use Measures::{Completion, Count, Duration, Level, Score, Success};
    let each = [Score, Success, Completion, Count, Duration, Level];
    let mut rules = Vec::new();
    for number in 0..40_u32 {
        let measures = each[number as usize % each.len()];
        let mut rule = Meaning::of(format!("sing/rule-{number}"), number % 7, measures);
        let turn = number / 6;
        // Only rules about one activity are about before or after, so that no statement is both.
        rule.object = (turn % 3 != 0).then_some(number % 4);
        rule.when = match rule.object {
            Some(0) => When::Before,
            Some(1 | 2) => When::After,
            _ => When::Any,
        };
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
