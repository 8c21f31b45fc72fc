//! What a project file says of the keys of its spaces.

use std::sync::Arc;

use serde_json::Value;
use varde_core::keys::KeyDefaults;
use varde_core::memory::MemoryStore;
use varde_core::registers::files::{self, RegisterFile};
use varde_core::{Scope, Tolerance};
use varde_test_support::{TestClock, space};
use varde_xapi::Stored;

const PROJECT: &str = "project: sing\ntitle: { nb: S, sv: S, en: S }\nzone: Europe/Oslo\n\
    start: 2024-01-01\nend: 2026-12-31\n\
    partners:\n  - { organisation: NO-100000016, country: NO, role: lead }\n";
const NOW: Stored = Stored(i64::MAX);

async fn known(keys: &str) -> KeyDefaults {
    let clock = Arc::new(TestClock::default());
    let store = Arc::new(MemoryStore::new(clock));
    let book = varde_test_support::registers(store.clone(), store).await;
    let file = RegisterFile {
        name: "sing.yaml".to_owned(),
        bytes: format!("{PROJECT}{keys}").into_bytes(),
    };
    let rows = files::read(&[file]).expect("the file is right").rows;
    book.import(rows).await.expect("the store takes them");
    let registers = book.refresh().await.expect("the store answers");
    let defaults = |name| KeyDefaults::of(&space(name), &registers, NOW);
    assert_eq!(defaults("sing"), defaults("sing:test"));
    let standard = [Scope::StatementsWrite, Scope::StatementsReadMine];
    assert_eq!(defaults("merse").scopes, standard);
    defaults("sing")
}

#[tokio::test]
async fn a_project_names_scopes_and_tolerances_of_its_keys() {
    let said =
        known("keys: { scopes: [statements/write, state], tolerances: [unknown-parameters] }");
    let said = said.await;
    assert_eq!(said.scopes, [Scope::StatementsWrite, Scope::State]);
    assert_eq!(said.tolerances, [Tolerance::UnknownParameters]);
    let silent = known("").await;
    assert_eq!(
        silent.scopes,
        [Scope::StatementsWrite, Scope::StatementsReadMine]
    );
    assert_eq!(silent.tolerances, []);
    let none = known("keys: { tolerances: [] }").await;
    assert_eq!(none.tolerances, []);
}

#[test]
fn the_schema_knows_every_scope_and_tolerance() {
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/schemas/project.json"))
        .expect("a JSON schema");
    let listed = |setting: &str| {
        let names = &schema["properties"]["keys"]["properties"][setting]["items"]["enum"];
        names.as_array().expect("a list").clone()
    };
    assert_eq!(listed("scopes"), Scope::EACH.map(Scope::name));
    assert_eq!(listed("tolerances"), Tolerance::EACH.map(Tolerance::name));
}
