//! What the histories are counted by: who was seen at which activity, shared since when.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::civil::Date;
use serde_json::{Value, json};
use varde_core::StoreError;
use varde_core::definitions::{Definition, DefinitionFaults};
use varde_core::examples::{Answer, Trial};
use varde_core::ledger::{Adapter, Entry, Fact, Group, KnownFact, Rulebook, Tally, Witness};
use varde_core::registers::{EntityKind, RegisterView};
use varde_xapi::{Actor, Object, StatementId};

use crate::history::{ORGANISERS, organisation};

#[derive(Debug)]
pub(crate) struct Seen;

/// What is seen differs by version: those with an even number do not count who only refers to a
/// statement.
#[derive(Debug)]
pub(crate) struct SeenRules {
    pub(crate) version: u32,
}

#[async_trait]
impl Adapter for Seen {
    fn kinds(&self) -> &'static [&'static str] {
        &["seen"]
    }

    fn compile(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, DefinitionFaults> {
        let version = definition.version;
        Ok(Arc::new(SeenRules { version }))
    }

    /// Expects how many were seen at activities of the register.
    async fn answer(&self, trial: &Trial, expected: &Value) -> Result<Answer, StoreError> {
        let mut seen = 0;
        for snapshot in trial.ledger.current("seen", None).await? {
            seen += trial
                .ledger
                .rows(&trial.caller, &snapshot, 2, "")
                .await?
                .len();
        }
        Ok(Answer {
            what: "seen".to_owned(),
            expected: expected.to_string(),
            found: seen.to_string(),
            holds: *expected == json!(seen),
        })
    }
}

fn day_of(fact: &KnownFact) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(fact.happened).date()
}

fn text<'a>(fact: &'a KnownFact, member: &str) -> &'a str {
    fact.fact.body[member].as_str().unwrap()
}

impl Rulebook for SeenRules {
    fn facts(&self, witness: &Witness<'_>) -> Vec<Fact> {
        let statement = witness.statement;
        let around = statement.context.as_ref().map(|c| &c.context_activities);
        let what = match &statement.object {
            Object::Activity(activity) => Some(activity),
            Object::StatementRef(_) if !self.version.is_multiple_of(2) => {
                around.and_then(|a| a.grouping.first())
            }
            _ => None,
        };
        let (Actor::Agent(agent), Some(what)) = (&statement.actor, what) else {
            return Vec::new();
        };
        let who = witness.identity(&agent.ifi);
        vec![Fact {
            body: json!({ "who": who, "what": what.id.as_str() }),
        }]
    }

    fn groups(&self, fact: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group> {
        let what = text(fact, "what");
        // Only activities of the register count.
        if registers
            .value(EntityKind::Activity, what, "kind", day_of(fact))
            .is_none()
        {
            return Vec::new();
        }
        let who = text(fact, "who").parse().unwrap();
        let who = registers.person(who, day_of(fact));
        vec![Group {
            stage: 2,
            key: format!("{what}|{who}"),
        }]
    }

    fn last_stage(&self) -> u8 {
        2
    }

    fn reads(&self, group: &Group) -> Vec<Group> {
        let activity = group.key.split('|').next().unwrap_or_default();
        match group.stage {
            2 => vec![Group {
                stage: 1,
                key: format!("shared|{activity}"),
            }],
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
        if group.stage == 1 {
            let activity = group.key.split('|').nth(1).unwrap_or_default();
            let since = shared_since(activity, registers);
            return since
                .map(|since| entry(json!({ "since": since }), Vec::new()))
                .into_iter()
                .collect();
        }
        let seen: Vec<_> = facts.iter().map(Sighting::of).collect();
        seen_entry(group, &seen, read, registers)
            .into_iter()
            .collect()
    }

    fn tally(
        &self,
        group: &Group,
        facts: &[KnownFact],
        _: &RegisterView<'_>,
    ) -> Option<Box<dyn Tally>> {
        let (group, seen) = (group.clone(), facts.iter().map(Sighting::of).collect());
        (group.stage == 2).then(|| Box::new(SeenSoFar { group, seen }) as _)
    }
}

/// When somebody was seen, and by which statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sighting(jiff::Timestamp, StatementId);

impl Sighting {
    fn of(fact: &KnownFact) -> Self {
        Self(fact.happened, fact.statement)
    }
}

#[derive(Debug)]
struct SeenSoFar {
    group: Group,
    seen: Vec<Sighting>,
}

impl Tally for SeenSoFar {
    fn add(
        &mut self,
        fact: &KnownFact,
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Option<Vec<Entry>> {
        // Half of those that come late are left to the runner, so that both roads are walked.
        let seen = Sighting::of(fact);
        if self.seen.last() > Some(&seen) && fact.position.0.is_multiple_of(2) {
            return None;
        }
        let place = self.seen.partition_point(|known| *known < seen);
        self.seen.insert(place, seen);
        let entry = seen_entry(&self.group, &self.seen, read, registers)?;
        Some(vec![entry])
    }
}

fn seen_entry(
    group: &Group,
    seen: &[Sighting],
    read: &[(Group, Entry)],
    registers: &RegisterView<'_>,
) -> Option<Entry> {
    registers.take_rows();
    let Sighting(first, _) = seen.first()?;
    let person = group.key.split('|').nth(1).unwrap_or_default();
    let day_of = |at: &jiff::Timestamp| jiff::tz::TimeZone::UTC.to_datetime(*at).date();
    let day = day_of(first);
    let days: Vec<_> = seen.iter().map(|Sighting(at, _)| day_of(at)).collect();
    let body = json!({
        "days": days,
        "gender": registers.value(EntityKind::Person, person, "gender", day),
        "shared": read.first().map(|(_, entry)| entry.body["since"].clone()),
    });
    let mut entry = entry(body, seen.iter().map(|Sighting(_, id)| *id).collect());
    entry.rows = registers.take_rows();
    Some(entry)
}

fn entry(body: Value, statements: Vec<StatementId>) -> Entry {
    Entry {
        key: String::new(),
        project: "sing".parse().unwrap(),
        body,
        statements,
        rows: Vec::new(),
    }
}

/// Returns the first day on which two organisers are on record that have not left; the first of all
/// days when they always were.
fn shared_since(activity: &str, registers: &RegisterView<'_>) -> Option<Date> {
    use EntityKind::{Activity, Organisation};
    let mut days = registers.changes(Activity, activity, "organiser:");
    for n in 0..ORGANISERS {
        days.extend(registers.changes(Organisation, &organisation(n), "left"));
    }
    let days: BTreeSet<Date> = days.into_iter().map(|d| d.unwrap_or(Date::MIN)).collect();
    days.into_iter().find(|day| {
        let organisers = registers.values(Activity, activity, "organiser:", *day);
        let stand = organisers.iter().filter(|(field, _)| {
            let n = field.trim_start_matches("organiser:").parse().unwrap();
            let left = registers.value(Organisation, &organisation(n), "left", *day);
            left.is_none()
        });
        stand.count() >= 2
    })
}
