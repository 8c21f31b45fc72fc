//! The activities that a statement names, with what it says of each.

use crate::format::context_activities;
use crate::json::{self, Node};

/// An activity's id and, as JSON text, the definition that a statement gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The activity's IRI.
    pub activity: String,
    /// The definition as the statement has it.
    pub definition: String,
}

/// Returns each definition that a statement gives an activity, wherever the activity stands: as
/// object, in the context, or in a sub-statement (xAPI 1.0.3 Data 2.4.4.1). A text that is no
/// JSON object mentions nothing.
pub fn mentions(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    if let Ok(tree) = json::parse(text) {
        of_statement(text, &tree.root, &mut found);
    }
    found
}

fn of_statement(source: &str, statement: &Node<'_>, found: &mut Vec<Mention>) {
    if let Some(object) = statement.get("object") {
        match object.get("objectType").and_then(Node::as_str) {
            None | Some("Activity") => found.extend(mention(source, object)),
            Some("SubStatement") => of_statement(source, object, found),
            Some(_) => {}
        }
    }
    if let Some(context) = statement.get("context") {
        found.extend(context_activities(context).filter_map(|node| mention(source, node)));
    }
}

fn mention(source: &str, activity: &Node<'_>) -> Option<Mention> {
    Some(Mention {
        activity: activity.get("id")?.as_str()?.to_owned(),
        definition: activity.get("definition")?.text(source).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found_as_object_in_the_context_and_in_a_sub_statement() {
        let text = r#"{
            "object": {
                "objectType": "SubStatement",
                "object": { "id": "https://example.org/a", "definition": { "name": {} } },
                "context": { "contextActivities": {
                    "parent": { "id": "https://example.org/b", "definition": {"type":"t:1.0"} }
                } }
            },
            "context": { "contextActivities": {
                "category": [{ "id": "https://example.org/c" }],
                "grouping": [{ "id": "https://example.org/d", "definition": {} }]
            } }
        }"#;
        let found: Vec<_> = mentions(text)
            .into_iter()
            .map(|found| (found.activity, found.definition))
            .collect();
        let expected = [
            ("https://example.org/a", r#"{ "name": {} }"#),
            ("https://example.org/b", r#"{"type":"t:1.0"}"#),
            ("https://example.org/d", "{}"),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(id, text)| ((*id).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_agent_as_object_is_no_activity() {
        let agent = r#"{"object":{"objectType":"Agent","id":"x:1","definition":{}}}"#;
        assert_eq!(mentions(agent), []);
        assert_eq!(mentions("no JSON"), []);
    }
}
