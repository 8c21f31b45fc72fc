//! `activities/state`: what a front end remembers of one learner in one activity.

use varde_core::documents::Subject;
use varde_xapi::{Family, Fault, parameter};

use super::{Resource, activity, agent};
use crate::error::ApiError;
use crate::extract::Known;

/// The state resource. A request without a registration means the documents that have none.
pub(crate) struct AgentState;

impl Resource for AgentState {
    const ID: &'static str = "stateId";
    const WRITTEN: &'static [&'static str] = &["activityId", "agent", "registration", "stateId"];
    const READ: &'static [&'static str] =
        &["activityId", "agent", "registration", "stateId", "since"];
    const CLEARED: bool = true;

    fn subject(known: &Known, family: Family) -> Result<Subject, ApiError> {
        Ok(Subject::State {
            activity: activity(known)?,
            agent: agent(known, family)?,
            registration: known.read::<_, Fault>("registration", parameter::uuid)?,
        })
    }
}
