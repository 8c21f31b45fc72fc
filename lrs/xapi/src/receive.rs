//! From a request's body to statements ready to be stored, or to all of its faults.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::body;
use crate::equality::equality;
use crate::family::Family;
use crate::fault::{Faults, Rule};
use crate::json::{Node, Value};
use crate::model::Statement;
use crate::validate::{Check, utf8, validate};

/// The statements of one request body.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whether the body was an array (the answer lists ids either way).
    pub array: bool,
    /// The statements in the sender's order.
    pub statements: Vec<Received>,
}

impl Batch {
    /// Returns the JSON path of a statement in the body, such as `$[7]`.
    pub fn path(&self, index: usize) -> String {
        if self.array {
            format!("$[{index}]")
        } else {
            "$".to_owned()
        }
    }
}

/// A statement as received and found valid.
#[derive(Debug, Clone)]
pub struct Received {
    /// The typed view; `id`, `stored`, `authority` and `version` as sent.
    pub statement: Statement,
    /// The id's spelling as sent, when it is not the lower-case one.
    pub id_text: Option<String>,
    /// The sender's text without the members that the store assigns.
    ///
    /// All else is byte for byte as sent, but for timestamps (brought to UTC) and single context
    /// activities (made arrays), as IEEE 9274.1.1 4.2.7 and xAPI 1.0.3 Data 2.4.6.2 want it.
    pub body: String,
    /// The hash that tells a re-send from a conflict; see [`crate::equality`].
    pub equality: [u8; 32],
}

impl Received {
    /// Returns the statement with another text in place of its body, and all that was sent beside
    /// it. Faults mean that the text is no statement.
    pub fn rewritten(self, body: String) -> Result<Self, Faults> {
        let sent = self.statement;
        let statement = Statement {
            id: sent.id,
            stored: sent.stored,
            authority: sent.authority,
            version: sent.version,
            ..read(&body)?
        };
        Ok(Self {
            equality: equality(&statement),
            statement,
            id_text: self.id_text,
            body,
        })
    }
}

/// Reads the body of a POST: one statement or an array of them.
///
/// Every fault of every statement is gathered; two equal ids in one array are a fault too. An
/// empty array is an empty batch (xAPI 1.0.3 Communication 2.1.2).
pub fn receive(text: &[u8], family: Family) -> Result<Batch, Faults> {
    let text = utf8(text)?;
    validate(text, family, |check, root| match &root.value {
        Value::Array(items) => {
            check.fault_repeated_statement_ids(items);
            let read: Vec<_> = items
                .iter()
                .map(|item| received(check, text, item))
                .collect();
            let statements = read.into_iter().collect::<Option<_>>()?;
            Some(Batch {
                array: true,
                statements,
            })
        }
        Value::Object(_) => {
            let statements = vec![received(check, text, root)?];
            Some(Batch {
                array: false,
                statements,
            })
        }
        _ => {
            check.fault(
                root,
                Rule::StatementForm,
                "a statement or an array of statements",
            );
            None
        }
    })
}

/// Reads the body of a PUT: one statement (xAPI 1.0.3 Communication 2.1.1).
pub fn receive_one(text: &[u8], family: Family) -> Result<Received, Faults> {
    let text = utf8(text)?;
    validate(text, family, |check, root| {
        if root.members().is_none() {
            check.fault(root, Rule::StatementForm, "one statement");
            return None;
        }
        received(check, text, root)
    })
}

/// Reads a statement as stored, with or without the members that a store adds.
///
/// It is judged by the rules of 2.0, which admit whatever 1.0.x admits once it is stored.
pub fn read(text: &str) -> Result<Statement, Faults> {
    validate(text, Family::V2, Check::statement)
}

fn received<'t>(check: &mut Check<'t>, text: &'t str, node: &Node<'t>) -> Option<Received> {
    let statement = check.statement(node)?;
    Some(Received {
        id_text: id_text(node, &statement),
        body: body::of(text, node, &statement),
        equality: equality(&statement),
        statement,
    })
}

fn id_text(node: &Node<'_>, statement: &Statement) -> Option<String> {
    let sent = node.get("id")?.as_str()?;
    (sent != statement.id?.to_string()).then(|| sent.to_owned())
}

impl Check<'_> {
    fn fault_repeated_statement_ids(&mut self, items: &[Node<'_>]) {
        let mut seen: BTreeMap<Uuid, usize> = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let Some(id) = item.get("id") else { continue };
            let Some(uuid) = id.as_str().and_then(crate::id::parse_uuid) else {
                continue;
            };
            let first = *seen.entry(uuid).or_insert(index);
            if first != index {
                self.fault(
                    id,
                    Rule::BatchIds,
                    format!("another id than that of $[{first}]"),
                );
            }
        }
    }
}
