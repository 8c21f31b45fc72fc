use std::sync::Arc;

use uuid::Uuid;
use varde_core::{Caller, Ingest, KeyId, Scope, Tolerances};

use crate::space;

/// Returns a machine's caller at home in a live space, who reads it and its project's results and
/// may do what the scopes say.
///
/// # Panics
/// When the text names no space.
pub fn caller(home: &str, scopes: &[Scope]) -> Caller {
    let home = space(home);
    Caller {
        key: KeyId(Uuid::from_u128(7)),
        name: Arc::from("front end"),
        authority: Arc::from(r#"{"mbox":"mailto:front-end@example.org"}"#),
        reads: vec![home.clone()],
        projects: [home.project_code().clone()].into(),
        partner: None,
        role: None,
        person: None,
        space: home,
        scopes: scopes.to_vec(),
        tolerances: Tolerances::default(),
        ingest: Ingest::default(),
        bound: None,
    }
}
