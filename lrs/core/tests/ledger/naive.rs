//! The same conclusions straight from the meaning of the words, with nothing remembered and with no
//! help from what they are compared with: registers are read row by row, and every day is looked at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use varde_core::Space;
use varde_core::ledger::{ErasedFacts, LedgerRow};
use varde_core::people::IdentityId;
use varde_core::ports::{Happened, LogEvent, StoredStatement, Tombstone};
use varde_core::registers::{Entity, EntityKind, PersonId, Registers};
use varde_xapi::{Actor, Object, Statement, StatementId, Stored};

use crate::history::{DAYS, date, organisation};
use crate::world::{Gone, People};

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
    /// Those of them that were erased before the version came which counts them.
    pub(crate) carried: BTreeSet<StatementId>,
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
    let statements: BTreeSet<_> = seen.iter().map(|(_, id)| **id).collect();
    let carried = row.carried.iter().filter(|id| statements.contains(id));
    Some(Conclusion {
        first: seen.first()?.0,
        gender: body["gender"].as_str().map(str::to_owned),
        shared: on(&body["shared"]).is_some_and(|since| since <= day),
        carried: carried.copied().collect(),
        statements,
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
    /// Whether it was erased before the version came which counts it.
    carried: bool,
}

fn told(event: &LogEvent, (people, gone): (&People, &Gone), version: u32) -> Option<Told> {
    let (statement, left) = match &event.what {
        Happened::Statement(statement) => (&**statement, None),
        Happened::Erased(left) => (&gone.statements[&event.position].statement, Some(left)),
        Happened::Event(..) => return None,
    };
    // What is erased before a version comes counts as by the last version that saw it.
    let last = gone.statements.get(&event.position).map(|of| of.version);
    let seen = seen_in(statement, last.map_or(version, |last| last.min(version)));
    let counts = statement.voids.is_none() && !statement.space.is_test();
    let seen = seen.filter(|_| counts).and_then(|(day, who, what)| {
        let who = match left {
            Some(left) => Some(whose(left)),
            // Whoever was only seen where nothing counts has no id.
            None => people.ids.get(&who).copied(),
        };
        Some((day, who?, what))
    });
    Some(Told {
        stored: event.stored,
        id: statement.id,
        space: statement.space.clone(),
        voids: statement.voids,
        seen,
        carried: last.is_some_and(|last| last < version),
    })
}

/// Returns whose an erased statement was that counts: nothing else knows it any more.
fn whose(left: &Tombstone) -> IdentityId {
    let facts = ErasedFacts::read(left).unwrap().expect("facts are left");
    let fact = facts.facts.values().flatten().next();
    let who = &fact.expect("a fact is left").body["who"];
    who.as_str().unwrap().parse().unwrap()
}

/// Tells on which day who was seen at what by a statement.
fn seen_in(statement: &StoredStatement, version: u32) -> Option<(Date, String, String)> {
    let happened = statement.happened();
    let early = happened.duration_since(statement.stored.instant());
    let typed: Statement = varde_xapi::read(&statement.text()).unwrap();
    let Actor::Agent(agent) = &typed.actor else {
        panic!("only agents act in histories");
    };
    let around = typed.context.as_ref().map(|c| &c.context_activities);
    let what = match &typed.object {
        Object::Activity(activity) => Some(activity.id.to_string()),
        Object::StatementRef(_) if !version.is_multiple_of(2) => {
            around.and_then(|around| Some(around.grouping.first()?.id.to_string()))
        }
        _ => None,
    };
    let what = what.filter(|_| early <= FUTURE_MAX)?;
    Some((day_of(happened), agent.ifi.canonical(), what))
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
            let who: u8 = field.rsplit(':').next().unwrap().parse().unwrap();
            let left = self.value(EntityKind::Organisation, &organisation(who), "left", day);
            value.is_some() && left.is_none()
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
    pub(crate) fn of(
        events: &[LogEvent],
        (people, gone): (&'a People, &Gone),
        version: u32,
    ) -> Self {
        let known = (people, gone);
        let told = events
            .iter()
            .filter_map(|event| told(event, known, version));
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
    let mut found: BTreeMap<String, BTreeSet<(Date, StatementId, bool)>> = BTreeMap::new();
    for told in statements {
        let Some((day, who, what)) = &told.seen else {
            continue;
        };
        let kind = registers.value(EntityKind::Activity, what, "kind", *day);
        let counts = !voided.contains(&(told.space.clone(), told.id));
        if counts && kind.is_some() && *day <= asked.as_of {
            let key = format!("{what}|{}", registers.person(*who, *day));
            let seen = (*day, told.id, told.carried);
            found.entry(key).or_default().insert(seen);
        }
    }
    let mut shared = BTreeMap::new();
    let conclude = |(key, seen): (String, BTreeSet<(Date, StatementId, bool)>)| {
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
            carried: seen.iter().filter(|s| s.2).map(|s| s.1).collect(),
            statements: seen.into_iter().map(|(_, id, _)| id).collect(),
        };
        (key, conclusion)
    };
    found.into_iter().map(conclude).collect()
}
