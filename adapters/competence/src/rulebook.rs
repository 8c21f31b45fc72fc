//! Facts and settling of one evidence rule.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::ZonedDateTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use varde_core::ProjectCode;
use varde_core::classes::{Class, may_be};
use varde_core::ledger::{Entry, Fact, Group, KnownFact, Rulebook, Tally, Witness};
use varde_core::people::IdentityId;
use varde_core::registers::{EntityKind, NamedActivities, PersonId, RegisterView, Unit};
use varde_xapi::{Activity, Actor, Statement, StatementId};

use crate::counting::Counter;
use crate::finding::{Finding, Verdict};
use crate::matching::activity;
use crate::measure::{Level, Measure, Measured};
use crate::rule::Rule;
use crate::tally;

/// The category of statements that the store derives itself; they are never evidence.
pub const DERIVED: &str = "https://w3id.org/xapi/interreg/v1/categories/derived";

/// The zone of days where the project's register names none.
const ZONE: &str = "Europe/Oslo";
/// Stands between person, competence and project in a group's key; none of them holds one.
const SEPARATOR: char = '\t';

/// An evidence rule at work.
#[derive(Debug, Clone)]
pub(crate) struct EvidenceBook {
    pub(crate) rule: Arc<Rule>,
}

/// What one statement says: natural keys and values only.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Said {
    /// The id of the actor's identifier.
    pub(crate) actor: IdentityId,
    /// The activity that it is about.
    pub(crate) object: Option<String>,
    /// The IRIs of `contextActivities.parent`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parents: Vec<String>,
    /// The IRIs of `contextActivities.grouping`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groupings: Vec<String>,
    pub(crate) what: What,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    Measured(Measured),
    /// A completion of the object no longer holds.
    Undone,
}

impl Said {
    fn named(&self) -> NamedActivities<'_> {
        NamedActivities {
            object: self.object.as_deref(),
            parents: &self.parents,
            groupings: &self.groupings,
        }
    }

    /// Returns the programme activity that it is about.
    fn unit(&self, day: Date, registers: &RegisterView<'_>) -> Unit {
        registers.unit(&self.named(), |_| true, day)
    }
}

impl EvidenceBook {
    pub(crate) fn new(rule: Rule) -> Self {
        Self {
            rule: Arc::new(rule),
        }
    }

    fn said(&self, witness: &Witness<'_>) -> Option<Said> {
        let statement = witness.statement;
        let Actor::Agent(agent) = &statement.actor else {
            return None;
        };
        let matching = &self.rule.matching;
        let what = if is_derived(statement) {
            return None;
        } else if matching.holds(statement) {
            What::Measured(self.rule.measure.of(statement))
        } else if matches!(self.rule.measure, Measure::Completion(_))
            && matching.is_undone_by(statement)
        {
            What::Undone
        } else {
            return None;
        };
        let object = activity(statement).map(|activity| activity.id.as_str().to_owned());
        let around = statement.context.as_ref().map(|c| &c.context_activities);
        let iris = |activities: &[Activity]| activities.iter().map(|a| a.id.to_string()).collect();
        Some(Said {
            actor: witness.identity(&agent.ifi),
            object,
            parents: around.map_or_else(Vec::new, |around| iris(&around.parent)),
            groupings: around.map_or_else(Vec::new, |around| iris(&around.grouping)),
            what,
        })
    }

    /// Returns the entry of one statement.
    pub(crate) fn entry(
        &self,
        of: &Of,
        (known, said): (&KnownFact, &Said),
        measured: &Measured,
        statements: Vec<StatementId>,
        undone: Option<&KnownFact>,
        registers: &RegisterView<'_>,
    ) -> Entry {
        // What was asked for others: the entry names the register rows of its own facts.
        registers.take_rows();
        let rule = &self.rule;
        let local = local(known, registers);
        registers.person(said.actor, local.date());
        let unit = said.unit(local.date(), registers);
        counts_for(known, said, (&unit, local.date()), registers);
        let (level, comparison) = rule.measure.judge(measured);
        let verdict = match level {
            None => Verdict::NearMiss,
            Some(Level { level, name }) => Verdict::Evidence {
                level: *level,
                level_name: name.clone(),
                expires: rule
                    .valid_for
                    .as_ref()
                    .and_then(|p| p.after(&local))
                    .map(|z| z.date()),
                undone: undone.map(|undone| self::local(undone, registers).date()),
            },
        };
        let finding = Finding {
            person: of.person.clone(),
            competence: rule.competence.clone(),
            rule: rule.name.clone(),
            basis: rule.basis,
            phase: rule.phase,
            instant: known.happened,
            day: local.date(),
            units: unit.iris().to_vec(),
            comparison,
            verdict,
        };
        Entry {
            key: known.statement.to_string(),
            project: of.project.clone(),
            body: serde_json::to_value(finding).expect("a finding is plain data"),
            statements: statements
                .into_iter()
                .chain(undone.map(|undone| undone.statement))
                .collect(),
            rows: registers.take_rows(),
        }
    }

