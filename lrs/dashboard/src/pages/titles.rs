//! Activities by the names that statements give them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use varde_core::Need;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App};

use super::statements::named;
use crate::visit::Visit;

/// Names for IRIs; one that nobody named stands for itself.
#[derive(Debug, Default)]
pub(super) struct Titles(BTreeMap<String, String>);

impl Titles {
    /// Asks for the names of activities, where the visitor may know them.
    pub(super) async fn of(
        app: &App,
        visit: &Visit,
        iris: BTreeSet<String>,
    ) -> Result<Self, NotShown> {
        let mut titles = BTreeMap::new();
        if visit.caller().may(Need::ReadActivities).is_err() {
            return Ok(Self(titles));
        }
        let activities = &app.services().activities;
        for iri in iris {
            let found = activities.definition(visit.caller(), &iri).await;
            let Some(found) = found.map_err(ApiError::from)? else {
                continue;
            };
            let definition: Value = serde_json::from_str(found.get()).unwrap_or_default();
            let title = definition
                .get("definition")
                .unwrap_or(&definition)
                .get("name");
            if let Some(title) = named(title, visit.language) {
                titles.insert(iri, title);
            }
        }
        Ok(Self(titles))
    }

    /// Returns what an activity is called.
    pub(super) fn get<'t>(&'t self, iri: &'t str) -> &'t str {
        self.0.get(iri).map_or(iri, String::as_str)
    }
}
