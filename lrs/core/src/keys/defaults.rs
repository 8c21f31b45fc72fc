//! What a project's keys are made with when nobody says otherwise.

use jiff::civil::Date;
use varde_xapi::Stored;

use crate::registers::{EntityKind, RegisterView, Registers};
use crate::{Scope, Space, Tolerance};

/// The field of a project that holds the scopes of its keys, parted by spaces.
pub(crate) const KEY_SCOPES: &str = "key-scopes";
/// The field of a project that holds the tolerances of its keys, parted by spaces.
pub(crate) const KEY_TOLERANCES: &str = "key-tolerances";

/// What a front end's key is made with when nobody says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDefaults {
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What its requests are let off.
    pub tolerances: Vec<Tolerance>,
}

impl KeyDefaults {
    /// Returns what the project file of a space says as known at an instant, for its live keys
    /// and its test keys alike. Without a word of it a key writes statements, reads its own, and is
    /// let off nothing (xAPI 1.0.3 Communication 4.2).
    pub fn of(space: &Space, registers: &Registers, known_at: Stored) -> Self {
        let view = RegisterView::new(registers, known_at);
        let said = |field| view.value(EntityKind::Project, space.project(), field, Date::MAX);
        let (scopes, tolerances) = (said(KEY_SCOPES), said(KEY_TOLERANCES));
        let standard = || vec![Scope::StatementsWrite, Scope::StatementsReadMine];
        Self {
            scopes: scopes.map_or_else(standard, words),
            tolerances: tolerances.map_or_else(Vec::new, words),
        }
    }
}

fn words<T: std::str::FromStr>(text: &str) -> Vec<T> {
    text.split(' ')
        .filter_map(|word| word.parse().ok())
        .collect()
}
