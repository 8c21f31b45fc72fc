//! The plain values of the standard: texts, numbers, identifiers, maps (xAPI 1.0.3 Data 4).

use uuid::Uuid;

use super::Check;
use crate::duration::Duration;
use crate::family::Family;
use crate::fault::Rule;
use crate::id::{StatementId, parse_uuid};
use crate::iri::Iri;
use crate::json::{Member, Node, Value};
use crate::language::{LanguageMap, LanguageTag};
use crate::model::Extensions;
use crate::number::Number;
use crate::time::{Timestamp, TimestampError};

impl<'t> Check<'t> {
    /// Reads an optional member.
    pub(super) fn optional<T>(
        &mut self,
        object: &Node<'t>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node<'t>) -> Option<T>,
    ) -> Option<T> {
        object.get(key).and_then(|node| read(self, node))
    }

    /// Reads a member that must be there.
    pub(super) fn required<T>(
        &mut self,
        object: &Node<'t>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node<'t>) -> Option<T>,
    ) -> Option<T> {
        if let Some(node) = object.get(key) {
            return read(self, node);
        }
        self.fault(object, Rule::MissingProperty, format!("a member \"{key}\""));
        None
    }

    /// Takes an object and faults members whose names are not among the known ones.
    pub(super) fn object<'n>(
        &mut self,
        node: &'n Node<'t>,
        known: &[&str],
    ) -> Option<&'n [Member<'t>]> {
        let Some(members) = node.members() else {
            self.wrong_type(node, Rule::ObjectType, "an object");
            return None;
        };
        for member in members {
            if !known.contains(&member.key.as_ref()) {
                let expected = format!("only {}", known.join(", "));
                self.fault_of_key(member, Rule::UnknownProperty, expected);
            }
        }
        Some(members)
    }

    fn any_object<'n>(&mut self, node: &'n Node<'t>, rule: Rule) -> Option<&'n [Member<'t>]> {
        if node.members().is_none() {
            self.wrong_type(node, rule, "an object");
        }
        node.members()
    }

    /// Reads each item of an array; `None` when it is no array or an item is at fault.
    pub(super) fn array<T>(
        &mut self,
        node: &Node<'t>,
        mut read: impl FnMut(&mut Self, &Node<'t>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(items) = &node.value else {
            self.wrong_type(node, Rule::ArrayType, "an array");
            return None;
        };
        // Every item is read before any is missed, so that all faults are noted.
        let read: Vec<Option<T>> = items.iter().map(|item| read(self, item)).collect();
        read.into_iter().collect()
    }

    /// Notes a value of the wrong kind; null has a rule of its own.
    pub(super) fn wrong_type(&mut self, node: &Node<'t>, rule: Rule, expected: &'static str) {
        let null = matches!(node.value, Value::Null);
        self.fault(node, if null { Rule::NoNull } else { rule }, expected);
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node<'t>) -> Option<&'n str> {
        if node.as_str().is_none() {
            self.wrong_type(node, Rule::StringType, "a string");
        }
        node.as_str()
    }

    pub(super) fn string(&mut self, node: &Node<'t>) -> Option<String> {
        self.text(node).map(str::to_owned)
    }

    pub(super) fn boolean(&mut self, node: &Node<'t>) -> Option<bool> {
        if let Value::Boolean(value) = node.value {
            return Some(value);
        }
        self.wrong_type(node, Rule::BooleanType, "true or false");
        None
    }

    pub(super) fn number(&mut self, node: &Node<'t>) -> Option<Number> {
        if let Value::Number(text) = node.value {
            return Number::parse(text);
        }
        self.wrong_type(node, Rule::NumberType, "a number");
        None
    }

    /// Reads a string by a parser, noting a fault of the given rule when it refuses.
    pub(super) fn parsed<T>(
        &mut self,
        node: &Node<'t>,
        rule: Rule,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(node)?;
        let parsed = parse(text);
        if parsed.is_none() {
            self.fault(node, rule, expected);
        }
        parsed
    }

    pub(super) fn uuid(&mut self, node: &Node<'t>) -> Option<Uuid> {
        let expected = "a UUID such as 6690e6c9-3ef0-4ed3-8b37-7f3964730bee";
        self.parsed(node, Rule::Uuid, expected, parse_uuid)
    }

    pub(super) fn statement_id(&mut self, node: &Node<'t>) -> Option<StatementId> {
        self.uuid(node).map(StatementId)
    }

    pub(super) fn iri(&mut self, node: &Node<'t>) -> Option<Iri> {
        self.parsed(node, Rule::Iri, "an absolute IRI with a scheme", |text| {
            Iri::parse(text)
        })
    }

    pub(super) fn language_tag(&mut self, node: &Node<'t>) -> Option<LanguageTag> {
        let expected = "a language tag such as nb-NO";
        self.parsed(node, Rule::LanguageTag, expected, |text| {
            LanguageTag::parse(text)
        })
    }

    pub(super) fn duration(&mut self, node: &Node<'t>) -> Option<Duration> {
        let expected = "an ISO 8601 duration such as PT1H30M or P2W";
        self.parsed(node, Rule::Duration, expected, Duration::parse)
    }

    pub(super) fn timestamp(&mut self, node: &Node<'t>) -> Option<Timestamp> {
        let read = Timestamp::parse_in(self.text(node)?, self.family);
        if let Err(error) = read {
            let (rule, expected) = timestamp_rule(error, self.family);
            self.fault(node, rule, expected);
        }
        read.ok()
    }

    pub(super) fn language_map(&mut self, node: &Node<'t>) -> Option<LanguageMap> {
        let members = self.any_object(node, Rule::ObjectType)?;
        let entries: Vec<_> = members
            .iter()
            .map(|member| self.language_entry(member))
            .collect();
        entries
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(LanguageMap)
    }

    fn language_entry(&mut self, member: &Member<'t>) -> Option<(LanguageTag, String)> {
        let tag = LanguageTag::parse(member.key.as_ref());
        if tag.is_none() {
            self.fault_of_key(member, Rule::LanguageTag, "a language tag such as nb-NO");
        }
        let text = self.string(&member.node);
        Some((tag?, text?))
    }

    pub(super) fn extensions(&mut self, node: &Node<'t>) -> Option<Extensions> {
        let members = self.any_object(node, Rule::Extensions)?;
        let entries: Vec<_> = members
            .iter()
            .map(|member| self.extension(member))
            .collect();
        entries
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(Extensions)
    }

    fn extension(&mut self, member: &Member<'t>) -> Option<(Iri, String)> {
        let key = Iri::parse(member.key.as_ref());
        if key.is_none() {
            self.fault_of_key(member, Rule::Extensions, "an absolute IRI as the key");
        }
        Some((key?, member.node.text(self.source).to_owned()))
    }
}

fn timestamp_rule(error: TimestampError, family: Family) -> (Rule, &'static str) {
    let example = "a date and time such as 2026-11-23T19:30:00.000Z";
    match (error, family) {
        (TimestampError::Form, _) => (Rule::Timestamp, example),
        (TimestampError::Range, _) => (Rule::Timestamp, "a date and time that exists"),
        (TimestampError::Zone, Family::V1) => {
            (Rule::TimestampZone, "Z, +hh:mm or -hh:mm, not -00:00")
        }
        (TimestampError::Zone, Family::V2) => (
            Rule::TimestampZone,
            "Z, +hh:mm or -hh:mm at the end, not -00:00",
        ),
    }
}
