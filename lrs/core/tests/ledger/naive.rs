//! The same conclusions straight from the meaning of the words, with nothing remembered and with no
//! help from what they are compared with: registers are read row by row, and every day is looked at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use varde_core::Space;
use varde_core::definitions::DefinitionHash;
use varde_core::ledger::{ErasedFacts, LedgerRow};
use varde_core::people::IdentityId;
use varde_core::ports::{Happened, LogEvent, StoredStatement};
use varde_core::registers::{Entity, EntityKind, PersonId, Registers};
use varde_xapi::{Actor, Object, Statement, StatementId, Stored};

use crate::history::{DAYS, date, definition};
use crate::world::People;

/// A statement whose `timestamp` lies further than this past its `stored` is never counted.
pub(crate) const FUTURE_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);
/// How often a person is followed from one merge to the next.
const MERGES_MAX: usize = 16;

/// What is concluded of one key as of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conclusion {
    /// The first day on which the person was seen.
    pub(crate) first: Date,
    /// The person's gender on that day.
    pub(crate) gender: Option<String>,
    /// Whether the activity is shared.
    pub(crate) shared: bool,
    /// By which statements the person was seen.
    pub(crate) statements: BTreeSet<StatementId>,
}

/// Conclusions by key.
pub(crate) type Conclusions = BTreeMap<String, Conclusion>;

/// Which answer is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) as_of: Date,
    pub(crate) known_at: Stored,
}

/// What the rows of a ledger say.
pub(crate) fn read(rows: &[LedgerRow], asked: Asked) -> Conclusions {
    let known = rows.iter().filter(|row| row.known_at(asked.known_at));
    let told = known.filter_map(|row| Some((row.group.key.clone(), as_of(row, asked.as_of)?)));
    told.collect()
}

/// What a row says as of a day, which is never before the first day that counts.
fn as_of(row: &LedgerRow, day: Date) -> Option<Conclusion> {
    let body = &row.entry.body;
    let on = |value: &serde_json::Value| value.as_str()?.parse::<Date>().ok();
    let days = body["days"].as_array().unwrap().iter().filter_map(on);
    let seen = days.zip(&row.entry.statements);
    let seen: Vec<_> = seen.filter(|(on, _)| *on <= day).collect();
    Some(Conclusion {
        first: seen.first()?.0,
        gender: body["gender"].as_str().map(str::to_owned),
        shared: on(&body["shared"]).is_some_and(|since| since <= day),
        statements: seen.iter().map(|(_, id)| **id).collect(),
    })
}

/// What a statement says, or said before it was erased.
struct Told {
    stored: Stored,
    id: StatementId,
    space: Space,
    voids: Option<StatementId>,
    /// On which day who was seen at what.
    seen: Option<(Date, IdentityId, String)>,
}

fn told(event: &LogEvent, people: &People, version: u32) -> Option<Told> {
    match &event.what {
        Happened::Statement(statement) => Some(told_by(statement, people, version)),
        Happened::Erased(left) => {
            let erased = ErasedFacts::read(left).unwrap();
            let seen = erased.and_then(|erased| {
                let fact = &erased.facts.get(&hash(version))?.first()?.body;
                let who = fact["who"].as_str()?.parse().ok()?;
                let what = fact["what"].as_str()?.to_owned();
                Some((day_of(erased.happened), who, what))
            });
            Some(Told {
                stored: event.stored,
                id: left.id,
                space: left.space.clone(),
                voids: left.voids,
                seen,
            })
        }
        Happened::Event(..) => None,
    }
}

fn hash(version: u32) -> DefinitionHash {
    definition(version).hash()
}

fn told_by(statement: &StoredStatement, people: &People, version: u32) -> Told {
    let happened = statement.happened();
    let early = happened.duration_since(statement.stored.instant());
    let typed: Statement = varde_xapi::read(&statement.text()).unwrap();
    let Actor::Agent(agent) = &typed.actor else {
        panic!("only agents act in histories");
    };
    let around = typed.context.as_ref().map(|c| &c.context_activities);
    let what = match &typed.object {
        Object::Activity(activity) => Some(activity.id.to_string()),
        Object::StatementRef(_) if version != 2 => {
            around.and_then(|around| Some(around.grouping.first()?.id.to_string()))
        }
        _ => None,
    };
    // Whoever was only seen where nothing counts has no id.
    let who = people.ids.get(&agent.ifi.canonical()).copied();
    let seen = what.filter(|_| early <= FUTURE_MAX).zip(who);
    Told {
        stored: statement.stored,
        id: statement.id,
        space: statement.space.clone(),
        voids: statement.voids,
        seen: seen.map(|(what, who)| (day_of(happened), who, what)),
    }
}

