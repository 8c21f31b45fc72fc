//! Random histories, and a world to play them in.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::json;
use varde_core::definitions::{Definition, DefinitionBook, InstallError};
use varde_core::ledger::{Adapter, ErasedFacts, Rulebook, Runner, Witness};
use varde_core::memory::MemoryStore;
use varde_core::people::{Acquainted, IdentityId, IdentityName};
use varde_core::ports::{
    Changes, Erasure, Happened, LogEvent, NewStatement, Position, Records, Rewrite, StatementLog,
    TermKey,
};
use varde_core::registers::{Entity, EntityKind, RegisterBook, Registers, Row};
use varde_core::{KeyId, Space};
use varde_xapi::{Family, Statement, StatementId};

use crate::naive::FUTURE_MAX;
use crate::rulebook::{Seen, SeenRules};

/// What histories draw from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) statements: u16,
    pub(crate) identifiers: u8,
    pub(crate) activities: u8,
    pub(crate) people: u8,
}

const ORGANISERS: u8 = 3;
/// The versions of the definition that histories install.
pub(crate) const VERSIONS: std::ops::Range<u32> = 1..4;

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
    Install {
        version: u32,
    },
    Step,
}

pub(crate) fn act(scale: Scale) -> impl Strategy<Value = Act> {
    let Scale {
        statements,
        identifiers,
        activities,
        people,
    } = scale;
    let from = || prop::option::of(-20..20_i8);
    let statement = || 0..statements;
    prop_oneof![
        24 => (statement(), 0..identifiers, 0..activities, -30..30_i8, prop::bool::weighted(0.1))
            .prop_map(|(n, who, what, day, test)| Act::Statement { n, who, what, day, test }),
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

/// A store with a runner on it.
pub(crate) struct World {
    pub(crate) log: Arc<dyn StatementLog>,
    pub(crate) records: Arc<dyn Records>,
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
    log: &Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    registers: &Arc<RegisterBook>,
) -> Runner {
    let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(Seen)];
    Runner::new(Arc::clone(log), records, Arc::clone(registers), adapters)
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
        Self::on_memory(&store, clock).await
    }

    pub(crate) async fn on_memory(
        store: &Arc<MemoryStore>,
        clock: Arc<varde_test_support::TestClock>,
    ) -> Self {
        Self::on(store.clone(), store.clone(), clock).await
    }

    pub(crate) async fn on(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        clock: Arc<varde_test_support::TestClock>,
    ) -> Self {
        let registers = varde_test_support::registers(log.clone(), records.clone()).await;
        Self {
            runner: runner(&log, records.clone(), &registers),
            registers,
            log,
            records,
            clock,
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
                if let Some(old) = self.log.get(&spaces, id(*n), standing).await.unwrap() {
                    self.append(&old.text(), false).await;
                }
            }
            Act::Void { target } => self.append(&voiding_text(*target), false).await,
            Act::Erase { target } => self.erase(id(*target)).await,
            Act::Install { version } => {
                let book = DefinitionBook::new(self.records.clone());
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
        let _ = self.log.append(vec![new]).await;
    }

    /// Knows the id of whoever acts in a statement, as the runner would give it.
    async fn acquainted(&self, statement: &Statement) -> Acquainted {
        let name = IdentityName::agent(statement.actor.ifi().unwrap());
        let identities = self.registers.identities();
        let resolved = identities.resolve([name].into()).await.unwrap();
        let changes = resolved.new;
        self.records
            .commit(Changes {
                changes,
                ..Changes::default()
            })
            .await
            .unwrap();
        Acquainted::with(resolved.ids)
    }

    /// Erases a statement, if it is there: its facts outlive it, for each version that may ask.
    async fn erase(&self, target: StatementId) {
        let position = self.log.position(&space(false), target).await.unwrap();
        let Some(position) = position else { return };
        let events = self.log.follow(Position(position.0 - 1), 1).await.unwrap();
        let Happened::Statement(statement) = &events[0].what else {
            return;
        };
        let happened = statement.happened();
        let counts = happened.duration_since(statement.stored.instant()) <= FUTURE_MAX;
        let typed = varde_xapi::read(&statement.text()).unwrap();
        let acquainted = self.acquainted(&typed).await;
        let facts = SeenRules.facts(&Witness {
            statement: &typed,
            id: statement.id,
            stored: statement.stored,
            happened,
            space: &statement.space,
            acquainted: &acquainted,
        });
        let of = |version| (definition(version).hash(), facts.clone());
        let facts = VERSIONS.filter(|_| counts).map(of).collect();
        let facts = ErasedFacts { happened, facts }.text().unwrap();
        let erasure = Erasure {
            rows: [(position, Rewrite::Erase { facts })].into(),
            ..Erasure::default()
        };
        self.log.erase(erasure).await.unwrap();
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
        other => unreachable!("{other:?} is no register row"),
    }
}
