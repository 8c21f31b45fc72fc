//! Statements and `SubStatements` as a whole (xAPI 1.0.3 Data 2.4).

use super::Check;
use super::object::Level;
use crate::fault::Rule;
use crate::json::Node;
use crate::model::{Context, Statement, SubStatement, Verb};
use crate::time::Stored;

const STATEMENT: [&str; 11] = [
    "id",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "stored",
    "authority",
    "version",
    "attachments",
];
const SUB_STATEMENT: [&str; 8] = [
    "objectType",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "attachments",
];
const TOP_ONLY: [&str; 4] = ["id", "stored", "version", "authority"];

/// The verb of voiding statements (xAPI 1.0.3 Data 2.3.2).
pub(crate) const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

impl<'t> Check<'t> {
    pub(crate) fn statement(&mut self, node: &Node<'t>) -> Option<Statement> {
        self.object(node, &STATEMENT)?;
        let id = self.optional(node, "id", Self::statement_id);
        let stored = self.optional(node, "stored", Self::timestamp);
        let authority = self.optional(node, "authority", Self::authority);
        let version = self.optional(node, "version", Self::version);
        let told = self.told(node, Level::Top)?;
        Some(Statement {
            id,
            actor: told.actor,
            verb: told.verb,
            object: told.object,
            result: told.result,
            context: told.context,
            timestamp: told.timestamp,
            stored: stored.as_ref().map(Stored::from),
            authority,
            version,
            attachments: told.attachments,
        })
    }

    pub(super) fn sub_statement(&mut self, node: &Node<'t>) -> Option<SubStatement> {
        for member in node.members().unwrap_or_default() {
            let key = member.key.as_ref();
            if TOP_ONLY.contains(&key) {
                let expected = "no id, stored, version or authority";
                self.fault_of_key(member, Rule::SubStatementMember, expected);
            } else if !SUB_STATEMENT.contains(&key) {
                let expected = format!("only {}", SUB_STATEMENT.join(", "));
                self.fault_of_key(member, Rule::UnknownProperty, expected);
            }
        }
        self.told(node, Level::Sub)
    }

    /// Reads what statements and `SubStatements` have in common.
    fn told(&mut self, node: &Node<'t>, level: Level) -> Option<SubStatement> {
        let actor = self.required(node, "actor", Self::actor);
        let verb = self.required(node, "verb", Self::verb);
        let object = self.required(node, "object", |check, inner| check.object_of(inner, level));
        let result = self.optional(node, "result", Self::result);
        let context = self.context_of(node);
        let timestamp = self.optional(node, "timestamp", Self::timestamp);
        let attachments = self.optional(node, "attachments", Self::attachments);
        self.fault_voided_object(node, verb.as_ref());
        Some(SubStatement {
            actor: actor?,
            verb: verb?,
            object: object?,
            result,
            context,
            timestamp,
            attachments: attachments.unwrap_or_default(),
        })
    }

    fn verb(&mut self, node: &Node<'t>) -> Option<Verb> {
        self.object(node, &["id", "display"])?;
        let id = self.required(node, "id", Self::iri);
        let display = self.optional(node, "display", Self::language_map);
        Some(Verb {
            id: id?,
            display: display.unwrap_or_default(),
        })
    }

    fn context_of(&mut self, node: &Node<'t>) -> Option<Context> {
        let of_activity = matches!(object_kind(node), None | Some("Activity"));
        self.optional(node, "context", |check, inner| {
            check.context(inner, of_activity)
        })
    }

    fn fault_voided_object(&mut self, node: &Node<'t>, verb: Option<&Verb>) {
        let voided = verb.is_some_and(|verb| verb.id.as_str() == VOIDED);
        if let Some(object) = node.get("object")
            && voided
            && object_kind(node) != Some("StatementRef")
        {
            self.fault(object, Rule::VoidedObject, "an object of type StatementRef");
        }
    }

    fn version(&mut self, node: &Node<'t>) -> Option<String> {
        let family = self.family;
        let parse = |text: &str| {
            family
                .admits_statement_version(text)
                .then(|| text.to_owned())
        };
        let expected = match family {
            crate::Family::V1 => "1.0 or 1.0.x",
            crate::Family::V2 => "1.0, 1.0.x, 2.0 or 2.0.x",
        };
        self.parsed(node, Rule::StatementVersion, expected, parse)
    }
}

fn object_kind<'n>(statement: &'n Node<'_>) -> Option<&'n str> {
    statement.get("object")?.get("objectType")?.as_str()
}
