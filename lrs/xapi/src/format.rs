//! The renderings of a statement that a reader can ask for (xAPI 1.0.3 Communication 2.1.3).

use std::borrow::Cow;

use crate::edit::{Edit, applied, member_of, member_text, object_of};
use crate::family::Family;
use crate::fault::Faults;
use crate::json::{self, Node, Value};
use crate::language_range::{LanguageRange, lookup};
use crate::validate::{RELATIONS, validate};

const IDENTIFIERS: [&str; 4] = ["mbox", "mbox_sha1sum", "openid", "account"];
const COMPONENT_LISTS: [&str; 5] = ["choices", "scale", "source", "target", "steps"];

/// Returns a statement with only what identifies its agents, groups, activities and verbs.
///
/// All else stays as it is. Faults mean that the text is no JSON.
pub fn ids(text: &str) -> Result<String, Faults> {
    validate(text, Family::V2, |_, root| {
        let mut edits = Vec::new();
        ids_of_statement(text, root, &mut edits);
        Some(applied(text, root.span.clone(), edits))
    })
}

fn ids_of_statement(source: &str, node: &Node<'_>, edits: &mut Vec<Edit>) {
    for actor in ["actor", "authority"]
        .iter()
        .filter_map(|key| node.get(key))
    {
        edits.push(Edit::replace(actor, actor_ids(source, actor, &[])));
    }
    if let Some(verb) = node.get("verb") {
        edits.push(Edit::replace(verb, only(source, verb, &["id"])));
    }
    if let Some(context) = node.get("context") {
        ids_of_context(source, context, edits);
    }
    let Some(object) = node.get("object") else {
        return;
    };
    match object.get("objectType").and_then(Node::as_str) {
        // The object's type must stay where it is not the default.
        Some("Agent" | "Group") => {
            edits.push(Edit::replace(
                object,
                actor_ids(source, object, &["objectType"]),
            ));
        }
        Some("SubStatement") => ids_of_statement(source, object, edits),
        Some("StatementRef") => {}
        _ => edits.push(Edit::replace(object, only(source, object, &["id"]))),
    }
}

fn ids_of_context(source: &str, context: &Node<'_>, edits: &mut Vec<Edit>) {
    let direct = ["instructor", "team"]
        .iter()
        .filter_map(|key| context.get(key));
    let entries = [("contextAgents", "agent"), ("contextGroups", "group")]
        .into_iter()
        .flat_map(|(list, key)| {
            items(context.get(list))
                .iter()
                .filter_map(move |e| e.get(key))
        });
    edits.extend(
        direct
            .chain(entries)
            .map(|actor| Edit::replace(actor, actor_ids(source, actor, &[]))),
    );
    let activities = context_activities(context);
    edits.extend(activities.map(|node| Edit::replace(node, only(source, node, &["id"]))));
}

/// Iterates over the context's activities, whether single or in arrays.
pub(crate) fn context_activities<'n, 't>(
    context: &'n Node<'t>,
) -> impl Iterator<Item = &'n Node<'t>> {
    let activities = context.get("contextActivities");
    let relations = RELATIONS.iter().filter_map(move |key| activities?.get(key));
    relations.flat_map(|relation| match &relation.value {
        Value::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(relation),
    })
}

