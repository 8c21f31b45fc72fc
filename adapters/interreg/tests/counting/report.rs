//! The answer as JSON and as CSV, and who may ask.

use jiff::civil::date;
use serde_json::json;
use varde_core::Scope;
use varde_interreg::{IndicatorError, IndicatorQuery, export};
use varde_test_support::Draft;

use crate::statements::{A, Act, told};
use crate::world::{SET, World, caller, definition};

const REGISTERS: [&str; 3] = [
    "pseudonym,gender,birth_year_band,nuts3\np-1,female,1980-1989,NO060\n",
    "ifi,pseudonym\nmailto:learner-1@example.org,p-1\n",
    "iri,kind,title,project\nhttps://example.org/a,training-scheme,A,sing\n",
];
const ORGANISERS: &str =
    "iri,orgnr\nhttps://example.org/a,123456785\nhttps://example.org/a,402000-0008\n";

async fn world() -> World {
    let world = World::new().await;
    world.tables(&REGISTERS).await;
    world.tables(&[ORGANISERS]).await;
    world
        .append(told(1, 1, Act::Started, A, "2025-02-01T12:00:00Z").build())
        .await;
    world
}

fn query() -> IndicatorQuery {
    IndicatorQuery {
        project: None,
        code: None,
        as_of: date(2025, 12, 31),
        known_at: None,
    }
}

#[tokio::test]
async fn the_answer_holds_everything_that_a_value_rests_on() {
    let report = world().await.report(date(2025, 12, 31), None).await;
    let json = serde_json::to_value(&report).unwrap();
    let table = &json["tables"][0];
    assert_eq!(json["as_of"], "2025-12-31");
    assert_eq!(table["definition"], "sing@1");
    assert_eq!(table["hash"], definition(SET).hash().to_string());
    assert_eq!(table["known_at"], table["complete_through"]);
    let indicator = &table["indicators"][0];
    assert_eq!(indicator["code"], "RCO85");
    assert_eq!(indicator["value"], 1);
    assert_eq!(indicator["target"], 6);
    assert_eq!(indicator["measure"], "count");
    assert_eq!(indicator["breakdowns"]["gender"], json!({ "female": 1 }));
    let key = &indicator["keys"][0];
    assert_eq!(key["person"], "p-1");
    assert_eq!(key["day"], "2025-02-01");
    assert_eq!(key["statements"], json!([Draft::id(1)]));
    assert_eq!(table["indicators"][1]["baseline"]["year"], 2023);
}

#[tokio::test]
async fn an_answer_may_be_waited_for_on_any_thread() {
    fn moves<F: Future + Send>(future: F) -> F {
        future
    }
    let world = world().await;
    let reader = caller(&[Scope::AllRead]);
    let answer = moves(world.use_case().query(&reader, &query()))
        .await
        .unwrap();
    assert_eq!(answer.tables.len(), 1);
}

#[tokio::test]
async fn a_caller_without_the_right_to_results_gets_none() {
    let world = world().await;
    for scope in [Scope::StatementsRead, Scope::StatementsWrite, Scope::Define] {
        let refused = world.use_case().query(&caller(&[scope]), &query()).await;
        assert!(
            matches!(refused, Err(IndicatorError::Forbidden(_))),
            "{scope:?}"
        );
    }
    let answer = world
        .use_case()
        .query(&caller(&[Scope::All]), &query())
        .await;
    assert_eq!(answer.unwrap().tables.len(), 1);
}

#[tokio::test]
async fn only_what_is_asked_for_is_answered() {
    let world = world().await;
    let reader = caller(&[Scope::AllRead]);
    let none = IndicatorQuery {
        project: Some("merse".to_owned()),
        ..query()
    };
    assert_eq!(
        world.use_case().query(&reader, &none).await.unwrap().tables,
        []
    );
    let one = IndicatorQuery {
        code: Some("RCR 081".parse().unwrap()),
        ..query()
    };
    let answer = world.use_case().query(&reader, &one).await.unwrap();
    let codes: Vec<_> = answer.tables[0]
        .indicators
        .iter()
        .map(|i| i.code.to_string())
        .collect();
    assert_eq!(codes, ["RCR81"]);
}

#[tokio::test]
async fn the_files_hold_a_line_for_each_indicator_and_each_key() {
    let report = world().await.report(date(2025, 12, 31), None).await;
    let (mut indicators, mut keys) = (Vec::new(), Vec::new());
    export::indicators(&report, &mut indicators).unwrap();
    export::keys(&report, &mut keys).unwrap();
    let indicators = String::from_utf8(indicators).unwrap();
    let lines: Vec<&str> = indicators.split("\r\n").collect();
    assert_eq!(lines.len(), 4, "{indicators}");
    assert!(
        lines[0].starts_with("project,definition,hash,as_of,"),
        "{indicators}"
    );
    assert!(lines[1].contains(",RCO85,Deltakelser,"), "{indicators}");
    assert!(
        lines[1].ends_with(",2,6,'=example,1,,,0,0,0"),
        "{indicators}"
    );
    assert!(
        lines[2].ends_with(",count,0,2023,example,,4,example,0,,,0,0,0"),
        "{indicators}"
    );
    let keys = String::from_utf8(keys).unwrap();
    let line = format!(
        ",2025-02-01,{A},,p-1,yes,1,NO,NO060,female,1980-1989,unknown,{A},,,,,,,{},\r\n",
        Draft::id(1)
    );
    assert!(keys.ends_with(&line), "{keys}");
    assert_eq!(keys.lines().count(), 2, "{keys}");
}
