//! Activities and their definitions (xAPI 1.0.3 Data 2.4.4.1).

use std::collections::BTreeSet;

use super::Check;
use crate::fault::Rule;
use crate::json::{Node, Value};
use crate::model::{
    Activity, ActivityDefinition, Interaction, InteractionComponent, InteractionType,
};

const DEFINITION: [&str; 12] = [
    "name",
    "description",
    "type",
    "moreInfo",
    "extensions",
    "interactionType",
    "correctResponsesPattern",
    "choices",
    "scale",
    "source",
    "target",
    "steps",
];
const LISTS: [&str; 5] = ["choices", "scale", "source", "target", "steps"];

impl<'t> Check<'t> {
    /// Reads an activity; `objectType` may be absent.
    pub(super) fn activity(&mut self, node: &Node<'t>) -> Option<Activity> {
        if self.object_type(node, "Activity")? != "Activity" {
            self.object_type_fault(node, "\"Activity\"");
            return None;
        }
        self.object(node, &["objectType", "id", "definition"])?;
        let id = self.required(node, "id", Self::iri);
        let definition = self
            .optional(node, "definition", Self::definition)
            .map(Box::new);
        Some(Activity {
            id: id?,
            definition,
        })
    }

    pub(crate) fn definition(&mut self, node: &Node<'t>) -> Option<ActivityDefinition> {
        self.object(node, &DEFINITION)?;
        Some(ActivityDefinition {
            name: self
                .optional(node, "name", Self::language_map)
                .unwrap_or_default(),
            description: self
                .optional(node, "description", Self::language_map)
                .unwrap_or_default(),
            activity_type: self.optional(node, "type", Self::iri),
            more_info: self.optional(node, "moreInfo", Self::iri),
            interaction: self.interaction(node),
            extensions: self
                .optional(node, "extensions", Self::extensions)
                .unwrap_or_default(),
        })
    }

    fn interaction(&mut self, node: &Node<'t>) -> Option<Interaction> {
        let patterns = self.optional(node, "correctResponsesPattern", |check, list| {
            check.array(list, Self::string)
        });
        let lists = LISTS.map(|key| {
            self.optional(node, key, Self::components)
                .unwrap_or_default()
        });
        let Some(named) = node.get("interactionType") else {
            self.fault_members_without_type(node);
            return None;
        };
        let interaction_type = self.interaction_type(named)?;
        self.fault_foreign_lists(node, interaction_type);
        let [choices, scale, source, target, steps] = lists;
        let correct_responses_pattern = patterns.unwrap_or_default();
        Some(Interaction {
            interaction_type,
            correct_responses_pattern,
            choices,
            scale,
            source,
            target,
            steps,
        })
    }

    fn interaction_type(&mut self, node: &Node<'t>) -> Option<InteractionType> {
        let expected = "true-false, choice, fill-in, long-fill-in, matching, performance, \
                        sequencing, likert, numeric or other";
        self.parsed(
            node,
            Rule::InteractionType,
            expected,
            InteractionType::parse,
        )
    }

    fn fault_members_without_type(&mut self, node: &Node<'t>) {
        let keys = LISTS.iter().chain(&["correctResponsesPattern"]);
        if keys.into_iter().any(|key| node.get(key).is_some()) {
            self.fault(
                node,
                Rule::InteractionTypeRequired,
                "a member \"interactionType\"",
            );
        }
    }

    fn fault_foreign_lists(&mut self, node: &Node<'t>, interaction_type: InteractionType) {
        let admitted = interaction_type.lists();
        let foreign = LISTS.iter().filter(|key| !admitted.contains(key));
        for list in foreign.filter_map(|key| node.get(key)) {
            let expected = match admitted {
                [] => "no component list with this interactionType".to_owned(),
                lists => format!("only {} with this interactionType", lists.join(" and ")),
            };
            self.fault(list, Rule::InteractionList, expected);
        }
    }

    fn components(&mut self, node: &Node<'t>) -> Option<Vec<InteractionComponent>> {
        let components = self.array(node, Self::component);
        self.fault_repeated_ids(node);
        components
    }

    fn component(&mut self, node: &Node<'t>) -> Option<InteractionComponent> {
        self.object(node, &["id", "description"])?;
        let id = self.required(node, "id", Self::string);
        let description = self.optional(node, "description", Self::language_map);
        Some(InteractionComponent {
            id: id?,
            description: description.unwrap_or_default(),
        })
    }

    fn fault_repeated_ids(&mut self, list: &Node<'t>) {
        let Value::Array(items) = &list.value else {
            return;
        };
        let mut seen = BTreeSet::new();
        for id in items.iter().filter_map(|item| item.get("id")) {
            if id.as_str().is_some_and(|text| !seen.insert(text)) {
                self.fault(
                    id,
                    Rule::InteractionIds,
                    "an id that no other component of the list has",
                );
            }
        }
    }
}