fn items<'n, 't>(list: Option<&'n Node<'t>>) -> &'n [Node<'t>] {
    match list.map(|node| &node.value) {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}

/// Returns an object with only some of its members, as they are written.
fn only(source: &str, node: &Node<'_>, keys: &[&str]) -> String {
    let members = node.members().unwrap_or_default().iter();
    let kept = members.filter(|member| keys.contains(&member.key.as_ref()));
    object_of(
        &kept
            .map(|member| member_text(source, member))
            .collect::<Vec<_>>(),
    )
}

/// Returns an agent's or group's identifier, or an anonymous group's members' identifiers.
fn actor_ids(source: &str, node: &Node<'_>, needed: &[&str]) -> String {
    if node.get("objectType").and_then(Node::as_str) != Some("Group") {
        return only(source, node, &[&IDENTIFIERS, needed].concat());
    }
    if IDENTIFIERS.iter().any(|key| node.get(key).is_some()) {
        return only(source, node, &[&IDENTIFIERS[..], &["objectType"]].concat());
    }
    let members: Vec<String> = items(node.get("member"))
        .iter()
        .map(|member| only(source, member, &IDENTIFIERS))
        .collect();
    format!(
        "{{\"objectType\":\"Group\",\"member\":[{}]}}",
        members.join(",")
    )
}

/// Returns a statement with the store's own activity definitions and one language in each map.
///
/// `definitions` gives the merged definition of an activity by its id, as JSON text. Extensions
/// are left alone. Faults mean that the text is no JSON.
pub fn canonical(
    text: &str,
    ranges: &[LanguageRange],
    definitions: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Faults> {
    validate(text, Family::V2, |_, root| {
        let canonical = Canonical {
            source: text,
            ranges,
            definitions,
        };
        let mut edits = Vec::new();
        canonical.statement(root, &mut edits);
        Some(applied(text, root.span.clone(), edits))
    })
}

/// The choices that a canonical rendering is made by.
struct Canonical<'a> {
    source: &'a str,
    ranges: &'a [LanguageRange],
    definitions: &'a dyn Fn(&str) -> Option<String>,
}

impl Canonical<'_> {
    fn statement(&self, node: &Node<'_>, edits: &mut Vec<Edit>) {
        edits.extend(
            node.get("verb")
                .and_then(|verb| self.map(self.source, verb, "display")),
        );
        for attachment in items(node.get("attachments")) {
            edits.extend(self.map(self.source, attachment, "display"));
            edits.extend(self.map(self.source, attachment, "description"));
        }
        if let Some(context) = node.get("context") {
            edits.extend(context_activities(context).filter_map(|node| self.activity(node)));
        }
        let Some(object) = node.get("object") else {
            return;
        };
        match object.get("objectType").and_then(Node::as_str) {
            None | Some("Activity") => edits.extend(self.activity(object)),
            Some("SubStatement") => self.statement(object, edits),
            Some(_) => {}
        }
    }

    fn activity(&self, node: &Node<'_>) -> Option<Edit> {
        let id = node.get("id")?.as_str()?;
        let sent = node
            .get("definition")
            .map(|definition| definition.text(self.source));
        let merged = (self.definitions)(id).map(Cow::Owned);
        let definition = self.definition(&merged.or(sent.map(Cow::Borrowed))?);
        let others = node
            .members()?
            .iter()
            .filter(|member| member.key != "definition");
        let mut members: Vec<String> = others
            .map(|member| member_text(self.source, member).to_owned())
            .collect();
        members.push(member_of("definition", &definition));
        Some(Edit::replace(node, object_of(&members)))
    }

    fn definition(&self, text: &str) -> String {
        let Ok(tree) = json::parse(text) else {
            return text.to_owned();
        };
        let mut edits: Vec<Edit> = Vec::new();
        edits.extend(self.map(text, &tree.root, "name"));
        edits.extend(self.map(text, &tree.root, "description"));
        for list in COMPONENT_LISTS.iter().filter_map(|key| tree.root.get(key)) {
            let components = items(Some(list)).iter();
            edits.extend(components.filter_map(|entry| self.map(text, entry, "description")));
        }
        applied(text, tree.root.span.clone(), edits)
    }

    /// Reduces the language map under a key to the one entry that fits best.
    fn map(&self, source: &str, node: &Node<'_>, key: &str) -> Option<Edit> {
        let map = node.get(key)?;
        let entries = map.members()?;
        let tags: Vec<&str> = entries.iter().map(|entry| entry.key.as_ref()).collect();
        let chosen = entries.get(lookup(self.ranges, &tags)?)?;
        Some(Edit::replace(
            map,
            object_of(&[member_text(source, chosen)]),
        ))
    }
}
