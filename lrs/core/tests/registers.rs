//! Register rows in the log: kept under persons' keys, bitemporal, taken in once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use varde_core::memory::MemoryStore;
use varde_core::people::{IdentityKind, IdentityName};
use varde_core::ports::{EventKind, Happened, Position, StatementLog};
use varde_core::registers::files::{self, RegisterFile, SoleTrader};
use varde_core::registers::{
    Entity, EntityKind, ImportError, MergeError, News, PersonId, RegisterBook, RegisterView, Row,
    SizeClass,
};
use varde_test_support::{TestClock, registers};
use varde_xapi::Stored;

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<TestClock>,
    book: Arc<RegisterBook>,
}

const ALWAYS: Stored = Stored(i64::MAX);

impl World {
    async fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let book = registers(store.clone(), store.clone()).await;
        Self { store, clock, book }
    }

    async fn import(&self, rows: Vec<Row>) -> Result<varde_core::registers::Imported, ImportError> {
        self.clock.advance(1_000_000);
        self.book.import(rows).await
    }

    async fn tables(&self, texts: &[&str]) -> varde_core::registers::Imported {
        self.import(rows_of(texts)).await.unwrap()
    }

    async fn person(&self, named: &str) -> PersonId {
        self.book.person(named).await.unwrap().unwrap()
    }

    /// Everything that the log says of the registers.
    async fn log_text(&self) -> String {
        let events = self.store.follow(Position(0), usize::MAX).await.unwrap();
        let body = |what| match what {
            Happened::Event(EventKind::Registers, body) => Some(body),
            _ => None,
        };
        events
            .into_iter()
            .filter_map(|event| body(event.what))
            .collect()
    }
}

