//! An indicator set at work: facts to groups, groups to conclusions.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::Value;
use varde_core::ProjectCode;
use varde_core::classes::Class;
use varde_core::ledger::{Entry, Fact, Group, KnownFact, Rulebook, Tally, Witness};
use varde_core::registers::{EntityKind, RegisterView, Unit};

use crate::IndicatorCode;
use crate::conclusion::{Conclusion, Reason, Standing};
use crate::counting::{
    CountingRule, Finding, JointSince, LastDay, Seen, completion, participation,
};
use crate::deciding::Deciding;
use crate::fact::{self, Completion, Said};
use crate::group::{GroupKey, KEY_STAGE};
use crate::joint::{joint, joint_since};
use crate::set::IndicatorSet;
use crate::unit::{is_scheme, named, unit};

/// The zone of Norway and Sweden, for as long as no project file names one.
const ZONE: &str = "Europe/Oslo";

/// One indicator, ready to count.
#[derive(Debug, Clone)]
struct Counted {
    code: IndicatorCode,
    /// The code as the keys of entries carry it.
    code_text: String,
    rule: CountingRule,
    months_after_end: u8,
}

/// A compiled indicator set.
#[derive(Debug, Clone)]
pub(crate) struct JointTraining(Arc<Rules>);

/// What it says.
#[derive(Debug)]
pub(crate) struct Rules {
    project: ProjectCode,
    starting: Vec<Class>,
    /// By credential: the scheme whose completion it proves.
    certificates: HashMap<String, String>,
    indicators: Vec<Counted>,
}

impl JointTraining {
    /// Compiles a set whose counting rules are all built in.
    pub(crate) fn new(set: &IndicatorSet) -> Self {
        let certificates = set.certificates.iter().flat_map(|of| {
            of.credentials
                .iter()
                .map(|credential| (credential.clone(), of.scheme.clone()))
        });
        let indicators = set.indicators.iter().filter_map(|indicator| {
            Some(Counted {
                code: indicator.code.clone(),
                code_text: indicator.code.to_string(),
                rule: CountingRule::of(&indicator.counting.rule)?,
                months_after_end: indicator.counting.months_after_end,
            })
        });
        Self(Arc::new(Rules {
            project: set.project.clone(),
            starting: set.starting_classes.clone(),
            certificates: certificates.collect(),
            indicators: indicators.collect(),
        }))
    }
}

impl Rules {
    fn local_day(&self, instant: Timestamp, registers: &RegisterView<'_>) -> Date {
        // A project's zone does not change with the day, so any day serves to ask for it.
        let utc = TimeZone::UTC.to_datetime(instant).date();
        let zone = registers.value(EntityKind::Project, self.project.as_str(), "zone", utc);
        let zone = TimeZone::get(zone.unwrap_or(ZONE)).or_else(|_| TimeZone::get(ZONE));
        zone.unwrap_or(TimeZone::UTC).to_datetime(instant).date()
    }

    fn last_day(&self, months_after: u8, registers: &RegisterView<'_>, day: Date) -> LastDay {
        let end = registers.value(EntityKind::Project, self.project.as_str(), "end", day);
        let end = end.and_then(|end| end.parse::<Date>().ok());
        LastDay(end.map(|end| end.saturating_add(i32::from(months_after).months())))
    }

    fn unit(&self, said: &Said, registers: &RegisterView<'_>, day: Date) -> Unit {
        match self.certificates.get(&said.object) {
            Some(scheme) if is_scheme(scheme, registers, day) => Unit::One(scheme.clone()),
            _ => unit(said, registers, day),
        }
    }

    /// Tells whether a fact speaks of the completion of a scheme itself, not of a part of it.
    pub(crate) fn completes(&self, said: &Said, scheme: &str) -> bool {
        let itself = said.object == scheme;
        let certificate = self
            .certificates
            .get(&said.object)
            .is_some_and(|of| of == scheme);
        match said.completion {
            None => false,
            Some(Completion::Done | Completion::Denied) => itself,
            Some(Completion::Credential) => certificate,
            Some(Completion::Undone) => itself || certificate,
        }
    }

    fn counts_here(
        &self,
        (known, said): (&KnownFact, &Said),
        unit: &Unit,
        registers: &RegisterView<'_>,
        day: Date,
    ) -> bool {
        let projects = registers.counts_for(unit, &named(said), &known.space, day);
        projects.contains(&self.project)
    }

    fn seen<'a>(&self, facts: &'a [KnownFact], registers: &RegisterView<'_>) -> Vec<Seen<'a>> {
        facts
            .iter()
            .filter_map(|known| {
                let day = self.local_day(known.happened, registers);
                Some(Seen {
                    known,
                    said: Said::of(known)?,
                    day,
                })
            })
            .collect()
    }

