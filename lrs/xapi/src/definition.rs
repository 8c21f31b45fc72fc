//! An activity's definition as the sum of what its statements said (xAPI 1.0.3 Data 2.4.4.1).

use std::collections::{BTreeMap, BTreeSet};

use crate::edit::{member_of, member_text, object_of};
use crate::json::{self, Node, Value};

/// The members that belong to an interaction and change together.
const INTERACTION: [&str; 7] = [
    "interactionType",
    "correctResponsesPattern",
    "choices",
    "scale",
    "source",
    "target",
    "steps",
];

/// Merges a newer definition into the stored one; both are JSON objects as text.
///
/// Language maps are united, the newer text winning for a tag that both have; any other member of
/// the newer one replaces the stored. A newer `interactionType` brings its own interaction members
/// and ends the stored ones, but components of the same id keep descriptions in further languages.
/// A text that is no JSON object yields to the other.
pub fn merge(stored: Option<&str>, newer: &str) -> String {
    let Some(stored) = stored else {
        return newer.to_owned();
    };
    match (json::parse(stored), json::parse(newer)) {
        (Ok(old), Ok(new)) if old.root.members().is_some() && new.root.members().is_some() => {
            let old = Part {
                source: stored,
                node: &old.root,
            };
            old.merged(&Part {
                source: newer,
                node: &new.root,
            })
        }
        (Err(_), Ok(_)) => newer.to_owned(),
        _ => stored.to_owned(),
    }
}

/// A value with the text it is part of.
struct Part<'n, 't> {
    source: &'t str,
    node: &'n Node<'t>,
}

impl<'n, 't> Part<'n, 't> {
    fn get(&self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| Self {
            source: self.source,
            node,
        })
    }

    fn text(&self) -> &'t str {
        self.node.text(self.source)
    }

    fn items(&self) -> impl Iterator<Item = Self> + use<'_, 'n, 't> {
        let items: &'n [Node<'t>] = match &self.node.value {
            Value::Array(items) => items,
            _ => &[],
        };
        items.iter().map(|node| Self {
            source: self.source,
            node,
        })
    }

    fn merged(&self, newer: &Self) -> String {
        let retyped = newer.get("interactionType").is_some();
        let mut members = Vec::new();
        for old in self.node.members().unwrap_or_default() {
            let key = old.key.as_ref();
            match newer.get(key) {
                Some(new) => members.push(member_of(key, &merged_member(key, self, &new))),
                None if retyped && INTERACTION.contains(&key) => {}
                None => members.push(member_text(self.source, old).to_owned()),
            }
        }
        for new in newer.node.members().unwrap_or_default() {
            if self.node.get(&new.key).is_none() {
                members.push(member_text(newer.source, new).to_owned());
            }
        }
        object_of(&members)
    }

    /// Unites two language maps.
    fn united(&self, newer: &Self) -> String {
        let (Some(old), Some(new)) = (self.node.members(), newer.node.members()) else {
            return newer.text().to_owned();
        };
        let replaced: BTreeSet<String> = new
            .iter()
            .map(|entry| entry.key.to_ascii_lowercase())
            .collect();
        let kept = old
            .iter()
            .filter(|entry| !replaced.contains(&entry.key.to_ascii_lowercase()));
        let kept = kept.map(|entry| member_text(self.source, entry));
        let all: Vec<&str> = kept
            .chain(new.iter().map(|entry| member_text(newer.source, entry)))
            .collect();
        object_of(&all)
    }

    /// Returns the newer components, with descriptions of the stored ones of the same id.
    fn components(&self, newer: &Self) -> String {
        let stored: BTreeMap<_, _> = self
            .items()
            .filter_map(|old| Some((old.node.get("id")?.as_str()?, old)))
            .collect();
        let component = |new: Self| {
            let id = new.node.get("id").and_then(Node::as_str);
            match id.and_then(|id| stored.get(id)) {
                Some(old) => old.merged_component(&new),
                None => new.text().to_owned(),
            }
        };
        let components: Vec<String> = newer.items().map(component).collect();
        format!("[{}]", components.join(","))
    }

    fn merged_component(&self, newer: &Self) -> String {
        let id = newer.get("id").map(|id| member_of("id", id.text()));
        let description = match (self.get("description"), newer.get("description")) {
            (Some(old), Some(new)) => Some(old.united(&new)),
            (old, new) => old.or(new).map(|part| part.text().to_owned()),
        };
        let description = description.map(|text| member_of("description", &text));
        let members: Vec<String> = id.into_iter().chain(description).collect();
        object_of(&members)
    }
}

fn merged_member(key: &str, stored: &Part<'_, '_>, new: &Part<'_, '_>) -> String {
    match (key, stored.get(key)) {
        ("name" | "description", Some(old)) => old.united(new),
        ("choices" | "scale" | "source" | "target" | "steps", Some(old)) => old.components(new),
        _ => new.text().to_owned(),
    }
}
