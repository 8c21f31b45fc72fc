//! The examples that come with the program.

use std::collections::BTreeMap;

use varde_core::registers::files::RegisterFile;
use varde_interreg::imports::templates::{self, WORKBOOK};

use crate::world::{World, file, office};

/// Returns the example project and every table with its example.
pub(crate) fn examples() -> Vec<RegisterFile> {
    let project = include_str!("../../../../schemas/examples/interreg/sing.yaml");
    let tables = templates::list().map(|table| {
        let name = format!("{}.csv", table.name);
        let bytes = templates::file(&name, true).unwrap();
        RegisterFile { name, bytes }
    });
    [file("sing.yaml", project)]
        .into_iter()
        .chain(tables)
        .collect()
}

#[tokio::test]
async fn every_example_is_imported_and_again_changes_nothing() {
    let world = World::new().await;
    let first = world.import(&examples(), true).await.unwrap();
    assert_eq!(first.faults.0, []);
    assert_eq!(
        first.counts.keys().collect::<Vec<_>>(),
        [&"new"],
        "{first:?}"
    );
    let warned: Vec<_> = first
        .rows
        .iter()
        .filter(|row| !row.warnings.is_empty())
        .collect();
    assert!(warned.is_empty(), "{warned:?}");
    let facts = first
        .rows
        .iter()
        .filter(|row| row.statement.is_some())
        .count();
    assert_eq!(world.valid().await.len(), facts);
    assert_eq!(facts, 29);

    let head = world.head().await;
    let again = world.import(&examples(), true).await.unwrap();
    let all = BTreeMap::from([("unchanged", first.rows.len())]);
    assert_eq!(again.counts, all);
    assert_eq!(world.head().await, head);
}

#[tokio::test]
async fn the_workbook_of_examples_says_what_the_files_say() {
    let world = World::new().await;
    world.import(&examples(), false).await.unwrap();
    let head = world.head().await;
    let book = RegisterFile {
        name: WORKBOOK.to_owned(),
        bytes: templates::file(WORKBOOK, true).unwrap(),
    };
    let report = world.import(&[book], true).await.unwrap();
    assert_eq!(
        report.counts.keys().collect::<Vec<_>>(),
        [&"unchanged"],
        "{report:?}"
    );
    assert_eq!(world.head().await, head);
    let places = report
        .rows
        .iter()
        .all(|row| row.sheet.as_deref() == row.table);
    assert!(places, "each line is told with its sheet");
}

#[tokio::test]
async fn an_empty_sheet_takes_nothing_back_and_an_empty_file_takes_all() {
    let world = World::new().await;
    world.import(&examples(), false).await.unwrap();
    let head = world.head().await;
    let empty = |name: &str| RegisterFile {
        name: name.to_owned(),
        bytes: templates::file(name, false).unwrap(),
    };
    world.import(&[empty(WORKBOOK)], true).await.unwrap();
    assert_eq!(world.head().await, head);

    let report = world.import(&[empty("partners.csv")], false).await.unwrap();
    assert!(report.rows.is_empty());
    let report = world.import(&[empty("partners.csv")], true).await.unwrap();
    assert_eq!(report.counts, BTreeMap::from([("removed", 4)]));
    assert_eq!(world.valid().await.len(), 25);
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_says_what_an_import_would_do() {
    let world = World::new().await;
    let head = world.head().await;
    let examined = world
        .imports
        .examine(&office(), &examples(), true)
        .await
        .unwrap();
    assert!(examined.dry_run);
    assert_eq!(world.head().await, head);
    let imported = world.import(&examples(), true).await.unwrap();
    assert_eq!(examined.counts, imported.counts);
}
