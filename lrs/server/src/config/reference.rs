//! The page of all settings, written from their schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::schema;

const TOP: &str = "\
# Configuration

`varde config reference` writes this page from the code; a test fails where they differ. `varde config schema` prints the same
as JSON Schema, for editors. [Commands](commands.md#varde-config) says how to check a file before a server reads it.

Flags win over `VARDE_*` variables, those over the file that `--config` names, and that over defaults. A key that no setting
has is refused by its name; a variable that looks like a mistyped setting is warned of. What has a variable has a flag of the
same name (`VARDE_LISTEN` is `--listen`), unless it is a secret.
";

/// Returns the page, in Markdown.
pub(crate) fn page() -> String {
    let mut page = TOP.to_owned();
    let schema = schema();
    for (name, section) in members(&schema) {
        write_section(&mut page, name, section);
    }
    page
}

fn write_section(page: &mut String, name: &str, schema: &Value) {
    let is_list = schema.get("items").is_some();
    let fields = schema.get("items").unwrap_or(schema);
    let heading = if is_list {
        format!("[[{name}]]")
    } else {
        format!("[{name}]")
    };
    let is_plain = |schema: &Value| tables(schema).is_none();
    let about = schema.get("description").and_then(Value::as_str);
    let _ = writeln!(page, "\n## `{heading}`\n\n{}\n", about.unwrap_or_default());
    let required: Vec<&str> = fields.get("required").into_iter().flat_map(texts).collect();
    let default = schema.get("default");
    if members(fields).any(|(_, field)| is_plain(field)) {
        page.push_str("| key | is | default | variable |\n|---|---|---|---|\n");
    }
    for (key, field) in members(fields).filter(|(_, field)| is_plain(field)) {
        let own = field.get("default").or_else(|| default?.get(key));
        let default = match own {
            _ if required.contains(&key) => "must be given".to_owned(),
            None | Some(Value::Null) => String::new(),
            Some(value) => format!("`{value}`"),
        };
        let variable = field.get("x-variable").and_then(Value::as_str);
        let variable = variable.map_or_else(String::new, |name| format!("`{name}`"));
        let _ = writeln!(
            page,
            "| `{key}` | {} | {default} | {variable} |",
            told(field)
        );
    }
    for (key, field) in members(fields).filter(|(_, field)| !is_plain(field)) {
        write_section(page, &format!("{name}.{key}"), field);
    }
}

/// Returns the schema of the table that a setting is, or of those that it is a list of.
fn tables(schema: &Value) -> Option<&Value> {
    let one = schema.get("items").unwrap_or(schema);
    Some(one).filter(|one| one.get("properties").is_some())
}

/// Says what a setting is, and which values it has where there are few.
fn told(field: &Value) -> String {
    let about = field.get("description").and_then(Value::as_str);
    let about = about
        .unwrap_or_default()
        .replace('\n', " ")
        .replace('|', "\\|");
    let values: Vec<String> = values(field).map(|value| format!("`{value}`")).collect();
    if values.is_empty() {
        about
    } else {
        format!("{about} Of {}.", values.join(", "))
    }
}

/// Returns the values of a setting, or of each item of it, where they are listed.
fn values(schema: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    let list = |name: &str| {
        schema
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let variants = list("oneOf")
        .chain(list("anyOf"))
        .chain(schema.get("items"));
    let own = list("enum").chain(schema.get("const"));
    Box::new(
        own.filter(|value| !value.is_null())
            .chain(variants.flat_map(values)),
    )
}

fn members(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = schema.get("properties").and_then(Value::as_object);
    let members = members.into_iter().flat_map(Map::iter);
    members.map(|(name, member)| (name.as_str(), member))
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
