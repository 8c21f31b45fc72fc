//! A text as a tree of values, each with its place.
//!
//! JSON is read as the YAML that it is. Of YAML, only what JSON can say is taken: one document,
//! no anchors, no tags, keys that are texts; and a plain word is a number only if JSON reads it
//! as one, so that an organisation number keeps its leading zero and a date stays a text.

use std::collections::BTreeSet;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput};
use serde_json::Value;

use crate::fault::{Fault, Path, Place};

/// The most bytes that any document may have.
pub(crate) const BYTES_MAX: usize = 16 * 1024 * 1024;
/// How deep lists and objects may nest, each in their two notations.
const DEPTH_MAX: usize = 32;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Place,
    pub(crate) content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    /// A number as it was written, in JSON's grammar without an exponent.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Member>),
}

/// A key with its place and value, in the order of the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) at: Place,
    pub(crate) value: Node,
}

/// Reads a text, gathering what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Node, Vec<Fault>> {
    within(text, BYTES_MAX)?;
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = DEPTH_MAX;
    options.block_nesting_limit = DEPTH_MAX;
    let parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader {
        parser,
        faults: Vec::new(),
    };
    let read = reader.document();
    reader.faults.extend(read.as_ref().err().cloned());
    match read {
        Ok(node) if reader.faults.is_empty() => Ok(node),
        _ => Err(reader.faults),
    }
}

/// Checks how long a text is.
pub(crate) fn within(text: &str, bytes_max: usize) -> Result<(), Vec<Fault>> {
    let found = text.len();
    if found <= bytes_max {
        return Ok(());
    }
    let mebibytes = bytes_max / (1024 * 1024);
    let sentence = format!("expected at most {bytes_max} bytes ({mebibytes} MiB), found {found}");
    Err(vec![Fault::new(&Path::default(), Place::START, sentence)])
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Node, Fault> {
        let mut root = None;
        loop {
            let (event, span) = self.next(&Path::default())?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                _ if root.is_some() => {
                    let sentence = "expected one document, found a second one";
                    return Err(Fault::new(&Path::default(), place(span), sentence));
                }
                event => root = Some(self.node(event, span, &Path::default())?),
            }
        }
        root.ok_or_else(|| Fault::new(&Path::default(), Place::START, "the file is empty"))
    }

    fn next(&mut self, path: &Path) -> Result<(Event<'a>, Span), Fault> {
        match self.parser.next() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => {
                let at = Place {
                    line: bounded(error.marker().line()),
                    column: bounded(error.marker().col().saturating_add(1)),
                };
                Err(Fault::new(
                    path,
                    at,
                    format!("neither YAML nor JSON: {}", error.kind()),
                ))
            }
            None => Err(Fault::new(path, Place::START, "the file ends too early")),
        }
    }

    /// Reads the value that an event begins. Its depth is bounded by the parser's limits.
    fn node(&mut self, event: Event<'a>, span: Span, path: &Path) -> Result<Node, Fault> {
        let at = place(span);
        self.refuse_references(&event, at, path);
        let content = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => self.plain(&text, at, path),
            Event::Scalar(text, ..) => Content::Text(text.into_owned()),
            Event::SequenceStart(..) => self.list(path)?,
            Event::MappingStart(..) => self.map(path)?,
            _ => Content::Null,
        };
        Ok(Node { at, content })
    }

    fn refuse_references(&mut self, event: &Event<'a>, at: Place, path: &Path) {
        if event.alias_id().is_some() || event.anchor_id().is_some() {
            let sentence = "anchors and aliases are not read; write the value out";
            self.faults.push(Fault::new(path, at, sentence));
        }
        if event.tag().is_some() {
            self.faults.push(Fault::new(
                path,
                at,
                "tags are not read; write the value without",
            ));
        }
    }

    fn list(&mut self, path: &Path) -> Result<Content, Fault> {
        let mut items = Vec::new();
        loop {
            let path = path.index(items.len());
            match self.next(&path)? {
                (Event::SequenceEnd, _) => return Ok(Content::List(items)),
                (event, span) => items.push(self.node(event, span, &path)?),
            }
        }
    }

    fn map(&mut self, path: &Path) -> Result<Content, Fault> {
        let mut members = Vec::new();
        let mut known = BTreeSet::new();
        loop {
            let (event, span) = self.next(path)?;
            if matches!(event, Event::MappingEnd) {
                return Ok(Content::Map(members));
            }
            let at = place(span);
            let Event::Scalar(key, ..) = &event else {
                return Err(Fault::new(path, at, "expected a key that is a text"));
            };
            let (key, path) = (key.clone().into_owned(), path.key(key));
            self.refuse_references(&event, at, &path);
            if !known.insert(key.clone()) {
                let sentence = format!("the key `{key}` stands here twice");
                self.faults.push(Fault::new(&path, at, sentence));
            }
            let (event, span) = self.next(&path)?;
            let value = self.node(event, span, &path)?;
            members.push(Member { key, at, value });
        }
    }

    fn plain(&mut self, text: &str, at: Place, path: &Path) -> Content {
        match text {
            "" | "~" | "null" => Content::Null,
            "true" => Content::Bool(true),
            "false" => Content::Bool(false),
            _ if !is_json_number(text) => Content::Text(text.to_owned()),
            _ => {
                if text.contains(['e', 'E']) {
                    let sentence = format!("write the number {text} without an exponent");
                    self.faults.push(Fault::new(path, at, sentence));
                }
                Content::Number(text.to_owned())
            }
        }
    }
}

