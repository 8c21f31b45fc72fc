use std::collections::BTreeSet;

use varde_xapi::StatementId;

use super::State;
use super::log::{Link, Row, each_met};
use crate::Space;
use crate::ports::{Happened, StoredStatement, TermKey};

impl State {
    /// Tells whether a voiding statement of the same space targets this one, which is no voiding
    /// statement itself (xAPI 1.0.3 Data 2.3.2).
    pub(super) fn is_voided(&self, target: &StoredStatement) -> bool {
        let is_target = |voids: Option<StatementId>, space: &Space| {
            voids == Some(target.id) && *space == target.space
        };
        let voiding = |row: &Row| match &row.event.what {
            Happened::Statement(other) => is_target(other.voids, &other.space),
            Happened::Erased(other) => is_target(other.voids, &other.space),
            Happened::Event(..) => false,
        };
        target.voids.is_none() && self.rows.iter().any(voiding)
    }

    /// Tells whether the statement, or one that it refers to however far, meets all the filters
    /// (xAPI 1.0.3 Communication 2.1.3).
    pub(super) fn matches(&self, filters: &[Vec<TermKey>], row: &Row) -> bool {
        let mut next = row.link();
        let mut seen = BTreeSet::new();
        while let Some(link) = next {
            if each_met(filters, &link.row.terms) {
                return true;
            }
            seen.insert(link.id);
            next = self.target(&link, &seen);
        }
        false
    }

    /// Returns what a statement refers to, in its space and not seen before.
    fn target(&self, from: &Link<'_>, seen: &BTreeSet<StatementId>) -> Option<Link<'_>> {
        let target = from.refers_to.filter(|target| !seen.contains(target))?;
        self.link(target, from.space.is_test())
            .filter(|target| target.space == from.space)
    }
}
