//! `agents/profile`: what front ends keep about an agent.

use varde_core::documents::Subject;
use varde_xapi::Family;

use super::{Resource, agent};
use crate::error::ApiError;
use crate::extract::Known;

/// The agent profile resource.
pub(crate) struct AgentProfile;

impl Resource for AgentProfile {
    const ID: &'static str = "profileId";
    const WRITTEN: &'static [&'static str] = &["agent", "profileId"];
    const READ: &'static [&'static str] = &["agent", "profileId", "since"];
    const CLEARED: bool = false;

    fn subject(known: &Known, family: Family) -> Result<Subject, ApiError> {
        Ok(Subject::AgentProfile {
            agent: agent(known, family)?,
        })
    }
}
