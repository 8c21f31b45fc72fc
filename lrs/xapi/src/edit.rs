//! Changing stretches of a JSON text while every other byte stays.

use std::ops::Range;

use crate::json::{Member, Node};

/// A stretch of a text and what stands in its place.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) span: Range<usize>,
    pub(crate) text: String,
}

impl Edit {
    /// Puts a text in the place of a value.
    pub(crate) fn replace(node: &Node<'_>, text: String) -> Self {
        Self {
            span: node.span.clone(),
            text,
        }
    }
}

/// Returns a stretch of the source with all edits made; edits must not overlap.
pub(crate) fn applied(source: &str, span: Range<usize>, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(span.len() + 16);
    let mut at = span.start;
    for edit in edits {
        out.push_str(source.get(at..edit.span.start).unwrap_or_default());
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(source.get(at..span.end).unwrap_or_default());
    out
}

/// Returns a member as it is written, key and value.
pub(crate) fn member_text<'t>(source: &'t str, member: &Member<'_>) -> &'t str {
    source
        .get(member.start..member.node.span.end)
        .unwrap_or_default()
}

/// Returns an object of members that are already text.
pub(crate) fn object_of<T: AsRef<str>>(members: &[T]) -> String {
    let members: Vec<&str> = members.iter().map(AsRef::as_ref).collect();
    format!("{{{}}}", members.join(","))
}

/// Returns a member with a plain key.
pub(crate) fn member_of(key: &str, value: &str) -> String {
    format!("\"{key}\":{value}")
}
