//! Lines that come again: the same, changed, gone, and back.

use std::collections::BTreeMap;

use serde_json::Value;
use varde_core::Scope;
use varde_core::ports::Standing;
use varde_interreg::imports::{ImportError, RowVerdict};
use varde_test_support::caller;

use crate::world::{World, file, office};

const HEADER: &str = "orgnr;date;fte_before;fte_after\n";
const FIRM: &str = "100000024;2025-12-31;5";
const OTHER: &str = "402000-0024;2025-12-31;1;2\n";

fn table(after: &str) -> String {
    format!("{HEADER}{FIRM};{after}\n")
}

fn counts<const N: usize>(counts: [(&'static str, usize); N]) -> BTreeMap<&'static str, usize> {
    counts.into()
}

/// The figures after, of the valid statements.
async fn figures(world: &World) -> Vec<String> {
    let after = |body: &str| {
        let body: Value = serde_json::from_str(body).unwrap();
        let name = "https://w3id.org/xapi/interreg/v1/ext/fte-after";
        body["result"]["extensions"][name]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let valid = world.valid().await;
    valid
        .iter()
        .map(|statement| after(&statement.body))
        .collect()
}

#[tokio::test]
async fn a_changed_line_replaces_the_one_before_and_may_become_what_it_was() {
    let world = World::new().await;
    assert_eq!(world.table(&table("6"), false).await, counts([("new", 1)]));
    let first = world.valid().await[0].id;
    assert_eq!(
        world.table(&table("7"), false).await,
        counts([("changed", 1)])
    );
    assert_eq!(
        world.table(&table("07,0"), false).await,
        counts([("unchanged", 1)])
    );
    assert_eq!(
        world.table(&table("6"), false).await,
        counts([("changed", 1)])
    );
    assert_eq!(
        world.table(&table("6"), false).await,
        counts([("unchanged", 1)])
    );
    assert_eq!(figures(&world).await, ["6"]);
    assert_ne!(world.valid().await[0].id, first, "what is voided stays so");
}

#[tokio::test]
async fn a_line_that_is_gone_is_voided_only_where_the_import_replaces_and_may_come_back() {
    let world = World::new().await;
    let both = format!("{}{OTHER}", table("6"));
    world.table(&both, false).await;
    assert_eq!(
        world.table(&table("6"), false).await,
        counts([("unchanged", 1)])
    );
    assert_eq!(figures(&world).await, ["6", "2"]);
    let gone = counts([("removed", 1), ("unchanged", 1)]);
    assert_eq!(world.table(&table("6"), true).await, gone);
    assert_eq!(figures(&world).await, ["6"]);
    let back = counts([("new", 1), ("unchanged", 1)]);
    assert_eq!(world.table(&both, true).await, back);
    assert_eq!(figures(&world).await, ["6", "2"]);
}

#[tokio::test]
async fn what_was_voided_by_hand_comes_back_only_as_something_else() {
    let world = World::new().await;
    world.table(&table("6"), false).await;
    world.void_by_hand(world.valid().await[0].id).await;
    for replace in [false, true] {
        assert_eq!(
            world.table(&table("6"), replace).await,
            counts([("withheld", 1)])
        );
        assert!(world.valid().await.is_empty());
    }
    let files = [file("table.csv", &table("7"))];
    let report = world.import(&files, false).await.unwrap();
    assert_eq!(report.rows[0].verdict, RowVerdict::Changed);
    assert!(
        report.rows[0].warnings[0].contains("voided by hand"),
        "{report:?}"
    );
    assert_eq!(figures(&world).await, ["7"]);
}

#[tokio::test]
async fn another_table_is_not_replaced() {
    let world = World::new().await;
    world
        .table("orgnr,role,date\n402000-0008,lead,2024-01-01\n", false)
        .await;
    world.table(&table("6"), true).await;
    assert_eq!(world.valid().await.len(), 2);
}

#[tokio::test]
async fn an_import_is_one_append_under_the_authority_of_who_imports() {
    let world = World::new().await;
    let report = world
        .import(&[file("table.csv", &table("6"))], false)
        .await
        .unwrap();
    let valid = world.valid().await;
    assert_eq!(&*valid[0].authority, &*office().authority);
    assert_eq!(report.rows[0].statement, Some(valid[0].id.to_string()));

    world.table(&table("7"), false).await;
    let before = valid[0].id;
    let voided = world
        .statements
        .get(&office(), before, Standing::Voided)
        .await
        .unwrap();
    assert!(voided.is_some());
}

#[tokio::test]
async fn each_project_has_facts_of_its_own() {
    let world = World::new().await;
    let files = [file("table.csv", &table("6"))];
    world.import(&files, false).await.unwrap();
    let merse = caller("merse", &[Scope::All]);
    let report = world.imports.import(&merse, &files, true).await.unwrap();
    assert_eq!(report.counts, counts([("new", 1)]));
    let test = caller("sing:test", &[Scope::All]);
    let report = world.imports.import(&test, &files, true).await.unwrap();
    assert_eq!(report.counts, counts([("new", 1)]));
    assert_eq!(world.valid().await.len(), 1);
}

#[tokio::test]
async fn two_imports_at_once_leave_what_one_of_them_says() {
    let world = World::new().await;
    world.table(&table("6"), false).await;
    let (one, other) = (table("7"), table("8"));
    let (one, other) = ([file("one.csv", &one)], [file("other.csv", &other)]);
    let (one, other) = tokio::join!(world.import(&one, false), world.import(&other, false));
    one.unwrap();
    other.unwrap();
    let figures = figures(&world).await;
    assert!(figures == ["7"] || figures == ["8"], "{figures:?}");
}

#[tokio::test]
async fn an_id_that_somebody_else_took_is_no_reason_to_store_half() {
    let world = World::new().await;
    let both = [file("table.csv", &format!("{}{OTHER}", table("6")))];
    let foreseen = World::new().await;
    let report = foreseen.import(&both, false).await.unwrap();
    let id = report.rows[1].statement.clone().unwrap();
    let other = serde_json::json!({
        "id": id,
        "actor": { "mbox": "mailto:front-end@example.org" },
        "verb": { "id": "https://example.org/verbs/took" },
        "object": { "id": "https://example.org/an-id" },
    });
    let family = varde_xapi::Family::V2;
    let received = varde_xapi::receive_one(other.to_string().as_bytes(), family).unwrap();
    let stored = world
        .statements
        .store(&office(), family, vec![received])
        .await;
    stored.unwrap();
    let head = world.head().await;
    let report = world.import(&both, false).await.unwrap();
    assert_eq!(report.counts, counts([("new", 1), ("withheld", 1)]));
    assert_eq!(world.head().await.0, head.0 + 1);
}

#[tokio::test]
async fn who_may_not_import_is_told_so_and_nothing_happens() {
    let world = World::new().await;
    let files = [file("table.csv", &table("6"))];
    for scopes in [&[Scope::AllRead][..], &[Scope::StatementsWrite], &[]] {
        let caller = caller("sing", scopes);
        let refused = world.imports.import(&caller, &files, false).await;
        assert!(
            matches!(refused, Err(ImportError::Forbidden(_))),
            "{scopes:?}"
        );
        let refused = world.imports.examine(&caller, &files, false).await;
        assert!(
            matches!(refused, Err(ImportError::Forbidden(_))),
            "{scopes:?}"
        );
        assert!(world.imports.templates(&caller).is_err(), "{scopes:?}");
        assert!(
            world
                .imports
                .template(&caller, "people.csv", false)
                .is_err()
        );
    }
    assert_eq!(world.head().await.0, 0);
}
