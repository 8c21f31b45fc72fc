//! `activities/profile`: what front ends keep about an activity.

use varde_core::documents::Subject;
use varde_xapi::Family;

use super::{Resource, activity};
use crate::error::ApiError;
use crate::extract::Known;

/// The activity profile resource.
pub(crate) struct ActivityProfile;

impl Resource for ActivityProfile {
    const ID: &'static str = "profileId";
    const WRITTEN: &'static [&'static str] = &["activityId", "profileId"];
    const READ: &'static [&'static str] = &["activityId", "profileId", "since"];
    const CLEARED: bool = false;

    fn subject(known: &Known, _: Family) -> Result<Subject, ApiError> {
        Ok(Subject::ActivityProfile {
            activity: activity(known)?,
        })
    }
}