fn rows_of(texts: &[&str]) -> Vec<Row> {
    let file = |text: &&str| RegisterFile {
        name: "file".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    files::read(&texts.iter().map(file).collect::<Vec<_>>())
        .unwrap()
        .rows
}

const PEOPLE: &str = "pseudonym,gender,birth_year_band,nuts3\np-001,female,1980-1989,NO060\np-002,male,1990-1999,SE322\n";
const IDENTITIES: &str = "ifi,pseudonym\nmailto:anna@example.org,p-001\naccount:17|https://lms.example.org,p-001\nmailto:bo@example.org,p-002\n";

#[tokio::test]
async fn the_log_names_no_person_and_the_view_answers_as_before() {
    let world = World::new().await;
    world.tables(&[PEOPLE, IDENTITIES]).await;
    let affiliation = "pseudonym,orgnr,from,to\np-001,NO-123456785,2025-01-01,\n";
    world.tables(&[affiliation]).await;
    let log = world.log_text().await;
    for text in [
        "p-001",
        "anna",
        "lms.example",
        "female",
        "1980-1989",
        "NO060",
        "123456785",
    ] {
        assert!(!log.contains(text), "{text} in {log}");
    }
    let registers = world.book.refresh().await.unwrap();
    let view = RegisterView::new(&registers, ALWAYS);
    let (anna, day) = (world.person("p-001").await, date(2025, 6, 1));
    let value = |field| view.value(EntityKind::Person, anna.as_str(), field, day);
    assert_eq!(value("gender"), Some("female"));
    assert_eq!(value("organisation:NO-123456785"), Some("yes"));
    assert_eq!(view.shown(&anna), "p-001");
    for text in [
        "mbox:mailto:anna@example.org",
        "account:https://lms.example.org 17",
    ] {
        let name = IdentityName::of(IdentityKind::Agent, text);
        let id = world.book.identities().find(&name).await.unwrap().unwrap();
        assert_eq!(view.person(id, day), anna);
        let field = format!("identifier:{id}");
        let kept = view.value(EntityKind::Person, anna.as_str(), &field, day);
        assert_eq!(kept, Some(text), "erasure finds it by this");
    }
    assert_eq!(world.book.person("p-003").await.unwrap(), None);
    assert_eq!(
        world.person(anna.as_str()).await,
        anna,
        "an id names its person too"
    );
}

#[tokio::test]
async fn a_row_whose_persons_key_is_gone_is_sealed_and_the_others_are_read() {
    let world = World::new().await;
    world.tables(&[PEOPLE]).await;
    let anna = world.person("p-001").await;
    let id: varde_core::people::IdentityId = anna.as_str().parse().unwrap();
    let change = varde_core::ports::Change {
        collection: varde_core::ports::Collection("person-key"),
        key: id.0.to_vec(),
        value: None,
        expected: varde_core::ports::Expected::Anything,
    };
    let changes = varde_core::ports::Changes {
        changes: vec![change],
        ..Default::default()
    };
    varde_core::ports::Records::commit(&*world.store, changes)
        .await
        .unwrap();
    let fresh = registers(world.store.clone(), world.store.clone()).await;
    let known = fresh.refresh().await.unwrap();
    assert_eq!(known.sealed(), 1);
    let view = RegisterView::new(&known, ALWAYS);
    assert_eq!(view.shown(&anna), anna.as_str());
    assert_eq!(view.shown(&world.person("p-002").await), "p-002");
}

#[tokio::test]
async fn each_row_is_told_from_what_is_known_and_nothing_is_written_by_looking() {
    let world = World::new().await;
    world.tables(&[PEOPLE]).await;
    let head = world.store.head().await.unwrap();
    let files = rows_of(&[
        "pseudonym,gender,birth_year_band,nuts3\np-001,female,1970-1979,\np-003,,,NO060\n",
    ]);
    let news = world.book.examine(&files).await.unwrap();
    let expected = [
        News::Unchanged,
        News::Changed,
        News::Changed,
        News::New,
        News::Nothing,
        News::New,
    ];
    assert_eq!(news, expected);
    assert_eq!(world.store.head().await.unwrap(), head);
    assert_eq!(world.book.person("p-003").await.unwrap(), None);
}

#[tokio::test]
async fn more_than_one_import_may_hold_is_refused_whole() {
    let world = World::new().await;
    let row = |n: usize| Row {
        entity: Entity::new(EntityKind::Activity, format!("https://example.org/{n}")),
        field: "kind".to_owned(),
        value: Some("training-scheme".to_owned()),
        valid_from: None,
        valid_to: None,
    };
    let refused = world
        .import((0..50_001).map(row).collect())
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("split the files"), "{refused}");
    assert_eq!(world.store.head().await.unwrap(), Position(0));
    assert_eq!(
        world
            .import((0..50_000).map(row).collect())
            .await
            .unwrap()
            .added,
        50_000
    );
}

#[tokio::test]
async fn a_sole_trader_is_kept_by_a_random_id_and_its_number_nowhere() {
    let world = World::new().await;
    let organisations = "country,orgnr,name,nuts3\nSE,400101-0000,Lena Lind Keramik,SE322\n";
    let organisers = "iri,orgnr\nhttps://example.org/a,SE-4001010000\n";
    world.tables(&[organisations, organisers, PEOPLE]).await;
    world
        .tables(&["pseudonym,orgnr\np-001,400101-0000\n"])
        .await;
    let log = world.log_text().await;
    for text in ["400101", "Lena Lind"] {
        assert!(!log.contains(text), "{text} in {log}");
    }
    let name = IdentityName::of(IdentityKind::SoleTrader, "4001010000");
    let id = world.book.identities().find(&name).await.unwrap().unwrap();
    let key = SoleTrader::natural_key(id);
    let known = world.book.refresh().await.unwrap();
    let view = RegisterView::new(&known, ALWAYS);
    let day = date(2025, 1, 1);
    let value = |kind, id: &str, field: &str| view.value(kind, id, field, day).map(str::to_owned);
    let anna = world.person("p-001").await;
    let yes = Some("yes".to_owned());
    let name = value(EntityKind::Organisation, &key, "name");
    assert_eq!(name.as_deref(), Some("Lena Lind Keramik"));
    let organiser = format!("organiser:{key}");
    assert_eq!(
        value(EntityKind::Activity, "https://example.org/a", &organiser),
        yes
    );
    let organisation = format!("organisation:{key}");
    assert_eq!(value(EntityKind::Person, anna.as_str(), &organisation), yes);
    assert!(key.starts_with("SE-sole-trader-"));
}

