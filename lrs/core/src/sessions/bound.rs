//! What a session token is for, and what that lets its bearer write and read.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use varde_xapi::{Object, Statement};

use crate::documents::Subject;
use crate::{Caller, Forbidden};

/// One learner in one activity, and one registration or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The learner's identifier, see [`varde_xapi::Ifi::canonical`].
    pub actor: String,
    /// The registration; `None` for what has none.
    pub registration: Option<Uuid>,
    /// The activity's IRI.
    pub activity: String,
}

impl Bound {
    /// Tells why a statement is none of the session's own, if it is none.
    ///
    /// A statement is about the activity where that is its object, or what its object is part of.
    fn foreign(&self, statement: &Statement) -> Option<&'static str> {
        let actor = statement.actor.ifi().map(varde_xapi::Ifi::canonical);
        if actor.as_deref() != Some(&*self.actor) {
            return Some("its statements have its own learner as the actor");
        }
        let context = statement.context.as_ref();
        if context.and_then(|context| context.registration) != self.registration {
            return Some("its statements have its own registration");
        }
        let object = match &statement.object {
            Object::Activity(activity) => Some(activity),
            _ => None,
        };
        let around = context.map(|context| &context.context_activities);
        let around = around.map(|around| around.parent.iter().chain(&around.grouping));
        let mut activities = object.into_iter().chain(around.into_iter().flatten());
        if activities.any(|activity| activity.id.as_str() == self.activity) {
            None
        } else {
            Some("its statements are about its own activity, or about parts of that")
        }
    }

    /// Tells whether a statement is one of the session's own.
    pub(crate) fn covers(&self, statement: &Statement) -> bool {
        self.foreign(statement).is_none()
    }
}

impl Caller {
    /// Checks that the caller may write a statement, as far as that depends on what it says.
    pub(crate) fn may_write(&self, statement: &Statement) -> Result<(), Forbidden> {
        let Some(bound) = &self.bound else {
            return Ok(());
        };
        if varde_xapi::voids(statement).is_some() {
            return Err(Forbidden::Session("it voids nothing"));
        }
        match bound.foreign(statement) {
            Some(why) => Err(Forbidden::Session(why)),
            None => Ok(()),
        }
    }

    /// Checks that documents are not those of others than the caller is for.
    pub(crate) fn may_reach(&self, subject: &Subject) -> Result<(), Forbidden> {
        let Some(bound) = &self.bound else {
            return Ok(());
        };
        let own = Subject::State {
            activity: bound.activity.clone(),
            agent: bound.actor.clone(),
            registration: bound.registration,
        };
        if *subject == own {
            Ok(())
        } else {
            let why = "it keeps the state of its own learner, activity and registration";
            Err(Forbidden::Session(why))
        }
    }

    /// Checks that an agent is not another one than the caller is for.
    pub(crate) fn may_ask_about(&self, agent: &varde_xapi::Ifi) -> Result<(), Forbidden> {
        match &self.bound {
            Some(bound) if bound.actor != agent.canonical() => {
                Err(Forbidden::Session("it asks about its own learner"))
            }
            _ => Ok(()),
        }
    }
}
