//! Random histories: what can happen, in any order.

use jiff::civil::Date;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use varde_core::Space;
use varde_core::definitions::Definition;
use varde_core::ports::LogEvent;
use varde_core::registers::{Entity, EntityKind, Row};
use varde_xapi::StatementId;

use crate::naive::Asked;

/// What histories draw from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) statements: u16,
    pub(crate) identifiers: u8,
    pub(crate) activities: u8,
    pub(crate) people: u8,
}

pub(crate) const ORGANISERS: u8 = 3;
/// The versions of the definition that may be installed at any time; those behind them only replace.
const VERSIONS: std::ops::Range<u32> = 1..4;

/// One thing that happens in a history.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Statement {
        n: u16,
        who: u8,
        what: u8,
        day: i8,
        test: bool,
    },
    /// Somebody refers to another statement, whether it is there or not, and names an activity.
    Refer {
        n: u16,
        who: u8,
        target: u16,
        what: u8,
        day: i8,
    },
    Again {
        n: u16,
    },
    Void {
        target: u16,
    },
    Erase {
        target: u16,
    },
    Alias {
        identifier: u8,
        person: Option<u8>,
        from: Option<i8>,
    },
    Merge {
        from: u8,
        into: Option<u8>,
    },
    Gender {
        person: u8,
        value: u8,
        from: Option<i8>,
    },
    Activity {
        what: u8,
        known: bool,
    },
    Organiser {
        what: u8,
        who: u8,
        there: bool,
        from: Option<i8>,
    },
    /// An organisation leaves or comes back: it shares no activity from that day on, or does again.
    Leave {
        who: u8,
        left: bool,
        from: Option<i8>,
    },
    Install {
        version: u32,
    },
    /// The version behind the newest is installed.
    Replace,
    /// The ledger of one of the versions that there are is built again.
    Rebuild {
        which: u8,
    },
    Step,
    /// A person is erased, by pseudonym or by an identifier.
    /// Every duty has ended: whatever stands in live spaces is released.
    Retain,
    ErasePerson {
        whom: u8,
        by_identifier: bool,
    },
}

/// The days of statements, and more on both sides than of any register row.
pub(crate) const DAYS: std::ops::Range<i8> = -30..30;

/// A history, and the questions that are put to it.
#[derive(Debug, Clone)]
pub(crate) struct History {
    pub(crate) acts: Vec<Act>,
    asked: Vec<(i8, Index)>,
}

impl History {
    /// Returns pairs of an as-of day and an instant as known at which, among those of the events.
    pub(crate) fn asked(&self, events: &[LogEvent]) -> Vec<Asked> {
        let asked = self.asked.iter().filter(|_| !events.is_empty());
        asked
            .map(|(day, at)| Asked {
                as_of: date(*day),
                known_at: at.get(events).stored,
            })
            .collect()
    }
}

/// How often happens what concerns much of what was before it.
#[derive(Debug, Clone)]
pub(crate) struct Few {
    pub(crate) erasures: std::ops::Range<usize>,
    pub(crate) retentions: std::ops::Range<usize>,
    pub(crate) rebuilds: std::ops::Range<usize>,
    pub(crate) leavings: std::ops::Range<usize>,
}