fn is_json_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

fn place(span: Span) -> Place {
    let column = bounded(span.start.col().saturating_add(1));
    Place {
        line: bounded(span.start.line()),
        column,
    }
}

fn bounded(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Node {
    /// Returns the value as adapters read it: whole numbers as numbers, every other number as
    /// its text, so that no binary float ever stands for it.
    pub(crate) fn exact(&self) -> Value {
        self.value(&|text| match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => Value::String(text.to_owned()),
        })
    }

    /// Returns the value as a schema sees it: every number a number, be it rounded.
    pub(crate) fn rounded(&self) -> Value {
        self.value(&|text| match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.parse::<f64>().map_or(Value::Null, Value::from),
        })
    }

    fn value(&self, number: &dyn Fn(&str) -> Value) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(bool) => Value::Bool(*bool),
            Content::Text(text) => Value::String(text.clone()),
            Content::Number(text) => number(whole(text)),
            Content::List(items) => items.iter().map(|item| item.value(number)).collect(),
            Content::Map(members) => {
                let members = members.iter();
                members
                    .map(|member| (member.key.clone(), member.value.value(number)))
                    .collect()
            }
        }
    }

    /// Returns the member of that key.
    pub(crate) fn member(&self, key: &str) -> Option<&Member> {
        match &self.content {
            Content::Map(members) => members.iter().find(|member| member.key == key),
            _ => None,
        }
    }

    /// Returns the place of the value at a path, else of the nearest value above it; for a
    /// member, that of its key.
    pub(crate) fn place_of(&self, wanted: &str) -> Place {
        let mut place = self.at;
        self.descend(&Path::default(), wanted, &mut place);
        place
    }

    fn descend(&self, path: &Path, wanted: &str, place: &mut Place) {
        for (child, at, path) in self.children(path) {
            let text = path.to_string();
            let rest = wanted.strip_prefix(text.as_str());
            if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])) {
                *place = at;
                child.descend(&path, wanted, place);
            }
        }
    }

    fn children(&self, path: &Path) -> Vec<(&Self, Place, Path)> {
        match &self.content {
            Content::Map(members) => members
                .iter()
                .map(|m| (&m.value, m.at, path.key(&m.key)))
                .collect(),
            Content::List(items) => items
                .iter()
                .enumerate()
                .map(|(n, item)| (item, item.at, path.index(n)))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Takes the fraction from a number that is whole: `3.0` is 3.
fn whole(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn a_word_is_a_number_only_where_json_reads_one() {
        for (yaml, expected) in [
            ("012345678", json!("012345678")),
            ("2024-01-01", json!("2024-01-01")),
            ("0x1F", json!("0x1F")),
            (".5", json!(".5")),
            ("yes", json!("yes")),
            ("-7", json!(-7)),
            ("0.50", json!("0.50")),
            ("92233720368547758080", json!("92233720368547758080")),
            ("'7'", json!("7")),
            (r#""\ud83d\ude00""#, json!("😀")),
        ] {
            assert_eq!(parse(yaml).map(|node| node.exact()), Ok(expected), "{yaml}");
        }
    }
}
