//! From a byte offset to a JSON path, and to a line and a column.

use std::fmt::Write as _;

use super::{Node, Value};

/// The most characters of one key that a path shows.
const KEY_CHARS_MAX: usize = 120;

/// Counts lines and columns while going through a text once.
#[derive(Debug)]
pub(crate) struct Locator<'t> {
    rest: &'t [u8],
    at: usize,
    line: u32,
    column: u32,
}

impl<'t> Locator<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self {
            rest: text,
            at: 0,
            line: 1,
            column: 1,
        }
    }

    /// Returns the line and column of an offset, both from 1, the column in characters.
    ///
    /// Offsets must not decrease from call to call; an earlier one is taken for the last.
    pub(crate) fn locate(&mut self, offset: usize) -> (u32, u32) {
        let step = offset.saturating_sub(self.at).min(self.rest.len());
        let (passed, rest) = self.rest.split_at_checked(step).unwrap_or_default();
        for byte in passed {
            if *byte == b'\n' {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else if *byte & 0xc0 != 0x80 {
                // Continuation bytes belong to the character before them.
                self.column = self.column.saturating_add(1);
            }
        }
        self.rest = rest;
        self.at += step;
        (self.line, self.column)
    }
}

impl Node<'_> {
    /// Returns the path to the node or key at an offset, `$` being this node.
    pub(crate) fn path_to(&self, offset: usize) -> String {
        let mut path = String::from("$");
        let mut node = self;
        while node.span.start != offset {
            let Some(child) = node.step(offset, &mut path) else {
                break;
            };
            node = child;
        }
        path
    }

    /// Adds one step to a path; `None` when the way ends here or at a key.
    fn step(&self, offset: usize, path: &mut String) -> Option<&Self> {
        match &self.value {
            Value::Array(items) => {
                let index = items
                    .partition_point(|item| item.span.start <= offset)
                    .checked_sub(1)?;
                let _ = write!(path, "[{index}]");
                items.get(index)
            }
            Value::Object(members) => {
                let after = members.partition_point(|member| member.start <= offset);
                let member = members.get(after.checked_sub(1)?)?;
                push_key(path, &member.key);
                (member.start != offset).then_some(&member.node)
            }
            _ => None,
        }
    }
}

fn push_key(path: &mut String, key: &str) {
    let name = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let shown: String = key.chars().take(KEY_CHARS_MAX).collect();
    if name {
        path.push('.');
        path.push_str(&shown);
    } else {
        path.push('[');
        super::push_string(path, &shown);
        path.push(']');
    }
}
