//! The stored text of a statement: the sender's, and what is added when it is read.

use crate::edit::{Edit, applied};
use crate::json::{Node, Value, push_string};
use crate::model::{Object, Statement};
use crate::time::{Stored, Timestamp};
use crate::validate::RELATIONS;

/// The top-level members that a store assigns, whatever was sent.
const ASSIGNED: [&str; 4] = ["id", "stored", "authority", "version"];

/// What the store assigned to a statement.
#[derive(Debug, Clone, Copy)]
pub struct Assigned<'a> {
    /// The id in its kept spelling.
    pub id: &'a str,
    /// When it was stored.
    pub stored: Stored,
    /// The authority as JSON text.
    pub authority: &'a str,
    /// The version of xAPI.
    pub version: &'a str,
    /// Whether the body has no `timestamp`, so that `stored` stands for it.
    pub timestamp_absent: bool,
}

/// Returns the statement as it is read: the body and the assigned members after the sender's.
///
/// `id`, `stored`, `authority` and `version` are added in this order, and `timestamp` (equal to
/// `stored`) where the sender gave none.
pub fn splice(body: &str, assigned: &Assigned<'_>) -> String {
    let open = body.trim_end().strip_suffix('}').unwrap_or(body).trim_end();
    let closing = body.get(open.len()..).unwrap_or_default();
    let stored = assigned.stored.to_string();
    let mut out = String::with_capacity(body.len() + assigned.authority.len() + 192);
    out.push_str(open);
    push_text_member(&mut out, "id", assigned.id);
    push_text_member(&mut out, "stored", &stored);
    out.push_str(",\"authority\":");
    out.push_str(assigned.authority);
    push_text_member(&mut out, "version", assigned.version);
    if assigned.timestamp_absent {
        push_text_member(&mut out, "timestamp", &stored);
    }
    out.push_str(closing);
    out
}

fn push_text_member(out: &mut String, key: &str, value: &str) {
    out.push_str(",\"");
    out.push_str(key);
    out.push_str("\":");
    push_string(out, value);
}

/// Returns a valid statement's own text, without assigned members and normalised as admitted.
pub(crate) fn of(source: &str, node: &Node<'_>, statement: &Statement) -> String {
    let mut edits = removals(node);
    edits.extend(timestamp(source, node, statement.timestamp.as_ref()));
    arrays(source, node, &mut edits);
    if let (Object::SubStatement(sub), Some(inner)) = (&statement.object, node.get("object")) {
        edits.extend(timestamp(source, inner, sub.timestamp.as_ref()));
        arrays(source, inner, &mut edits);
    }
    applied(source, node.span.clone(), edits)
}

/// Cuts each assigned member with the comma that goes with it.
fn removals(node: &Node<'_>) -> Vec<Edit> {
    let members = node.members().unwrap_or_default();
    let assigned = |index: usize| {
        members
            .get(index)
            .is_some_and(|member| ASSIGNED.contains(&member.key.as_ref()))
    };
    let kept_before = |index: usize| (0..index).rev().find(|earlier| !assigned(*earlier));
    let removed = members
        .iter()
        .enumerate()
        .filter(|(index, _)| assigned(*index));
    let cut = removed.map(|(index, member)| {
        let before = kept_before(index).and_then(|earlier| members.get(earlier));
        match (members.get(index + 1), before) {
            // Up to the next member where one follows: what comes before stays as it is.
            (Some(next), None) => member.start..next.start,
            // Else from the end of the one before, taking the comma between.
            (_, Some(_)) => {
                members.get(index - 1).map_or(0, |m| m.node.span.end)..member.node.span.end
            }
            (None, None) => member.start..member.node.span.end,
        }
    });
    cut.map(|span| Edit {
        span,
        text: String::new(),
    })
    .collect()
}

fn timestamp(source: &str, node: &Node<'_>, value: Option<&Timestamp>) -> Option<Edit> {
    let text = format!("\"{}\"", value?.text);
    let sent = node.get("timestamp")?;
    (sent.text(source) != text).then(|| Edit {
        span: sent.span.clone(),
        text,
    })
}

/// Makes single context activities arrays.
fn arrays(source: &str, node: &Node<'_>, edits: &mut Vec<Edit>) {
    let Some(activities) = node.get("context").and_then(|c| c.get("contextActivities")) else {
        return;
    };
    let relations = RELATIONS.iter().filter_map(|key| activities.get(key));
    let single = relations.filter(|relation| matches!(relation.value, Value::Object(_)));
    edits.extend(single.map(|relation| {
        let text = format!("[{}]", relation.text(source));
        Edit {
            span: relation.span.clone(),
            text,
        }
    }));
}
