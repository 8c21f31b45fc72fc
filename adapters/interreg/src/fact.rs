//! What one statement says of persons: natural keys only.

use serde::{Deserialize, Serialize};
use varde_core::classes::{Class, classify, may_be};
use varde_core::ledger::{Fact, KnownFact, Witness};
use varde_core::people::IdentityId;
use varde_core::registers::NamedActivities;
use varde_core::registers::files::Organisation;
use varde_xapi::{Activity, Actor, Context, Ifi, Object, Statement};

use crate::deed;

/// The verb of a withdrawn badge or certificate.
const FORFEITED: &str = "https://w3id.org/xapi/tla/verbs/forfeited";

/// The classes in which a statement speaks of the completion of its object.
const COMPLETING: [Class; 4] = [
    Class::Undone,
    Class::Completed,
    Class::Satisfied,
    Class::Credential,
];

/// Tells whether a statement with this verb can begin a participation, say that somebody was there, or
/// speak of a completion.
pub(crate) fn wants(verb: &str, starting: &[Class]) -> bool {
    verb == FORFEITED
        || may_be(verb, starting)
        || may_be(verb, &COMPLETING)
        || may_be(verb, &[Class::Attended])
}

/// What a statement says of one person and some activities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    /// The id of the person's identifier.
    pub(crate) who: IdentityId,
    /// The object's IRI.
    pub(crate) object: String,
    /// The IRIs of `contextActivities.parent`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parents: Vec<String>,
    /// The IRIs of `contextActivities.grouping`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) groupings: Vec<String>,
    /// Whether it begins a participation.
    pub(crate) starts: bool,
    /// Whether it says that the person was there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) attended: bool,
    /// What it says of the completion of its object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) completion: Option<Completion>,
    /// The organisation that the person was there for, where `context.team` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) team: Option<String>,
}

/// What a statement says of the completion of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Completion {
    /// Completed or satisfied.
    Done,
    /// A credential was got.
    Credential,
    /// Said so, but `completion` or `success` is false.
    Denied,
    /// An earlier completion or credential is taken back.
    Undone,
}

/// What a fact tells.
pub(crate) trait Told: for<'de> Deserialize<'de> {
    /// Reads the body of a fact; `None` for one of another shape.
    fn of(fact: &KnownFact) -> Option<Self> {
        Self::deserialize(&fact.fact.body).ok()
    }

    /// Returns the activities that it names.
    fn named(&self) -> NamedActivities<'_>;
}

impl Told for Said {
    fn named(&self) -> NamedActivities<'_> {
        NamedActivities {
            object: Some(&self.object),
            parents: &self.parents,
            groupings: &self.groupings,
        }
    }
}

/// Returns the IRIs of activities.
pub(crate) fn iris(activities: &[Activity]) -> Vec<String> {
    let iris = activities.iter().map(|activity| activity.id.to_string());
    iris.collect()
}

/// Returns a fact for each person who acts in a statement about an activity that begins a
/// participation, says that somebody was there, or speaks of a completion.
pub(crate) fn facts(witness: &Witness<'_>, starting: &[Class]) -> Vec<Fact> {
    let statement = witness.statement;
    let Object::Activity(object) = &statement.object else {
        return Vec::new();
    };
    let classes = classify(statement);
    let starts = classes.iter().any(|class| starting.contains(class));
    let attended = classes.contains(&Class::Attended);
    let completion = completion(statement, &classes);
    if !starts && !attended && completion.is_none() {
        return Vec::new();
    }
    let context = statement.context.as_ref();
    let said = |who: &Ifi| Said {
        who: witness.identity(who),
        object: object.id.to_string(),
        parents: context.map_or_else(Vec::new, |c| iris(&c.context_activities.parent)),
        groupings: context.map_or_else(Vec::new, |c| iris(&c.context_activities.grouping)),
        starts,
        attended,
        completion,
        team: context
            .and_then(team)
            .map(|team| witness.organisation(&team)),
    };
    let persons = persons(&statement.actor).into_iter();
    persons
        .filter_map(|who| {
            Some(Fact {
                body: serde_json::to_value(said(who)).ok()?,
            })
        })
        .collect()
}

fn persons(actor: &Actor) -> Vec<&Ifi> {
    match actor {
        Actor::Agent(agent) => vec![&agent.ifi],
        Actor::Group(group) => group.members.iter().map(|member| &member.ifi).collect(),
    }
}

fn completion(statement: &Statement, classes: &[Class]) -> Option<Completion> {
    let is = |class| classes.contains(&class);
    let result = statement.result.as_ref();
    let denied = result.is_some_and(|r| r.completion == Some(false) || r.success == Some(false));
    match () {
        () if is(Class::Undone) || statement.verb.id.as_str() == FORFEITED => {
            Some(Completion::Undone)
        }
        () if is(Class::Completed) || is(Class::Satisfied) => Some(if denied {
            Completion::Denied
        } else {
            Completion::Done
        }),
        () if is(Class::Credential) => Some(Completion::Credential),
        () => None,
    }
}

/// The team as an organisation, where it is identified by an organisation number.
fn team(context: &Context) -> Option<Organisation> {
    deed::numbered(context.team.as_ref()?.ifi.as_ref()?)
}
