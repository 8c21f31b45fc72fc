//! A JSON text as a tree that borrows from it and knows where everything stands.
//!
//! The tree keeps the order of members and the text of numbers, so that nothing of what a sender
//! wrote is lost, and every node knows its span, so that a fault can say where it is.

mod depth;
mod locate;
mod parse;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

pub(crate) use depth::deeper_than;
pub(crate) use locate::Locator;
pub(crate) use parse::{Problem, Tree, parse};

/// The most levels of arrays and objects in one text.
pub const DEPTH_MAX: usize = 128;

/// A JSON value and the bytes it occupies.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) value: Value<'a>,
    pub(crate) span: Range<usize>,
}

/// The six kinds of JSON value.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Null,
    Boolean(bool),
    /// The number's text.
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// A key and its value, in the order of the text.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub(crate) key: Cow<'a, str>,
    /// Where the key's opening quote stands.
    pub(crate) start: usize,
    pub(crate) node: Node<'a>,
}

impl<'a> Node<'a> {
    /// Returns the members of an object; `None` for any other kind.
    pub(crate) fn members(&self) -> Option<&[Member<'a>]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the value under a key of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        let member = self.members()?.iter().find(|member| member.key == key)?;
        Some(&member.node)
    }

    /// Returns the decoded text of a string; `None` for any other kind.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the node's own text.
    pub(crate) fn text<'t>(&self, source: &'t str) -> &'t str {
        source.get(self.span.clone()).unwrap_or_default()
    }

    /// Describes the kind and size, never the content.
    pub(crate) fn shape(&self) -> String {
        match &self.value {
            Value::Null => "null".to_owned(),
            Value::Boolean(_) => "true or false".to_owned(),
            Value::Number(_) => "a number".to_owned(),
            Value::String(text) => shape_of_text(text),
            Value::Array(items) => counted("an array", items.len(), "item"),
            Value::Object(members) => counted("an object", members.len(), "member"),
        }
    }
}

/// Describes a text by its length, never by what it says.
pub fn shape_of_text(text: &str) -> String {
    counted("a text", text.chars().count(), "character")
}

fn counted(kind: &str, count: usize, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{kind} of {count} {unit}{plural}")
}

/// Appends a text as a JSON string.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(must_be_escaped) {
        let (plain, behind) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = behind.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            // Writing to a text cannot fail.
            Some(control) => drop(write!(out, "\\u{:04x}", u32::from(control))),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Tells of a byte of a text whether its character cannot stand in a JSON string as it is. All
/// bytes of characters beyond ASCII can.
fn must_be_escaped(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}
