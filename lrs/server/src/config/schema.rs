//! The configuration as JSON Schema, from the structs that read it.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value, json};
use varde_interreg::handover::Event;
use varde_interreg::pack::Language;

use super::Config;
use crate::oidc::ALGORITHMS;

/// Returns the schema of a configuration file: JSON Schema of 2020-12. `x-variable` names the
/// variable of the environment that a setting has.
pub(crate) fn schema() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Config>();
    schema.insert("title".to_owned(), json!("Configuration of Varde"));
    schema.to_value()
}

pub(super) fn events(_: &mut SchemaGenerator) -> Schema {
    some_of(&json!(Event::EACH))
}

pub(super) fn languages(_: &mut SchemaGenerator) -> Schema {
    let mut schema = some_of(&json!(Language::EACH));
    // As every setting that may be absent.
    schema.insert("type".to_owned(), json!(["array", "null"]));
    schema
}

pub(super) fn algorithms(_: &mut SchemaGenerator) -> Schema {
    some_of(&json!(ALGORITHMS))
}

fn some_of(values: &Value) -> Schema {
    json_schema!({
        "type": "array",
        "items": { "type": "string", "enum": values },
        "uniqueItems": true,
    })
}
