use std::sync::Arc;

use uuid::Uuid;
use varde_core::ports::{NewStatement, TermKey};
use varde_core::{KeyId, Space};
use varde_xapi::StatementId;

/// Returns the space of that name, such as `sing` or `sing:test`.
///
/// # Panics
/// When the text names no space.
pub fn space(name: &str) -> Space {
    name.parse().expect("the test names a space")
}

/// A statement to store, made from a number; what a test does not say is plain.
///
/// Two drafts of one number have the same id and the same equality, unless one is
/// [`changed`](Draft::changed).
#[derive(Debug, Clone)]
pub struct Draft(NewStatement);

impl Draft {
    /// Returns the id that drafts of this number have.
    pub fn id(number: u64) -> StatementId {
        StatementId(Uuid::from_u128(
            0x5a4d_0000_0000_4000_8000 << 48 | u128::from(number),
        ))
    }

    /// Starts a statement in the space `sing`.
    pub fn new(number: u64) -> Self {
        let home = space("sing");
        let authority = r#"{"objectType":"Agent","mbox":"mailto:front-end@example.org"}"#;
        Self(NewStatement {
            id: Self::id(number),
            id_text: None,
            key: KeyId(Uuid::from_u128(7)),
            authority: Arc::from(authority),
            version: "1.0.3".to_owned(),
            timestamp: None,
            equality: equality(number, 0),
            body: body(number),
            terms: Vec::new(),
            scope: vec![TermKey::space(&home)],
            space: home,
            refers_to: None,
            voids: None,
        })
    }

    /// Differs from other drafts of the same number, so that they are in conflict.
    #[must_use]
    pub fn changed(mut self, variant: u8) -> Self {
        self.0.equality[31] = variant;
        self
    }

    /// Stands in another space.
    #[must_use]
    pub fn in_space(mut self, name: &str) -> Self {
        self.0.space = space(name);
        self.0.scope = vec![TermKey::space(&self.0.space)];
        self
    }

    /// Is found by these terms, and no others.
    #[must_use]
    pub fn terms(mut self, terms: &[u64]) -> Self {
        self.0.terms = terms.iter().copied().map(TermKey).collect();
        self
    }

    /// Is read within this scope, and no other.
    #[must_use]
    pub fn scope(mut self, terms: &[u64]) -> Self {
        self.0.scope = terms.iter().copied().map(TermKey).collect();
        self
    }

    /// Refers to the statement of that number.
    #[must_use]
    pub fn refers_to(mut self, target: u64) -> Self {
        self.0.refers_to = Some(Self::id(target));
        self
    }

    /// Voids the statement of that number, and so refers to it.
    #[must_use]
    pub fn voids(mut self, target: u64) -> Self {
        self.0.voids = Some(Self::id(target));
        self.refers_to(target)
    }

    /// Changes what no method names.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut NewStatement)) -> Self {
        change(&mut self.0);
        self
    }

    /// Returns the statement.
    pub fn build(self) -> NewStatement {
        self.0
    }
}

fn equality(number: u64, variant: u8) -> [u8; 32] {
    let mut equality = [0; 32];
    equality[..8].copy_from_slice(&number.to_be_bytes());
    equality[31] = variant;
    equality
}

fn body(number: u64) -> String {
    format!(r#"{{"actor":{{"objectType":"Agent","mbox":"mailto:learner-{number}@example.org"}},"#)
        + r#""verb":{"id":"https://example.org/verbs/finished"},"#
        + r#""object":{"id":"https://example.org/courses/welding"}}"#
}
