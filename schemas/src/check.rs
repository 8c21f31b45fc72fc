//! A document against the schema of its kind, with sentences for the person who wrote it.
//!
//! The `title` of a schema is the noun phrase that stands after "expected".

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Broken;
use serde_json::{Map, Value};

use crate::fault::{Fault, Path, Place};
use crate::kind::{Kind, Schema};
use crate::nearest::nearest;
use crate::tree::{Content, Node};

/// The most faults that are told at a time.
const FAULTS_MAX: usize = 100;
/// The most characters of a value that a sentence repeats.
const QUOTE_MAX: usize = 60;

/// Returns what is wrong with a document of a kind, in the order of the text.
pub(crate) fn check(kind: Kind, root: &Node) -> Vec<Fault> {
    let schema = kind.schema();
    let value = root.rounded();
    let errors = schema.validator.iter_errors(&value).take(FAULTS_MAX);
    let mut faults: Vec<_> = errors
        .flat_map(|error| explain(schema, root, &error))
        .collect();
    faults.sort_by(|a, b| (a.line, a.column, &a.path).cmp(&(b.line, b.column, &b.path)));
    faults.dedup();
    faults.truncate(FAULTS_MAX);
    faults
}

fn explain(schema: &Schema, root: &Node, error: &ValidationError<'_>) -> Vec<Fault> {
    let (node, at, path) = locate(root, error.instance_path().as_str());
    let rule = Rule::at(&schema.source, error.schema_path().as_str());
    match error.kind() {
        Broken::AdditionalProperties { unexpected }
        | Broken::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|key| unknown(node, key, &path, &rule.known_keys()))
            .collect(),
        Broken::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            vec![Fault::new(&path, at, format!("the key `{key}` is missing"))]
        }
        Broken::UniqueItems => vec![Fault::new(&path, at, "an item stands here twice")],
        kind => {
            let expected = rule.expected(kind, node);
            let found = describe(node);
            vec![Fault::new(
                &path,
                node.at,
                format!("expected {expected}, found {found}"),
            )]
        }
    }
}

fn unknown(node: &Node, key: &str, path: &Path, known: &[&str]) -> Fault {
    let at = node.member(key).map_or(node.at, |member| member.at);
    let sentence = match nearest(key, known) {
        Some(near) => format!("unknown key `{key}`; did you mean `{near}`?"),
        None => format!("unknown key `{key}`; known here: {}", known.join(", ")),
    };
    Fault::new(&path.key(key), at, sentence)
}

/// Follows a JSON pointer (RFC 6901); `at` is the place of the key where there is one.
fn locate<'a>(root: &'a Node, pointer: &str) -> (&'a Node, Place, Path) {
    let mut found = (root, root.at, Path::default());
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let (node, _, path) = &found;
        let next = match &node.content {
            Content::List(items) => token.parse::<usize>().ok().and_then(|index| {
                items
                    .get(index)
                    .map(|item| (item, item.at, path.index(index)))
            }),
            _ => node
                .member(&token)
                .map(|m| (&m.value, m.at, path.key(&token))),
        };
        match next {
            Some(next) => found = next,
            None => break,
        }
    }
    found
}

/// The keyword that was broken and the schema that it stands in.
struct Rule<'a> {
    keyword: &'a Value,
    schema: Option<&'a Map<String, Value>>,
}

impl<'a> Rule<'a> {
    fn at(source: &'a Value, pointer: &str) -> Self {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        Self {
            keyword: source.pointer(pointer).unwrap_or(&Value::Null),
            schema: source.pointer(parent).and_then(Value::as_object),
        }
    }

    fn known_keys(&self) -> Vec<&'a str> {
        let properties = self
            .schema
            .and_then(|schema| schema.get("properties")?.as_object());
        properties
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str)
            .collect()
    }

    fn expected(&self, kind: &Broken, node: &Node) -> String {
        let title = self.schema.and_then(|schema| schema.get("title")?.as_str());
        match (kind, title) {
            (Broken::Enum { .. }, _) => self.options(node),
            (_, Some(title)) => title.to_owned(),
            (Broken::Type { .. }, None) => self.types(),
            (kind, None) => format!("{} {}", kind.keyword(), self.keyword),
        }
    }

    fn options(&self, node: &Node) -> String {
        let options = self.keyword.as_array().into_iter().flatten();
        let options: Vec<String> = options
            .map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned))
            .collect();
        let words: Vec<&str> = options.iter().map(String::as_str).collect();
        let near = match &node.content {
            Content::Text(text) => nearest(text, &words),
            _ => None,
        };
        let near = near.map_or_else(String::new, |near| format!(" (`{near}`?)"));
        format!("one of {}{near}", words.join(", "))
    }

    fn types(&self) -> String {
        let one = std::slice::from_ref(self.keyword);
        let types = self.keyword.as_array().map_or(one, Vec::as_slice);
        let names = types
            .iter()
            .filter_map(Value::as_str)
            .map(|name| match name {
                "object" => "keys with values",
                "array" => "a list",
                "string" => "a text",
                "integer" => "a whole number",
                "number" => "a number",
                "boolean" => "true or false",
                _ => "nothing",
            });
        names.collect::<Vec<_>>().join(" or ")
    }
}

fn describe(node: &Node) -> String {
    match &node.content {
        Content::Null => "nothing".to_owned(),
        Content::Bool(bool) => bool.to_string(),
        Content::Number(text) => format!("the number {}", quote(text)),
        Content::Text(text) => format!("the text {:?}", quote(text)),
        Content::List(items) => format!("a list of {}", items.len()),
        Content::Map(members) => format!("{} keys with values", members.len()),
    }
}

fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().take(QUOTE_MAX).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted
}
