//! How an indicator set groups its facts.

use std::fmt;

use varde_core::ledger::Group;

use crate::counting_rule::Family;

/// Groups of this stage are conditions that several keys share: since when something is joint.
pub(crate) const JOINT_STAGE: u8 = 1;
/// Groups of this stage hold keys, with an entry for each indicator.
pub(crate) const KEY_STAGE: u8 = 2;

/// The key of a group. Neither IRIs nor the ids of persons and organisations hold a `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupKey<'a> {
    /// Since when an activity is joint.
    Joint(&'a str),
    /// Since when organisations of two countries are in the partnership.
    Partnership,
    /// A person whose statements name several schemes at one distance, by the first of them.
    Ambiguous(&'a str, &'a str),
    /// A person in a scheme: scheme, person.
    Scheme(&'a str, &'a str),
    /// A person whose statements name several joint actions at one distance, by the first of them.
    AmbiguousAction(&'a str, &'a str),
    /// A person in a joint action: action, person.
    Action(&'a str, &'a str),
    /// A person.
    Participant(&'a str),
    /// An enterprise that is supported.
    Enterprise(&'a str),
    /// Something that organisations develop and adopt.
    Object(&'a str),
    /// An organisation in the partnership.
    Partner(&'a str),
    /// An event.
    Event(&'a str),
}

const JOINT: &str = "joint";
const PARTNERSHIP: &str = "partnership";
const AMBIGUOUS: &str = "ambiguous";
const SCHEME: &str = "key";
const AMBIGUOUS_ACTION: &str = "ambiguous-action";
const ACTION: &str = "action";
const PARTICIPANT: &str = "participant";
const ENTERPRISE: &str = "enterprise";
const OBJECT: &str = "object";
const PARTNER: &str = "partner";
const EVENT: &str = "event";

impl<'a> GroupKey<'a> {
    /// Reads a group's key.
    pub(crate) fn parse(key: &'a str) -> Option<Self> {
        let mut parts = key.splitn(3, '|');
        Some(match (parts.next()?, parts.next()?, parts.next()) {
            (JOINT, activity, None) => Self::Joint(activity),
            (PARTNERSHIP, "", None) => Self::Partnership,
            (AMBIGUOUS, scheme, Some(person)) => Self::Ambiguous(scheme, person),
            (SCHEME, scheme, Some(person)) => Self::Scheme(scheme, person),
            (AMBIGUOUS_ACTION, action, Some(person)) => Self::AmbiguousAction(action, person),
            (ACTION, action, Some(person)) => Self::Action(action, person),
            (PARTICIPANT, person, None) => Self::Participant(person),
            (ENTERPRISE, organisation, None) => Self::Enterprise(organisation),
            (OBJECT, iri, None) => Self::Object(iri),
            (PARTNER, organisation, None) => Self::Partner(organisation),
            (EVENT, iri, None) => Self::Event(iri),
            _ => return None,
        })
    }

    /// Returns the group.
    pub(crate) fn group(self) -> Group {
        let stage = match self {
            Self::Joint(_) | Self::Partnership => JOINT_STAGE,
            _ => KEY_STAGE,
        };
        Group {
            stage,
            key: self.to_string(),
        }
    }

    /// Returns the person whose key it is, if it is a person's.
    pub(crate) fn person(self) -> Option<&'a str> {
        match self {
            Self::Ambiguous(_, person)
            | Self::Scheme(_, person)
            | Self::AmbiguousAction(_, person)
            | Self::Action(_, person)
            | Self::Participant(person) => Some(person),
            Self::Joint(_)
            | Self::Partnership
            | Self::Enterprise(_)
            | Self::Object(_)
            | Self::Partner(_)
            | Self::Event(_) => None,
        }
    }

    fn parts(self) -> (&'static str, &'a str, Option<&'a str>) {
        match self {
            Self::Joint(activity) => (JOINT, activity, None),
            Self::Partnership => (PARTNERSHIP, "", None),
            Self::Ambiguous(scheme, person) => (AMBIGUOUS, scheme, Some(person)),
            Self::Scheme(scheme, person) => (SCHEME, scheme, Some(person)),
            Self::AmbiguousAction(action, person) => (AMBIGUOUS_ACTION, action, Some(person)),
            Self::Action(action, person) => (ACTION, action, Some(person)),
            Self::Participant(person) => (PARTICIPANT, person, None),
            Self::Enterprise(organisation) => (ENTERPRISE, organisation, None),
            Self::Object(iri) => (OBJECT, iri, None),
            Self::Partner(organisation) => (PARTNER, organisation, None),
            Self::Event(iri) => (EVENT, iri, None),
        }
    }
}

impl fmt::Display for GroupKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (kind, first, None) => write!(f, "{kind}|{first}"),
            (kind, first, Some(second)) => write!(f, "{kind}|{first}|{second}"),
        }
    }
}

impl Family {
    /// Returns the beginnings of the groups that hold the keys of its rules, and what is left out.
    pub(crate) fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Scheme => &["key|", "ambiguous|"],
            Self::Action => &["action|", "ambiguous-action|"],
            Self::Participant => &["participant|"],
            Self::Enterprise => &["enterprise|"],
            Self::Object => &["object|"],
            Self::Partner => &["partner|"],
            Self::Event => &["event|"],
            Self::Elsewhere => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let (iri, person) = ("https://example.org/a", "3f0c");
        let keys = [
            GroupKey::Joint(iri),
            GroupKey::Partnership,
            GroupKey::Ambiguous(iri, person),
            GroupKey::Scheme(iri, person),
            GroupKey::AmbiguousAction(iri, person),
            GroupKey::Action(iri, person),
            GroupKey::Participant(person),
            GroupKey::Enterprise("NO-100000016"),
            GroupKey::Object(iri),
            GroupKey::Partner("NO-100000016"),
            GroupKey::Event(iri),
        ];
        let families = [
            Family::Scheme,
            Family::Action,
            Family::Participant,
            Family::Enterprise,
            Family::Object,
            Family::Partner,
            Family::Event,
        ];
        for key in keys {
            let text = key.to_string();
            assert_eq!(GroupKey::parse(&text), Some(key), "{text}");
            let of = families
                .iter()
                .filter(|family| family.prefixes().iter().any(|p| text.starts_with(p)));
            assert_eq!(
                of.count(),
                usize::from(key.group().stage == KEY_STAGE),
                "{text}"
            );
        }
    }
}
