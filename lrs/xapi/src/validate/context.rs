//! The circumstances of a statement (xAPI 1.0.3 Data 2.4.6).

use super::Check;
use crate::family::Family;
use crate::fault::Rule;
use crate::iri::Iri;
use crate::json::{Node, Value};
use crate::model::{Activity, Context, ContextActivities, ContextAgent, ContextGroup, Group};

const CONTEXT: [&str; 9] = [
    "registration",
    "instructor",
    "team",
    "contextActivities",
    "revision",
    "platform",
    "language",
    "statement",
    "extensions",
];
const CONTEXT_V2: [&str; 11] = [
    "registration",
    "instructor",
    "team",
    "contextActivities",
    "contextAgents",
    "contextGroups",
    "revision",
    "platform",
    "language",
    "statement",
    "extensions",
];

/// The four relations of context activities, as they are named.
pub(crate) const RELATIONS: [&str; 4] = ["parent", "grouping", "category", "other"];

impl<'t> Check<'t> {
    /// Reads a context; `of_activity` tells whether the statement's object is an activity.
    pub(super) fn context(&mut self, node: &Node<'t>, of_activity: bool) -> Option<Context> {
        let known: &[&str] = if self.family == Family::V1 {
            &CONTEXT
        } else {
            &CONTEXT_V2
        };
        self.object(node, known)?;
        if !of_activity {
            self.fault_activity_members(node);
        }
        let activities = self.optional(node, "contextActivities", Self::context_activities);
        Some(Context {
            registration: self.optional(node, "registration", Self::uuid),
            instructor: self.optional(node, "instructor", Self::actor),
            team: self.optional(node, "team", Self::team),
            context_activities: activities.unwrap_or_default(),
            context_agents: self.context_agents(node),
            context_groups: self.context_groups(node),
            revision: self.optional(node, "revision", Self::string),
            platform: self.optional(node, "platform", Self::string),
            language: self.optional(node, "language", Self::language_tag),
            statement: self.optional(node, "statement", Self::statement_ref),
            extensions: self
                .optional(node, "extensions", Self::extensions)
                .unwrap_or_default(),
        })
    }

    fn fault_activity_members(&mut self, node: &Node<'t>) {
        for member in node.members().unwrap_or_default() {
            if matches!(member.key.as_ref(), "revision" | "platform") {
                let expected = "no such member, since the object is not an activity";
                self.fault_of_key(member, Rule::ActivityOnly, expected);
            }
        }
    }

    fn team(&mut self, node: &Node<'t>) -> Option<Group> {
        if self.object_type(node, "Agent")? != "Group" {
            self.fault(node, Rule::Team, "a group, with an objectType of \"Group\"");
            return None;
        }
        self.group(node)
    }

    fn context_activities(&mut self, node: &Node<'t>) -> Option<ContextActivities> {
        self.object(node, &RELATIONS)?;
        let [parent, grouping, category, other] = RELATIONS.map(|key| {
            self.optional(node, key, Self::one_or_more_activities)
                .unwrap_or_default()
        });
        Some(ContextActivities {
            parent,
            grouping,
            category,
            other,
        })
    }

    fn one_or_more_activities(&mut self, node: &Node<'t>) -> Option<Vec<Activity>> {
        match &node.value {
            Value::Array(_) => self.array(node, Self::activity),
            _ => self.activity(node).map(|activity| vec![activity]),
        }
    }

    fn context_agents(&mut self, node: &Node<'t>) -> Vec<ContextAgent> {
        let read = |check: &mut Self, list: &Node<'t>| check.array(list, Self::context_agent);
        self.optional(node, "contextAgents", read)
            .unwrap_or_default()
    }

    fn context_groups(&mut self, node: &Node<'t>) -> Vec<ContextGroup> {
        let read = |check: &mut Self, list: &Node<'t>| check.array(list, Self::context_group);
        self.optional(node, "contextGroups", read)
            .unwrap_or_default()
    }

    fn context_agent(&mut self, node: &Node<'t>) -> Option<ContextAgent> {
        if self.object_type(node, "")? != "contextAgent" {
            self.object_type_fault(node, "an objectType of \"contextAgent\"");
        }
        self.object(node, &["objectType", "agent", "relevantTypes"])?;
        let agent = self.required(node, "agent", Self::agent);
        let relevant_types = self.relevant_types(node);
        Some(ContextAgent {
            agent: agent?,
            relevant_types,
        })
    }

    fn context_group(&mut self, node: &Node<'t>) -> Option<ContextGroup> {
        if self.object_type(node, "")? != "contextGroup" {
            self.object_type_fault(node, "an objectType of \"contextGroup\"");
        }
        self.object(node, &["objectType", "group", "relevantTypes"])?;
        let group = self.required(node, "group", Self::group);
        let relevant_types = self.relevant_types(node);
        Some(ContextGroup {
            group: group?,
            relevant_types,
        })
    }

    fn relevant_types(&mut self, node: &Node<'t>) -> Vec<Iri> {
        let read = |check: &mut Self, list: &Node<'t>| {
            if matches!(&list.value, Value::Array(items) if items.is_empty()) {
                check.fault(list, Rule::RelevantTypes, "at least one IRI");
            }
            check.array(list, Self::iri)
        };
        self.optional(node, "relevantTypes", read)
            .unwrap_or_default()
    }
}