    fn key(
        &self,
        counted: &Counted,
        scheme: &str,
        facts: &[Seen<'_>],
        joint: Option<JointSince>,
        registers: &RegisterView<'_>,
    ) -> Option<Entry> {
        let last_day = |months, fact: &Seen<'_>| self.last_day(months, registers, fact.day);
        let finding = match counted.rule {
            CountingRule::Participations => {
                let first = facts.iter().find(|fact| fact.said.starts)?;
                participation(facts, joint, last_day(counted.months_after_end, first))
            }
            CountingRule::Completions => {
                let first = facts.first()?;
                let ended = last_day(self.participation_months(), first);
                let began = participation(facts, joint, ended);
                let own = |said: &Said| self.completes(said, scheme);
                completion(facts, own, began, last_day(counted.months_after_end, first))
            }
        };
        let (key, schemes) = (counted.code_text.clone(), vec![scheme.to_owned()]);
        self.entry(key, &counted.code, schemes, &finding?, registers)
    }

    /// How long after the project's end a participation counts, where one is needed.
    fn participation_months(&self) -> u8 {
        let mut participations = self
            .indicators
            .iter()
            .filter(|i| i.rule == CountingRule::Participations);
        participations
            .next()
            .map_or(0, |indicator| indicator.months_after_end)
    }

    fn entry(
        &self,
        key: String,
        code: &IndicatorCode,
        schemes: Vec<String>,
        finding: &Finding<'_, '_>,
        registers: &RegisterView<'_>,
    ) -> Option<Entry> {
        let asking = finding.deciding.first()?;
        // What was asked for others: the entry names the register rows of its own facts.
        registers.take_rows();
        for fact in &finding.deciding {
            self.local_day(fact.known.happened, registers);
            let unit = self.unit(&fact.said, registers, fact.day);
            self.counts_here((fact.known, &fact.said), &unit, registers, fact.day);
        }
        let persons = finding
            .deciding
            .iter()
            .map(|f| registers.person(f.said.who, f.day));
        let conclusion = Conclusion {
            code: code.clone(),
            schemes,
            person: persons.collect::<Vec<_>>().into_iter().next()?,
            occurred: asking.day,
            team: asking.said.team.clone(),
            standing: finding.standing,
        };
        self.last_day(0, registers, asking.day);
        let mut statements = Vec::new();
        for fact in &finding.deciding {
            if !statements.contains(&fact.known.statement) {
                statements.push(fact.known.statement);
            }
        }
        Some(Entry {
            key,
            project: self.project.clone(),
            body: serde_json::to_value(conclusion).ok()?,
            statements,
            rows: registers.take_rows(),
        })
    }

    fn ambiguous(&self, facts: &[Seen<'_>], registers: &RegisterView<'_>) -> Vec<Entry> {
        let Some(first) = facts.first() else {
            return Vec::new();
        };
        let Unit::Ambiguous(schemes) = self.unit(&first.said, registers, first.day) else {
            return Vec::new();
        };
        let standing = Standing::Excluded(Reason::AmbiguousUnit);
        let finding = Finding {
            deciding: vec![first],
            standing,
        };
        let participations = self
            .indicators
            .iter()
            .filter(|i| i.rule == CountingRule::Participations);
        participations
            .filter_map(
                |Counted {
                     code, code_text, ..
                 }| {
                    self.entry(
                        code_text.clone(),
                        code,
                        schemes.clone(),
                        &finding,
                        registers,
                    )
                },
            )
            .collect()
    }
}

impl Rules {
    /// Concludes from the facts of a group that are given.
    pub(crate) fn conclude(
        &self,
        group: &Group,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen = || self.seen(facts, registers);
        match GroupKey::parse(&group.key) {
            Some(GroupKey::Joint(scheme)) => joint(&self.project, scheme, registers)
                .into_iter()
                .collect(),
            Some(GroupKey::Ambiguous(..)) => self.ambiguous(&seen(), registers),
            Some(GroupKey::Key(scheme, _)) => {
                let (joint, seen) = (joint_since(read), seen());
                let each = self.indicators.iter();
                each.filter_map(|counted| self.key(counted, scheme, &seen, joint, registers))
                    .collect()
            }
            None => Vec::new(),
        }
    }

    fn groups(&self, known: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group> {
        let Some(said) = Said::of(known) else {
            return Vec::new();
        };
        let day = self.local_day(known.happened, registers);
        let unit = self.unit(&said, registers, day);
        let counts = || self.counts_here((known, &said), &unit, registers, day);
        match &unit {
            Unit::One(scheme) if counts() => {
                let person = registers.person(said.who, day);
                let completes = self.completes(&said, scheme);
                let touches = self.indicators.iter().any(|indicator| {
                    said.starts || (completes && indicator.rule == CountingRule::Completions)
                });
                let group = || GroupKey::Key(scheme, person.as_str()).group();
                touches.then(group).into_iter().collect()
            }
            Unit::Ambiguous(schemes) if said.starts && counts() => {
                let person = registers.person(said.who, day);
                let first = schemes.first().map_or("", String::as_str);
                vec![GroupKey::Ambiguous(first, person.as_str()).group()]
            }
            _ => Vec::new(),
        }
    }
}

impl Rulebook for JointTraining {
    fn wants(&self, verb: &str) -> bool {
        fact::wants(verb, &self.0.starting)
    }

    fn facts(&self, witness: &Witness<'_>) -> Vec<Fact> {
        fact::facts(witness, &self.0.starting)
    }

    fn groups(&self, fact: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group> {
        self.0.groups(fact, registers)
    }

    fn last_stage(&self) -> u8 {
        KEY_STAGE
    }

    fn reads(&self, group: &Group) -> Vec<Group> {
        match GroupKey::parse(&group.key) {
            Some(GroupKey::Key(scheme, _)) => vec![GroupKey::Joint(scheme).group()],
            _ => Vec::new(),
        }
    }

    fn settle(
        &self,
        group: &Group,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        self.0.conclude(group, facts, read, registers)
    }

    fn tally(
        &self,
        group: &Group,
        facts: &[KnownFact],
        _registers: &RegisterView<'_>,
    ) -> Option<Box<dyn Tally>> {
        let tally = Deciding::of(Arc::clone(&self.0), group, facts)?;
        Some(Box::new(tally))
    }
}

/// Reads an entry's body as a conclusion; `None` for the entry of a joint scheme.
pub(crate) fn conclusion(body: &Value) -> Option<Conclusion> {
    Conclusion::deserialize(body).ok()
}
