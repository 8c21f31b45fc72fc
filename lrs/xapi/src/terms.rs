//! What a statement can be found by (xAPI 1.0.3 Communication 2.1.3).

use crate::id::StatementId;
use crate::model::{Activity, Actor, Agent, Context, Group, Ifi, Object, Statement, SubStatement};
use crate::validate::VOIDED;

/// The filter that a term answers.
///
/// The related places hold only what the plain ones do not, so a related query reads both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// `verb`
    Verb,
    /// `agent`
    Agent,
    /// `agent` with `related_agents`, beyond [`Place::Agent`].
    RelatedAgent,
    /// `activity`
    Activity,
    /// `activity` with `related_activities`, beyond [`Place::Activity`].
    RelatedActivity,
    /// `registration`
    Registration,
}

/// One value that a statement is found by under a filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// The filter.
    pub place: Place,
    /// The IRI, the canonical identifier ([`Ifi::canonical`]) or the lower-case UUID.
    pub value: String,
}

/// Returns every term that a statement is found by, sorted, without repeats.
///
/// What a StatementRef inherits from its target is not included.
pub fn match_terms(statement: &Statement) -> Vec<Term> {
    let mut terms = Terms::default();
    terms.add(Place::Verb, statement.verb.id.as_str());
    terms.actor(Place::Agent, &statement.actor);
    terms.object(Place::Agent, Place::Activity, &statement.object);
    if let Some(authority) = &statement.authority {
        terms.actor(Place::RelatedAgent, authority);
    }
    if let Some(context) = &statement.context {
        terms.context(context);
        if let Some(registration) = context.registration {
            terms.add(Place::Registration, registration.to_string());
        }
    }
    if let Object::SubStatement(sub) = &statement.object {
        terms.sub_statement(sub);
    }
    terms.into_disjoint()
}

/// Returns the term value for an `agent` parameter; `None` for an anonymous group.
pub fn agent_value(actor: &Actor) -> Option<String> {
    actor.ifi().map(Ifi::canonical)
}

/// Returns the statement that this one refers to by its object.
pub fn refers_to(statement: &Statement) -> Option<StatementId> {
    match statement.object {
        Object::StatementRef(id) => Some(id),
        _ => None,
    }
}

/// Returns the statement that this one voids (xAPI 1.0.3 Data 2.3.2).
pub fn voids(statement: &Statement) -> Option<StatementId> {
    refers_to(statement).filter(|_| statement.verb.id.as_str() == VOIDED)
}

#[derive(Default)]
struct Terms(Vec<Term>);

impl Terms {
    fn add(&mut self, place: Place, value: impl Into<String>) {
        self.0.push(Term {
            place,
            value: value.into(),
        });
    }

    fn actor(&mut self, place: Place, actor: &Actor) {
        match actor {
            Actor::Agent(agent) => self.agent(place, agent),
            Actor::Group(group) => self.group(place, group),
        }
    }

    fn agent(&mut self, place: Place, agent: &Agent) {
        self.add(place, agent.ifi.canonical());
    }

    fn group(&mut self, place: Place, group: &Group) {
        if let Some(ifi) = &group.ifi {
            self.add(place, ifi.canonical());
        }
        for member in &group.members {
            self.agent(place, member);
        }
    }

    fn object(&mut self, agents: Place, activities: Place, object: &Object) {
        match object {
            Object::Activity(activity) => self.activity(activities, activity),
            Object::Agent(agent) => self.agent(agents, agent),
            Object::Group(group) => self.group(agents, group),
            Object::StatementRef(_) | Object::SubStatement(_) => {}
        }
    }

    fn activity(&mut self, place: Place, activity: &Activity) {
        self.add(place, activity.id.as_str());
    }

    fn context(&mut self, context: &Context) {
        if let Some(instructor) = &context.instructor {
            self.actor(Place::RelatedAgent, instructor);
        }
        if let Some(team) = &context.team {
            self.group(Place::RelatedAgent, team);
        }
        for entry in &context.context_agents {
            self.agent(Place::RelatedAgent, &entry.agent);
        }
        for entry in &context.context_groups {
            self.group(Place::RelatedAgent, &entry.group);
        }
        for activity in context.context_activities.iter() {
            self.activity(Place::RelatedActivity, activity);
        }
    }

    fn sub_statement(&mut self, sub: &SubStatement) {
        self.actor(Place::RelatedAgent, &sub.actor);
        self.object(Place::RelatedAgent, Place::RelatedActivity, &sub.object);
        if let Some(context) = &sub.context {
            self.context(context);
        }
    }

    /// Sorts the terms, and drops repeats and related ones that the plain place has already.
    fn into_disjoint(mut self) -> Vec<Term> {
        self.0.sort_unstable();
        self.0.dedup();
        let is_plain = |term: &Term| {
            let place = match term.place {
                Place::RelatedAgent => Place::Agent,
                Place::RelatedActivity => Place::Activity,
                _ => return false,
            };
            let wanted = (place, term.value.as_str());
            let of = |other: &Term| (other.place, other.value.as_str()).cmp(&wanted);
            self.0.binary_search_by(of).is_ok()
        };
        let plain: Vec<_> = self.0.iter().map(is_plain).collect();
        let mut plain = plain.into_iter();
        self.0.retain(|_| !plain.next().unwrap_or_default());
        self.0
    }
}
