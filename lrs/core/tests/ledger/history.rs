//! Random histories, and a world to play them in.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::json;
use varde_core::definitions::{Definition, DefinitionBook, InstallError};
use varde_core::ledger::{Adapter, Runner};
use varde_core::memory::MemoryStore;
use varde_core::people::{IdentityId, IdentityName};
use varde_core::ports::{Happened, LogEvent, NewStatement, Records, StatementLog, TermKey};
use varde_core::registers::{Entity, EntityKind, RegisterBook, Registers, Row};
use varde_core::{KeyId, Space};
use varde_xapi::{Family, Statement, StatementId};

use crate::rulebook::Seen;

/// People's identifiers, activities and organisers that histories draw from.
const IDENTIFIERS: u8 = 5;
const ACTIVITIES: u8 = 3;
const PEOPLE: u8 = 3;
const ORGANISERS: u8 = 3;

/// One thing that happens in a history.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Statement {
        n: u8,
        who: u8,
        what: u8,
        day: i8,
        test: bool,
    },
    Again {
        n: u8,
    },
    Void {
        target: u8,
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
    Install {
        version: u32,
    },
    Step,
}

pub(crate) fn act() -> impl Strategy<Value = Act> {
    let from = || prop::option::of(-20..20_i8);
    prop_oneof![
        6 => (any::<u8>(), 0..IDENTIFIERS, 0..ACTIVITIES, -30..30_i8, prop::bool::weighted(0.1))
            .prop_map(|(n, who, what, day, test)| Act::Statement { n, who, what, day, test }),
        1 => any::<u8>().prop_map(|n| Act::Again { n }),
        2 => any::<u8>().prop_map(|target| Act::Void { target }),
        2 => (0..IDENTIFIERS, prop::option::weighted(0.8, 0..PEOPLE), from())
            .prop_map(|(identifier, person, from)| Act::Alias { identifier, person, from }),
        1 => (0..PEOPLE, prop::option::of(0..PEOPLE))
            .prop_map(|(from, into)| Act::Merge { from, into }),
        1 => (0..PEOPLE, 0..3_u8, from())
            .prop_map(|(person, value, from)| Act::Gender { person, value, from }),
        2 => (0..ACTIVITIES, prop::bool::weighted(0.8))
            .prop_map(|(what, known)| Act::Activity { what, known }),
        2 => (0..ACTIVITIES, 0..ORGANISERS, prop::bool::weighted(0.8), from())
            .prop_map(|(what, who, there, from)| Act::Organiser { what, who, there, from }),
        1 => (1..4_u32).prop_map(|version| Act::Install { version }),
        3 => Just(Act::Step),
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

pub(crate) fn id(n: u8) -> StatementId {
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

/// A store with a runner on it.
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<varde_test_support::TestClock>,
    pub(crate) registers: Arc<RegisterBook>,
    pub(crate) runner: Runner,
}

/// What is known of people at the end of a history.
pub(crate) struct People {
    pub(crate) registers: Arc<Registers>,
    /// By the canonical text of their identifiers.
    pub(crate) ids: BTreeMap<String, IdentityId>,
}

pub(crate) fn runner(
    log: &Arc<MemoryStore>,
    records: Arc<dyn Records>,
    registers: &Arc<RegisterBook>,
) -> Runner {
    let log = Arc::clone(log) as Arc<dyn StatementLog>;
    Runner::new(log, records, Arc::clone(registers), vec![Arc::new(Seen)])
}

pub(crate) fn definition(version: u32) -> Definition {
    let body = json!({ "seen": "all", "version": version });
    Definition {
        kind: "seen".into(),
        id: "all".into(),
        version,
        body,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(varde_test_support::TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let registers = varde_test_support::registers(store.clone(), store.clone()).await;
        Self {
            runner: runner(&store, store.clone(), &registers),
            store,
            clock,
            registers,
        }
    }

    pub(crate) async fn act(&self, act: &Act) {
        self.clock.advance(1_000_000);
        match act {
            Act::Statement {
                n,
                who,
                what,
                day,
                test,
            } => {
                let body = statement_text(*n, *who, *what, *day);
                self.append(&body, *test).await;
            }
            Act::Again { n } => {
                // A resend of whatever has that id, else nothing.
                let spaces = [space(false)];
                let standing = varde_core::ports::Standing::Valid;
                if let Some(old) = StatementLog::get(&*self.store, &spaces, id(*n), standing)
                    .await
                    .unwrap()
                {
                    self.append(&old.text(), false).await;
                }
            }
            Act::Void { target } => self.append(&voiding_text(*target), false).await,
            Act::Install { version } => {
                let book = DefinitionBook::new(self.store.clone());
                let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(Seen)];
                match book.install(definition(*version), &adapters).await {
                    // A version below the newest is refused, and nothing changes.
                    Ok(_) | Err(InstallError::Older { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            Act::Step => {
                self.runner.step().await.unwrap();
            }
            rows => {
                self.registers
                    .import(vec![register_row(rows)])
                    .await
                    .unwrap();
            }
        }
    }

    /// Returns what is known of people: their registers, and the ids of all who act in the events.
    pub(crate) async fn people(&self, events: &[LogEvent]) -> People {
        let mut ids = BTreeMap::new();
        for event in events {
            if let Happened::Statement(statement) = &event.what {
                let typed: Statement = varde_xapi::read(&statement.text()).unwrap();
                let name = IdentityName::agent(typed.actor.ifi().unwrap());
                if let Some(id) = self.registers.identities().find(&name).await.unwrap() {
                    ids.insert(name.text, id);
                }
            }
        }
        let registers = self.registers.refresh().await.unwrap();
        People { registers, ids }
    }

    async fn append(&self, body: &str, test: bool) {
        let received = varde_xapi::receive(body.as_bytes(), Family::V1).unwrap();
        let received = received.statements.into_iter().next().unwrap();
        let space = space(test);
        let terms = varde_xapi::match_terms(&received.statement);
        let new = NewStatement {
            id: received.statement.id.unwrap(),
            id_text: received.id_text,
            key: KeyId(uuid::Uuid::nil()),
            authority: r#"{"mbox":"mailto:lrs@example.org"}"#.into(),
            version: "1.0.3".into(),
            timestamp: received
                .statement
                .timestamp
                .as_ref()
                .map(|timestamp| timestamp.instant),
            equality: received.equality,
            body: received.body,
            terms: terms.iter().map(|term| TermKey::of(&space, term)).collect(),
            scope: vec![TermKey::space(&space)],
            refers_to: varde_xapi::refers_to(&received.statement),
            voids: varde_xapi::voids(&received.statement),
            space,
        };
        // A conflict stores nothing, which is as good a part of a history as any.
        let _ = self.store.append(vec![new]).await;
    }
}

pub(crate) fn space(test: bool) -> Space {
    if test {
        Space::test("sing").unwrap()
    } else {
        Space::live("sing").unwrap()
    }
}

pub(crate) fn statement_text(n: u8, who: u8, what: u8, day: i8) -> String {
    json!({
        "id": id(n).to_string(),
        "actor": { "mbox": identifier(who) },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/attended" },
        "object": { "id": iri(what) },
        "timestamp": format!("{}T12:00:00Z", date(day)),
    })
    .to_string()
}

pub(crate) fn voiding_text(target: u8) -> String {
    json!({
        "id": StatementId(uuid::Uuid::from_u128(u128::from(target) + 1_000)).to_string(),
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
        other => unreachable!("{other:?} is no register row"),
    }
}
