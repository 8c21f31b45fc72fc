//! Whatever an office imports in whatever order, what is valid is what its files said last.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use crate::world::{World, file};

const FIRMS: [&str; 3] = ["100000024", "100000016", "402000-0024"];
const DAYS: [&str; 2] = ["2025-06-30", "2025-12-31"];

/// What a table says: by firm and day, a figure.
type Said = BTreeMap<(usize, usize), u8>;

/// One file of the office.
#[derive(Debug, Clone)]
struct Edition {
    said: Said,
    replace: bool,
    /// Where a faulty line stands, if one does.
    fault: Option<usize>,
    /// Whether it is Nordic CSV.
    nordic: bool,
}

fn editions() -> impl Strategy<Value = Vec<Edition>> {
    let said = prop::collection::btree_map((0..FIRMS.len(), 0..DAYS.len()), 0_u8..3, 0..6);
    let fault = prop::option::weighted(0.2, 0_usize..6);
    let edition = (said, any::<bool>(), fault, any::<bool>());
    let edition = edition.prop_map(|(said, replace, fault, nordic)| Edition {
        said,
        replace,
        fault,
        nordic,
    });
    prop::collection::vec(edition, 1..8)
}

impl Edition {
    fn text(&self) -> String {
        let (between, point) = if self.nordic { (";", ",") } else { (",", ".") };
        let mut lines: Vec<_> = self
            .said
            .iter()
            .map(|((firm, day), figure)| {
                let figure = format!("{figure}{point}5");
                [FIRMS[*firm], DAYS[*day], "1", &figure].join(between)
            })
            .collect();
        if let Some(at) = self.fault {
            let wrong = ["100000025", DAYS[0], "1", "2"].join(between);
            lines.insert(at.min(lines.len()), wrong);
        }
        let header = ["orgnr", "date", "fte_before", "fte_after"].join(between);
        format!("{header}\n{}\n", lines.join("\n"))
    }
}

/// Returns what the valid statements say.
async fn told(world: &World) -> Vec<(String, String, String)> {
    let valid = world.valid().await;
    let mut told: Vec<_> = valid
        .iter()
        .map(|statement| {
            let body: Value = serde_json::from_str(&statement.body).unwrap();
            let after = "https://w3id.org/xapi/interreg/v1/ext/fte-after";
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                text(&body["actor"]["account"]["name"]),
                text(&body["timestamp"]),
                text(&body["result"]["extensions"][after]),
            )
        })
        .collect();
    told.sort();
    told
}

fn expected(said: &Said) -> Vec<(String, String, String)> {
    let instants = ["2025-06-29T22:00:00.000Z", "2025-12-30T23:00:00.000Z"];
    let mut expected: Vec<_> = said
        .iter()
        .map(|((firm, day), figure)| {
            let firm = FIRMS[*firm].to_owned();
            (firm, instants[*day].to_owned(), format!("{figure}.5"))
        })
        .collect();
    expected.sort();
    expected
}

async fn play(editions: &[Edition]) {
    let world = World::new().await;
    let mut said = Said::new();
    for edition in editions {
        let files = [file("employment.csv", &edition.text())];
        let before = world.head().await;
        let report = world.import(&files, edition.replace).await;
        if edition.fault.is_some() {
            assert!(report.is_err(), "{edition:?}");
            assert_eq!(world.head().await, before, "a fault changes nothing");
        } else {
            report.unwrap();
            if edition.replace {
                said.clear();
            }
            said.extend(edition.said.clone());
            let head = world.head().await;
            let again = world.import(&files, edition.replace).await.unwrap();
            assert!(
                again
                    .rows
                    .iter()
                    .all(|row| row.verdict.name() == "unchanged")
            );
            assert_eq!(world.head().await, head, "the same again changes nothing");
        }
        assert_eq!(told(&world).await, expected(&said), "{edition:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_valid_is_what_the_files_said_last(editions in editions()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(&editions));
    }
}
