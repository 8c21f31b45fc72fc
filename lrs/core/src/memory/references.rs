use std::collections::BTreeSet;

use varde_xapi::StatementId;

use super::State;
use super::log::{Row, each_met};
use crate::ports::{StoredStatement, TermKey};

impl State {
    /// Tells whether a voiding statement of the same space targets this one, which is no voiding
    /// statement itself (xAPI 1.0.3 Data 2.3.2).
    pub(super) fn is_voided(&self, target: &StoredStatement) -> bool {
        let voiding =
            |other: &StoredStatement| other.voids == Some(target.id) && other.space == target.space;
        target.voids.is_none() && self.statements().any(|(_, other)| voiding(other))
    }

    /// Tells whether the statement, or one that it refers to however far, meets all the filters
    /// (xAPI 1.0.3 Communication 2.1.3).
    pub(super) fn matches(
        &self,
        filters: &[Vec<TermKey>],
        row: &Row,
        statement: &StoredStatement,
    ) -> bool {
        let mut link = Some((row, statement));
        let mut seen = BTreeSet::new();
        while let Some((row, statement)) = link {
            if each_met(filters, &row.terms) {
                return true;
            }
            seen.insert(statement.id);
            link = self.target(statement, &seen);
        }
        false
    }

    /// Returns what a statement refers to, in its space and not seen before.
    fn target(
        &self,
        statement: &StoredStatement,
        seen: &BTreeSet<StatementId>,
    ) -> Option<(&Row, &StoredStatement)> {
        let target = statement
            .refers_to
            .filter(|target| !seen.contains(target))?;
        self.find(target, statement.space.is_test())
            .filter(|(_, target)| target.space == statement.space)
    }
}