/// Draws a history of so many acts, in whose later half persons are erased. Where anybody is, a
/// definition is replaced behind the first of them, and behind the last: one of them alone may have
/// had nothing that is carried over.
pub(crate) fn history(
    scale: Scale,
    acts: std::ops::Range<usize>,
    few: Few,
) -> impl Strategy<Value = History> {
    let Few {
        erasures,
        retentions,
        rebuilds,
        leavings,
    } = few;
    let acts = prop::collection::vec(act(scale), acts);
    let rebuild = any::<u8>().prop_map(|which| Act::Rebuild { which });
    let anew = prop::collection::vec((any::<Index>(), rebuild), rebuilds);
    let leave = (0..ORGANISERS, prop::bool::weighted(0.7), from());
    let leave = leave.prop_map(|(who, left, from)| Act::Leave { who, left, from });
    let leaving = prop::collection::vec((any::<Index>(), leave), leavings);
    let erased = prop::collection::vec((any::<Index>(), erase_person(scale)), erasures);
    let retained = prop::collection::vec((any::<Index>(), Just(Act::Retain)), retentions);
    let asked = prop::collection::vec((DAYS, any::<Index>()), 8);
    let replaced = any::<[Index; 2]>();
    let drawn = (acts, (anew, leaving), (erased, retained), replaced, asked);
    drawn.prop_map(
        |(mut acts, (anew, leaving), (erased, retained), replaced, asked)| {
            for (place, act) in anew.into_iter().chain(leaving) {
                acts.insert(place.index(acts.len() + 1), act);
            }
            let half = acts.len() / 2;
            for (place, erase) in erased.into_iter().chain(retained) {
                acts.insert(half + place.index(acts.len() - half + 1), erase);
            }
            let is_erasure = |act: &Act| matches!(act, Act::ErasePerson { .. } | Act::Retain);
            let first = acts.iter().position(is_erasure);
            let last = acts.iter().rposition(is_erasure);
            // The later place first, so that the earlier one still is where it was.
            for (erasure, place) in last.into_iter().chain(first).zip(replaced) {
                let behind = erasure + 1;
                let at = behind + place.index(acts.len() - behind + 1);
                acts.insert(at, Act::Replace);
            }
            History { acts, asked }
        },
    )
}

/// A number of acts, and whoever is erased behind them.
#[derive(Debug, Clone)]
pub(crate) struct ErasedLast {
    pub(crate) before: Vec<Act>,
    pub(crate) whom: u8,
    pub(crate) by_identifier: bool,
}

pub(crate) fn erased_last(scale: Scale) -> impl Strategy<Value = ErasedLast> {
    let before = prop::collection::vec(act(scale), 1..60);
    let whom = 0..scale.identifiers.min(scale.people);
    let drawn = (before, whom, any::<bool>());
    drawn.prop_map(|(before, whom, by_identifier)| ErasedLast {
        before,
        whom,
        by_identifier,
    })
}

fn erase_person(scale: Scale) -> impl Strategy<Value = Act> {
    let of = (0..scale.identifiers.min(scale.people), any::<bool>());
    of.prop_map(|(whom, by_identifier)| Act::ErasePerson {
        whom,
        by_identifier,
    })
}

/// From which day on a row holds; always, where none is said.
fn from() -> impl Strategy<Value = Option<i8>> {
    prop::option::of(-20..20_i8)
}

fn act(scale: Scale) -> impl Strategy<Value = Act> {
    let Scale {
        statements,
        identifiers,
        activities,
        people,
    } = scale;
    let statement = || 0..statements;
    prop_oneof![
        24 => (statement(), 0..identifiers, 0..activities, DAYS, prop::bool::weighted(0.1))
            .prop_map(|(n, who, what, day, test)| Act::Statement { n, who, what, day, test }),
        6 => (statement(), 0..identifiers, 0..statements, 0..activities, DAYS)
            .prop_map(|(n, who, target, what, day)| Act::Refer { n, who, target, what, day }),
        4 => statement().prop_map(|n| Act::Again { n }),
        8 => statement().prop_map(|target| Act::Void { target }),
        2 => statement().prop_map(|target| Act::Erase { target }),
        8 => (0..identifiers, prop::option::weighted(0.8, 0..people), from())
            .prop_map(|(identifier, person, from)| Act::Alias { identifier, person, from }),
        4 => (0..people, prop::option::of(0..people))
            .prop_map(|(from, into)| Act::Merge { from, into }),
        4 => (0..people, 0..3_u8, from())
            .prop_map(|(person, value, from)| Act::Gender { person, value, from }),
        6 => (0..activities, prop::bool::weighted(0.8))
            .prop_map(|(what, known)| Act::Activity { what, known }),
        8 => (0..activities, 0..ORGANISERS, prop::bool::weighted(0.8), from())
            .prop_map(|(what, who, there, from)| Act::Organiser { what, who, there, from }),
        1 => VERSIONS.prop_map(|version| Act::Install { version }),
        12 => Just(Act::Step),
    ]
}

/// Some of these days lie in the future of the log's clock, and never count.
pub(crate) fn date(offset: i8) -> Date {
    jiff::civil::date(2026, 2, 15) + jiff::Span::new().days(i64::from(offset))
}

