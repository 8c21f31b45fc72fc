//! What a statement is about (xAPI 1.0.3 Data 2.4.4).

use super::Check;
use crate::fault::Rule;
use crate::id::StatementId;
use crate::json::Node;
use crate::model::Object;

/// Whether a statement stands by itself or within another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// A statement.
    Top,
    /// A SubStatement.
    Sub,
}

impl<'t> Check<'t> {
    /// Reads the object of a statement, an activity where `objectType` is absent.
    pub(super) fn object_of(&mut self, node: &Node<'t>, level: Level) -> Option<Object> {
        match (self.object_type(node, "Activity")?, level) {
            ("Activity", _) => self.activity(node).map(Object::Activity),
            ("Agent", _) => self.agent(node).map(Object::Agent),
            ("Group", _) => self.group(node).map(Object::Group),
            ("StatementRef", _) => self.statement_ref(node).map(Object::StatementRef),
            ("SubStatement", Level::Top) => self
                .sub_statement(node)
                .map(Box::new)
                .map(Object::SubStatement),
            ("SubStatement", Level::Sub) => {
                self.fault(
                    node,
                    Rule::SubStatementNested,
                    "any object but a SubStatement",
                );
                None
            }
            _ => {
                let expected = "Activity, Agent, Group, StatementRef or SubStatement";
                self.object_type_fault(node, expected);
                None
            }
        }
    }

    pub(super) fn statement_ref(&mut self, node: &Node<'t>) -> Option<StatementId> {
        if self.object_type(node, "")? != "StatementRef" {
            self.object_type_fault(node, "an objectType of \"StatementRef\"");
            return None;
        }
        self.object(node, &["objectType", "id"])?;
        self.required(node, "id", Self::statement_id)
    }
}
