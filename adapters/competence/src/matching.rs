//! `match`: which statements a rule looks at.

use varde_core::classes::{Class, classify, may_be};
use varde_xapi::{Activity, Actor, Ifi, Statement};

use crate::condition::Condition;
use crate::fact::activity;

/// The conditions of a rule: all must hold, and of each list one; an empty list asks nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Match {
    pub(crate) classes: Vec<Class>,
    pub(crate) verbs: Vec<String>,
    pub(crate) objects: Vec<String>,
    pub(crate) object_types: Vec<String>,
    pub(crate) within: Vec<String>,
    pub(crate) authorities: Vec<String>,
    pub(crate) conditions: Vec<Condition>,
}

impl Match {
    /// Tells whether the rule can look at a statement with this verb.
    pub(crate) fn wants(&self, verb: &str) -> bool {
        let any_verb = self.verbs.is_empty() || self.verbs.iter().any(|known| known == verb);
        any_verb && (self.classes.is_empty() || may_be(verb, &self.classes))
    }

    /// Tells whether the rule looks at a statement.
    pub(crate) fn holds(&self, statement: &Statement) -> bool {
        self.holds_of_act(statement)
            && self.holds_of_object(statement)
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(statement))
    }

    /// Tells whether a statement takes back a completion that the rule looks at. Its verb and
    /// result are its own; object and authority must be those of the rule.
    pub(crate) fn is_undone_by(&self, statement: &Statement) -> bool {
        classify(statement).contains(&Class::Undone) && self.holds_of_object(statement)
    }

    fn holds_of_act(&self, statement: &Statement) -> bool {
        let verb = statement.verb.id.as_str();
        let any_verb = self.verbs.is_empty() || self.verbs.iter().any(|known| known == verb);
        let any_class = || {
            self.classes.is_empty()
                || classify(statement)
                    .iter()
                    .any(|class| self.classes.contains(class))
        };
        any_verb && any_class()
    }

    fn holds_of_object(&self, statement: &Statement) -> bool {
        let object = activity(statement);
        one_of(&self.objects, object.map(|object| object.id.as_str()))
            && one_of(&self.object_types, object.and_then(activity_type))
            && one_of(&self.within, around(statement))
            && self.is_vouched_for(statement)
    }

    /// Tells whether the authority is one whom the rule believes.
    pub(crate) fn is_vouched_for(&self, statement: &Statement) -> bool {
        let of_agent = |known: &String, ifi: &Ifi| match ifi {
            Ifi::Account { home_page, .. } => home_page.as_str() == known,
            Ifi::Mbox(_) => ifi.canonical() == Ifi::Mbox(known.clone()).canonical(),
            Ifi::MboxSha1Sum(text) | Ifi::OpenId(text) => text == known,
        };
        let vouching = identifiers(statement.authority.as_ref());
        self.authorities.is_empty()
            || self
                .authorities
                .iter()
                .any(|known| vouching.iter().any(|ifi| of_agent(known, ifi)))
    }
}

fn activity_type(activity: &Activity) -> Option<&str> {
    Some(
        activity
            .definition
            .as_ref()?
            .activity_type
            .as_ref()?
            .as_str(),
    )
}

/// Returns the ids of the activities that the object is part of.
fn around(statement: &Statement) -> impl Iterator<Item = &str> {
    let context = statement.context.iter();
    context.flat_map(|context| {
        let around = &context.context_activities;
        around
            .parent
            .iter()
            .chain(&around.grouping)
            .map(|activity| activity.id.as_str())
    })
}

/// Returns the identifiers of an authority: one, or those of the application and its user.
fn identifiers(authority: Option<&Actor>) -> Vec<&Ifi> {
    let members = authority
        .into_iter()
        .flat_map(Actor::members)
        .map(|member| &member.ifi);
    authority
        .and_then(Actor::ifi)
        .into_iter()
        .chain(members)
        .collect()
}

fn one_of<'a>(wanted: &[String], found: impl IntoIterator<Item = &'a str>) -> bool {
    wanted.is_empty()
        || found
            .into_iter()
            .any(|found| wanted.iter().any(|w| w == found))
}
