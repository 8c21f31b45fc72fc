//! The rules of the standard, applied to a JSON tree.
//!
//! One [`Check`] goes through the whole tree and gathers every fault; each reader returns the
//! typed value, or `None` when a fault was noted below it.

mod activity;
mod actor;
mod attachment;
mod context;
mod object;
mod result;
mod statement;
mod value;

pub(crate) use context::RELATIONS;
pub(crate) use statement::VOIDED;

use std::borrow::Cow;

use crate::family::Family;
use crate::fault::{FAULTS_MAX, Fault, Faults, Found, Rule};
use crate::json::{self, Locator, Member, Node, Problem, Tree};

/// A pass over one text: the rules that hold and the faults so far.
#[derive(Debug)]
pub(crate) struct Check<'t> {
    source: &'t str,
    family: Family,
    noted: Vec<Noted>,
    total: usize,
}

/// A fault whose place is still a byte offset.
#[derive(Debug)]
struct Noted {
    offset: usize,
    rule: Rule,
    found: Found,
    expected: Cow<'static, str>,
}

impl<'t> Check<'t> {
    pub(crate) fn new(source: &'t str, family: Family) -> Self {
        Self {
            source,
            family,
            noted: Vec::new(),
            total: 0,
        }
    }

    /// Notes a fault of a value.
    pub(crate) fn fault(
        &mut self,
        node: &Node<'_>,
        rule: Rule,
        expected: impl Into<Cow<'static, str>>,
    ) {
        if self.counts_only() {
            return;
        }
        let found = Found::new(node.text(self.source), node.shape());
        self.noted.push(Noted {
            offset: node.span.start,
            rule,
            found,
            expected: expected.into(),
        });
    }

    /// Notes a fault of a member's name.
    pub(crate) fn fault_of_key(
        &mut self,
        member: &Member<'_>,
        rule: Rule,
        expected: impl Into<Cow<'static, str>>,
    ) {
        if self.counts_only() {
            return;
        }
        let found = Found::new(&member.key, "member name");
        self.noted.push(Noted {
            offset: member.start,
            rule,
            found,
            expected: expected.into(),
        });
    }

    fn counts_only(&mut self) -> bool {
        self.total += 1;
        self.noted.len() >= FAULTS_MAX
    }

    fn note_repeated_keys(&mut self, tree: &Tree<'_>) {
        for (offset, key) in &tree.repeated_keys {
            if self.counts_only() {
                continue;
            }
            let found = Found::new(key, "member name");
            let expected = Cow::Borrowed("each name once in an object, and this one came before");
            let rule = Rule::JsonDuplicateKey;
            self.noted.push(Noted {
                offset: *offset,
                rule,
                found,
                expected,
            });
        }
    }

    /// Returns the faults with paths, lines and columns; `None` when there are none.
    fn finish(mut self, root: &Node<'_>) -> Option<Faults> {
        self.noted.sort_by_key(|noted| noted.offset);
        let mut locator = Locator::new(self.source.as_bytes());
        let told = self.noted.into_iter().map(|noted| {
            let path = root.path_to(noted.offset);
            fault_at(
                locator.locate(noted.offset),
                path,
                noted.rule,
                noted.found,
                noted.expected,
            )
        });
        Faults::gather(told.collect(), self.total)
    }
}

fn fault_at(
    (line, column): (u32, u32),
    path: String,
    rule: Rule,
    found: Found,
    expected: Cow<'static, str>,
) -> Fault {
    Fault {
        path,
        line: Some(line),
        column: Some(column),
        rule,
        found: found.quote,
        shape: found.shape,
        expected: expected.into_owned(),
    }
}

/// Parses a text and reads it with `reader`, which sees the whole tree.
pub(crate) fn validate<'t, T>(
    text: &'t str,
    family: Family,
    reader: impl FnOnce(&mut Check<'t>, &Node<'t>) -> Option<T>,
) -> Result<T, Faults> {
    let tree =
        json::parse(text).map_err(|problem| Faults::from(json_fault(text.as_bytes(), problem)))?;
    let mut check = Check::new(text, family);
    check.note_repeated_keys(&tree);
    let read = reader(&mut check, &tree.root);
    match (check.finish(&tree.root), read) {
        (None, Some(value)) => Ok(value),
        (Some(faults), _) => Err(faults),
        // A reader that refuses without a reason would be a defect; the sender still gets a fault.
        (None, None) => Err(json_fault(
            text.as_bytes(),
            Problem {
                offset: 0,
                rule: Rule::StatementForm,
                expected: "a statement",
            },
        )
        .into()),
    }
}

/// Takes bytes as UTF-8, or says where they stop being it.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Faults> {
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        json_fault(
            bytes,
            Problem {
                offset,
                rule: Rule::JsonUtf8,
                expected: "UTF-8",
            },
        )
        .into()
    })
}

/// Checks that a JSON text is nested at most so many levels deep, of which the parser lets no more than
/// 128 be read. What else is wrong with the text is for the parser to say.
pub fn check_json_depth(bytes: &[u8], levels_max: usize) -> Result<(), Fault> {
    let Some(offset) = json::deeper_than(bytes, levels_max) else {
        return Ok(());
    };
    Err(json_fault(
        bytes,
        Problem {
            offset,
            rule: Rule::JsonDepth,
            expected: "fewer levels of arrays and objects",
        },
    ))
}

fn json_fault(bytes: &[u8], problem: Problem) -> Fault {
    let place = Locator::new(bytes).locate(problem.offset);
    let rest = bytes.get(problem.offset..).unwrap_or_default();
    let excerpt = rest.get(..32).unwrap_or(rest);
    let found = match rest {
        [] => Found::new("the end of the text", "end of text"),
        _ => Found::new(&String::from_utf8_lossy(excerpt), "text"),
    };
    fault_at(
        place,
        "$".to_owned(),
        problem.rule,
        found,
        Cow::Borrowed(problem.expected),
    )
}