pub(crate) fn identifier(n: u8) -> String {
    format!("mailto:p{n}@example.org")
}

pub(crate) fn iri(n: u8) -> String {
    format!("https://example.org/activity/{n}")
}

pub(crate) fn organisation(n: u8) -> String {
    format!("NO-10000000{n}")
}

pub(crate) fn id(n: u16) -> StatementId {
    StatementId(uuid::Uuid::from_u128(u128::from(n) + 1))
}

pub(crate) fn row(
    kind: EntityKind,
    id: String,
    field: &str,
    value: Option<String>,
    from: Option<i8>,
) -> Row {
    let valid_from = from.map(date);
    Row {
        entity: Entity::new(kind, id),
        field: field.to_owned(),
        value,
        valid_from,
        valid_to: None,
    }
}

pub(crate) fn space(test: bool) -> Space {
    if test {
        Space::test("sing").unwrap()
    } else {
        Space::live("sing").unwrap()
    }
}

pub(crate) fn statement_text(n: u16, who: u8, what: u8, day: i8) -> String {
    json!({
        "id": id(n).to_string(),
        "actor": { "mbox": identifier(who) },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/attended" },
        "object": { "id": iri(what) },
        "timestamp": format!("{}T12:00:00Z", date(day)),
    })
    .to_string()
}

/// Somebody refers to a statement; another person is named as the instructor.
pub(crate) fn referring_text(n: u16, who: u8, target: u16, what: u8, day: i8) -> String {
    json!({
        "id": StatementId(uuid::Uuid::from_u128(u128::from(n) + 200_000)).to_string(),
        "actor": { "mbox": identifier(who) },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/commented" },
        "object": { "objectType": "StatementRef", "id": id(target).to_string() },
        "context": {
            "instructor": { "mbox": identifier(who / 2) },
            "contextActivities": { "grouping": [{ "id": iri(what) }] },
        },
        "timestamp": format!("{}T13:00:00Z", date(day)),
    })
    .to_string()
}

pub(crate) fn voiding_text(target: u16) -> String {
    json!({
        "id": StatementId(uuid::Uuid::from_u128(u128::from(target) + 100_000)).to_string(),
        "actor": { "mbox": "mailto:office@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
        "object": { "objectType": "StatementRef", "id": id(target).to_string() },
    })
    .to_string()
}

pub(crate) fn register_row(act: &Act) -> Row {
    use EntityKind as K;
    let canonical = |n| varde_xapi::Ifi::Mbox(identifier(n)).canonical();
    match act {
        Act::Alias {
            identifier,
            person,
            from,
        } => {
            let person = person.map(|n| format!("p-{n}"));
            row(
                K::Identifier,
                canonical(*identifier),
                "person",
                person,
                *from,
            )
        }
        Act::Merge { from, into } => {
            // Never a person into itself; a cycle is cut by the view.
            let into = into.filter(|into| into != from).map(|n| format!("p-{n}"));
            row(K::Person, format!("p-{from}"), "merged-into", into, None)
        }
        Act::Gender {
            person,
            value,
            from,
        } => row(
            K::Person,
            format!("p-{person}"),
            "gender",
            Some(format!("g{value}")),
            *from,
        ),
        Act::Activity { what, known } => row(
            K::Activity,
            iri(*what),
            "kind",
            known.then(|| "training-scheme".into()),
            None,
        ),
        Act::Organiser {
            what,
            who,
            there,
            from,
        } => {
            let value = there.then(|| "yes".to_owned());
            row(
                K::Activity,
                iri(*what),
                &format!("organiser:{who}"),
                value,
                *from,
            )
        }
        Act::Leave { who, left, from } => {
            let left = left.then(|| "yes".to_owned());
            row(K::Organisation, organisation(*who), "left", left, *from)
        }
        other => unreachable!("{other:?} is no register row"),
    }
}

pub(crate) fn definition(version: u32) -> Definition {
    let body = json!({ "seen": "all", "version": version });
    Definition {
        kind: "seen".into(),
        id: "all".into(),
        version,
        body: body.into(),
    }
}