    /// Counts a person's next statement: its entry is told what the count is with it.
    pub(crate) fn count(
        &self,
        counter: &mut Counter,
        of: &Of,
        fact: &KnownFact,
        registers: &RegisterView<'_>,
    ) -> Option<Entry> {
        let said = read(fact)?;
        let What::Measured(measured) = &said.what else {
            return None;
        };
        let unit = match measured {
            Measured::Unit(unit) => Some(unit.clone()),
            Measured::Statement => Some(fact.statement.to_string()),
            _ => None,
        };
        let (measured, statements) = match unit {
            Some(unit) => {
                counter.add(unit, fact.statement, &local(fact, registers));
                (Measured::Counted(counter.number()), counter.deciding())
            }
            None => (measured.clone(), vec![fact.statement]),
        };
        let known = (fact, &said);
        Some(self.entry(of, known, &measured, statements, None, registers))
    }
}

impl Rulebook for EvidenceBook {
    fn wants(&self, verb: &str) -> bool {
        let takes_back = matches!(self.rule.measure, Measure::Completion(_));
        self.rule.matching.wants(verb) || (takes_back && may_be(verb, &[Class::Undone]))
    }

    fn facts(&self, witness: &Witness<'_>) -> Vec<Fact> {
        let said = self.said(witness);
        let body = said.map(|said| serde_json::to_value(said).expect("a fact is plain data"));
        body.map(|body| Fact { body }).into_iter().collect()
    }

    fn groups(&self, fact: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group> {
        let Some(said) = read(fact) else {
            return Vec::new();
        };
        let day = local(fact, registers).date();
        let person = registers.person(said.actor, day);
        let unit = said.unit(day, registers);
        let projects = counts_for(fact, &said, (&unit, day), registers);
        let key = |project| group_key(&person, &self.rule.competence, &project);
        let group = |project| Group {
            stage: 0,
            key: key(project),
        };
        projects.into_iter().map(group).collect()
    }

    fn last_stage(&self) -> u8 {
        0
    }

    fn settle(
        &self,
        group: &Group,
        facts: &[KnownFact],
        _read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let Some(of) = Of::group(group) else {
            return Vec::new();
        };
        if let Measure::Count(count) = &self.rule.measure {
            let mut counter = Counter::new(count);
            let each = facts
                .iter()
                .filter_map(|fact| self.count(&mut counter, &of, fact, registers));
            return each.collect();
        }
        let said = facts.iter().filter_map(|fact| Some((fact, read(fact)?)));
        let mut undone: HashMap<Option<String>, &KnownFact> = HashMap::new();
        let mut entries = Vec::new();
        // From the last to the first, so that what takes a completion back is known before it.
        for (fact, said) in said.rev() {
            let statements = vec![fact.statement];
            match &said.what {
                What::Undone => {
                    undone.insert(said.object.clone(), fact);
                }
                What::Measured(measured) => {
                    let undone = undone.get(&said.object).copied();
                    let known = (fact, &said);
                    let entry = self.entry(&of, known, measured, statements, undone, registers);
                    entries.push(entry);
                }
            }
        }
        entries.reverse();
        entries
    }

    fn tally(
        &self,
        group: &Group,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Option<Box<dyn Tally>> {
        tally::of(self, Of::group(group)?, facts, registers)
    }
}

/// Whose evidence a group holds, within which project.
#[derive(Debug)]
pub(crate) struct Of {
    person: PersonId,
    project: ProjectCode,
}

impl Of {
    fn group(group: &Group) -> Option<Self> {
        let mut parts = group.key.split(SEPARATOR);
        let (person, project) = (parts.next()?, parts.nth(1)?);
        Some(Self {
            person: PersonId::parse(person)?,
            project: project.parse().ok()?,
        })
    }
}

/// Returns the key of a person's group: the person first, so that one person's are one stretch.
fn group_key(person: &PersonId, competence: &str, project: &ProjectCode) -> String {
    format!("{}{project}", competence_prefix(person, competence))
}

/// Returns the beginning of the keys of a person's groups of one competence.
pub(crate) fn competence_prefix(person: &PersonId, competence: &str) -> String {
    format!("{}{competence}{SEPARATOR}", group_prefix(person))
}

/// Returns the beginning of the keys of all groups of a person.
pub(crate) fn group_prefix(person: &PersonId) -> String {
    format!("{person}{SEPARATOR}")
}

/// Returns the projects that a fact counts for, by the programme activity that it is about.
fn counts_for(
    fact: &KnownFact,
    said: &Said,
    (unit, day): (&Unit, Date),
    registers: &RegisterView<'_>,
) -> BTreeSet<ProjectCode> {
    registers.counts_for(unit, &said.named(), &fact.space, day)
}

/// Reads what a fact says; `None` for one of another shape, which the ledger never holds.
pub(crate) fn read(fact: &KnownFact) -> Option<Said> {
    Said::deserialize(&fact.fact.body).ok()
}

fn is_derived(statement: &Statement) -> bool {
    let context = statement.context.iter();
    let mut categories = context.flat_map(|context| &context.context_activities.category);
    categories.any(|category| category.id.as_str() == DERIVED)
}

/// Returns when a fact happened in the time zone of its space's project.
fn local(fact: &KnownFact, registers: &RegisterView<'_>) -> ZonedDateTime {
    let utc_day = fact.happened.to_zoned_datetime(TimeZone::UTC).date();
    let zone = registers.value(EntityKind::Project, fact.space.project(), "zone", utc_day);
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
    fact.happened.to_zoned_datetime(zone.unwrap_or_else(|| {
        TimeZone::get(ZONE).expect("the time zone database is part of the program")
    }))
}