fn day_of(instant: jiff::Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(instant).date()
}

/// The registers as known at an instant.
struct Known<'a>(&'a Registers, Stored);

impl Known<'_> {
    /// The value of the row that became known last among those that hold on the day.
    fn value(&self, kind: EntityKind, id: &str, field: &str, day: Date) -> Option<&str> {
        let rows = self.0.rows(&Entity::new(kind, id)).iter();
        let known = rows.filter(|known| known.known_from <= self.1);
        let mut holds = known.map(|known| &known.row).filter(|row| {
            let from = row.valid_from.unwrap_or(Date::MIN);
            let to = row.valid_to.unwrap_or(Date::MAX);
            row.field == field && from <= day && day <= to
        });
        holds.next_back()?.value.as_deref()
    }

    fn person(&self, who: IdentityId, day: Date) -> String {
        let own = self.value(EntityKind::Identifier, &who.to_string(), "person", day);
        let Some(mut person) = own else {
            return PersonId::unresolved(who).to_string();
        };
        for _ in 0..MERGES_MAX {
            match self.value(EntityKind::Person, person, "merged-into", day) {
                Some(into) => person = into,
                None => break,
            }
        }
        person.to_owned()
    }

    fn organisers(&self, activity: &str, day: Date) -> usize {
        let rows = self.0.rows(&Entity::new(EntityKind::Activity, activity));
        let fields = rows.iter().map(|known| known.row.field.as_str());
        let fields: BTreeSet<&str> = fields.filter(|f| f.starts_with("organiser:")).collect();
        let there = |field: &&&str| {
            let value = self.value(EntityKind::Activity, activity, field, day);
            value.is_some()
        };
        fields.iter().filter(there).count()
    }

    /// Whether on any day up to this one two organisers shared the activity.
    fn is_shared_by(&self, activity: &str, day: Date) -> bool {
        let days = DAYS.map(date).take_while(|on| *on <= day);
        std::iter::once(Date::MIN)
            .chain(days)
            .any(|on| self.organisers(activity, on) >= 2)
    }
}

/// The statements of a log as one version of the definition sees them, read once.
pub(crate) struct Naive<'a> {
    told: Vec<Told>,
    registers: &'a Registers,
}

impl<'a> Naive<'a> {
    pub(crate) fn of(events: &[LogEvent], people: &'a People, version: u32) -> Self {
        let told = events
            .iter()
            .filter_map(|event| told(event, people, version));
        Self {
            told: told.collect(),
            registers: &people.registers,
        }
    }

    pub(crate) fn conclusions(&self, asked: Asked) -> Conclusions {
        naive(&self.told, self.registers, asked)
    }
}

/// The conclusions straight from the definition of the words.
fn naive(told: &[Told], registers: &Registers, asked: Asked) -> Conclusions {
    let known = told.iter().filter(|told| told.stored <= asked.known_at);
    let statements: Vec<&Told> = known.collect();
    let voided: BTreeSet<_> = statements
        .iter()
        .filter_map(|s| Some((s.space.clone(), s.voids?)))
        .collect();
    let registers = Known(registers, asked.known_at);
    let mut found: BTreeMap<String, BTreeSet<(Date, StatementId)>> = BTreeMap::new();
    for told in statements {
        let Some((day, who, what)) = &told.seen else {
            continue;
        };
        let kind = registers.value(EntityKind::Activity, what, "kind", *day);
        let counts = told.voids.is_none()
            && !told.space.is_test()
            && !voided.contains(&(told.space.clone(), told.id));
        if counts && kind.is_some() && *day <= asked.as_of {
            let key = format!("{what}|{}", registers.person(*who, *day));
            found.entry(key).or_default().insert((*day, told.id));
        }
    }
    let mut shared = BTreeMap::new();
    let conclude = |(key, seen): (String, BTreeSet<(Date, StatementId)>)| {
        let (what, who) = key.split_once('|').unwrap();
        let first = seen.first().unwrap().0;
        let gender = registers.value(EntityKind::Person, who, "gender", first);
        let shared = shared
            .entry(what.to_owned())
            .or_insert_with(|| registers.is_shared_by(what, asked.as_of));
        let conclusion = Conclusion {
            first,
            gender: gender.map(str::to_owned),
            shared: *shared,
            statements: seen.into_iter().map(|(_, id)| id).collect(),
        };
        (key, conclusion)
    };
    found.into_iter().map(conclude).collect()
}