#[tokio::test]
async fn persons_are_merged_and_parted_by_day() {
    let world = World::new().await;
    world
        .tables(&[
            PEOPLE,
            IDENTITIES,
            "pseudonym,gender,birth_year_band,nuts3\np-003,,,\n",
        ])
        .await;
    let (anna, bo) = (world.person("p-001").await, world.person("p-002").await);
    let from = Some(date(2025, 3, 1));
    let merged = world.book.merge("p-001", bo.as_str(), from).await.unwrap();
    assert_eq!((&merged.person, merged.into.as_ref()), (&anna, Some(&bo)));
    assert!(merged.stored.is_some());
    let again = world.book.merge("p-001", "p-002", from).await.unwrap();
    assert_eq!(again.stored, None, "known already");
    let counts_for = async |day| {
        let known = world.book.refresh().await.unwrap();
        RegisterView::new(&known, ALWAYS).merged(&anna, day)
    };
    assert_eq!(counts_for(date(2025, 2, 28)).await, anna);
    assert_eq!(counts_for(date(2025, 3, 1)).await, bo);

    let refused = async |person, into| world.book.merge(person, into, None).await.unwrap_err();
    assert!(matches!(refused("p-002", "p-001").await, MergeError::Cycle));
    assert!(matches!(refused("p-003", "p-003").await, MergeError::Cycle));
    assert!(matches!(
        refused("p-9", "p-001").await,
        MergeError::Unknown { place: "first" }
    ));
    assert!(matches!(
        refused("p-001", "p-9").await,
        MergeError::Unknown { place: "second" }
    ));
    let nobody = world.book.unmerge("p-002", None).await.unwrap_err();
    assert!(matches!(nobody, MergeError::NotMerged));
    let stranger = PersonId::registered(varde_core::people::IdentityId([9; 16]));
    assert!(matches!(
        refused(stranger.as_str(), "p-001").await,
        MergeError::Unknown { .. }
    ));

    world.book.merge("p-002", "p-003", None).await.unwrap();
    assert!(
        matches!(refused("p-003", "p-001").await, MergeError::Cycle),
        "over two links"
    );
    world
        .book
        .unmerge("p-001", Some(date(2025, 4, 1)))
        .await
        .unwrap();
    let third = world.person("p-003").await;
    assert_eq!(counts_for(date(2025, 3, 31)).await, third);
    assert_eq!(counts_for(date(2025, 4, 1)).await, anna);
    assert!(!world.log_text().await.contains("p-00"));
}

#[tokio::test]
async fn a_chain_of_merges_is_no_longer_than_views_follow() {
    let world = World::new().await;
    let person = |n| format!("p-{n},,,\n");
    let table: String = (0..20).map(person).collect();
    world
        .tables(&[&format!("pseudonym,gender,birth_year_band,nuts3\n{table}")])
        .await;
    let name = |n| format!("p-{n}");
    for n in (1..17).rev() {
        world
            .book
            .merge(&name(n), &name(n + 1), None)
            .await
            .unwrap();
    }
    let refused = world.book.merge("p-0", "p-1", None).await.unwrap_err();
    assert!(matches!(refused, MergeError::TooLong));
    let refused = world.book.merge("p-17", "p-18", None).await.unwrap_err();
    assert!(matches!(refused, MergeError::TooLong), "from the other end");
    let known = world.book.refresh().await.unwrap();
    let view = RegisterView::new(&known, ALWAYS);
    let (first, last) = (world.person("p-1").await, world.person("p-17").await);
    assert_eq!(view.merged(&first, Date::MIN), last);
}

#[tokio::test]
async fn the_size_class_is_decided_wherever_what_is_known_decides_it() {
    use SizeClass::{Large, Medium, Micro, Small, Unknown};
    // Headcount, turnover and balance in million euro.
    let cases = [
        ("9", "2", "50", Micro),
        ("9", "50", "2", Micro),
        ("9", "2.01", "2.01", Small),
        ("9,5", "1", "1", Micro),
        ("10", "1", "1", Small),
        ("49", "10", "99", Small),
        ("49", "10.5", "10.5", Medium),
        ("50", "1", "1", Medium),
        ("249", "99", "43", Medium),
        ("249", "50.01", "43.01", Large),
        ("250", "1", "1", Large),
        ("009", "002", "", Micro),
        ("9", "2", "", Micro),
        ("9", "3", "", Unknown),
        ("49", "10", "", Small),
        ("", "1", "1", Unknown),
        ("", "51", "44", Large),
        ("250", "", "", Large),
        ("249", "", "", Unknown),
        ("", "", "", Unknown),
    ];
    for (headcount, turnover, balance, expected) in cases {
        let world = World::new().await;
        let cells = format!("NO;123456785;A;{headcount};{turnover};{balance}");
        let table = format!("country;orgnr;name;headcount;turnover_meur;balance_meur\n{cells}\n");
        world.tables(&[&table]).await;
        let known = world.book.refresh().await.unwrap();
        let view = RegisterView::new(&known, ALWAYS);
        let found = SizeClass::of("NO-123456785", &view, date(2025, 1, 1));
        assert_eq!(found, expected, "{cells}");
    }
}

/// Day offsets in 2025, small so that spans overlap.
fn day(offset: i8) -> Date {
    date(2025, 1, 15) + jiff::Span::new().days(i64::from(offset))
}

fn row() -> impl Strategy<Value = Row> {
    let days = || prop::option::of(-9..9_i8);
    let entities = prop::sample::select(vec![
        Entity::new(EntityKind::Person, "p-1"),
        Entity::new(EntityKind::Person, "p-2"),
        Entity::new(EntityKind::Activity, "https://example.org/a"),
    ]);
    let fields = prop::sample::select(vec!["one", "two"]);
    let values = prop::option::weighted(0.8, 0..3_u8);
    (entities, fields, values, days(), days()).prop_map(|(entity, field, value, from, to)| Row {
        entity,
        field: field.to_owned(),
        value: value.map(|value| format!("value {value}")),
        valid_from: from.map(day),
        valid_to: to.map(day),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_view_is_the_last_word_on_each_day_and_an_import_again_changes_nothing(
        imports in prop::collection::vec(prop::collection::vec(row(), 1..5), 1..8),
        asked in prop::collection::vec((0..9_usize, -10..10_i8), 20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            // What an import leaves out is what it would not have changed, so the words as they
            // came must say the same.
            let mut words: Vec<(Stored, Row)> = Vec::new();
            let mut instants = vec![Stored(0)];
            for rows in &imports {
                world.import(rows.clone()).await.unwrap();
                let now = varde_core::Clock::now(&*world.clock);
                words.extend(rows.iter().map(|row| (now, row.clone())));
                instants.push(now);
            }
            let last = imports.last().unwrap().clone();
            prop_assert_eq!(world.import(last).await.unwrap().added, 0);

            let known = world.book.refresh().await.unwrap();
            for (place, offset) in asked {
                let (known_at, day) = (instants[place % instants.len()], day(offset));
                let view = RegisterView::new(&known, known_at);
                for (kind, id) in [
                    (EntityKind::Person, "p-1"),
                    (EntityKind::Person, "p-2"),
                    (EntityKind::Activity, "https://example.org/a"),
                ] {
                    let keyed = match kind {
                        EntityKind::Person => world.book.person(id).await.unwrap().map(|p| p.to_string()),
                        _ => Some(id.to_owned()),
                    };
                    for field in ["one", "two"] {
                        let naive = words.iter().rev().find(|(stored, row)| {
                            *stored <= known_at
                                && (row.entity.kind, row.entity.id.as_str(), row.field.as_str()) == (kind, id, field)
                                && row.valid_from.is_none_or(|from| from <= day)
                                && row.valid_to.is_none_or(|to| day <= to)
                        });
                        let naive = naive.and_then(|(_, row)| row.value.as_deref());
                        let found = keyed.as_ref().and_then(|id| view.value(kind, id, field, day));
                        prop_assert_eq!(found, naive, "{} {} at {} on {}", id, field, known_at, day);
                    }
                }
            }
            Ok(())
        })?;
    }
}
