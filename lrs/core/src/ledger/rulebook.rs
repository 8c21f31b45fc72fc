//! What an adapter is: pure functions over one statement, one fact, one group.

use std::fmt::Debug;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_xapi::{Statement, StatementId, Stored};

use super::Entry;
use crate::definitions::{Definition, DefinitionFaults};
use crate::ports::Position;
use crate::registers::RegisterView;
use crate::space::Space;

/// A statement that may count, as shown to an adapter.
#[derive(Debug)]
pub struct Witness<'a> {
    /// The statement, typed.
    pub statement: &'a Statement,
    /// Its id.
    pub id: StatementId,
    /// When it became known.
    pub stored: Stored,
    /// The instant it speaks of: its `timestamp`, else `stored`.
    pub happened: jiff::Timestamp,
    /// The space it was written in.
    pub space: &'a Space,
}

/// What one statement says for one definition: natural keys only, in the adapter's own shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The adapter's content: identifiers, activity IRIs, values. No register knowledge.
    pub body: Value,
}

/// A fact with the statement that it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownFact {
    /// The statement.
    pub statement: StatementId,
    /// The statement's place in the log.
    pub position: Position,
    /// When it became known.
    pub stored: Stored,
    /// The instant it speaks of.
    pub happened: jiff::Timestamp,
    /// The space it was written in.
    pub space: Space,
    /// What it says.
    pub fact: Fact,
}

impl KnownFact {
    /// Returns the order in which facts decide: by what they speak of, never by arrival.
    pub fn order(&self) -> (jiff::Timestamp, StatementId) {
        (self.happened, self.statement)
    }
}

/// What is settled as one: a dedup key, or a condition that several keys share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group {
    /// Groups of an earlier stage are settled first; later ones may read their entries.
    pub stage: u8,
    /// The group's key; readers find entries by its beginning. At most 3,000 bytes.
    pub key: String,
}

/// A compiled definition. All functions are pure: the same input gives the same output.
pub trait Rulebook: Debug + Send + Sync {
    /// Returns what one statement says for this definition. Voided, voiding and test statements
    /// never get here.
    fn facts(&self, witness: &Witness<'_>) -> Vec<Fact>;

    /// Returns the groups that a fact belongs to, by the registers as known now.
    fn groups(&self, fact: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group>;

    /// Returns the groups of earlier stages whose entries [`Rulebook::settle`] reads for this one.
    fn reads(&self, group: &Group, facts: &[KnownFact]) -> Vec<Group> {
        let _ = (group, facts);
        Vec::new()
    }

    /// Concludes from everything known of a group. `facts` are in the order of
    /// [`KnownFact::order`], `read` holds the entries of the groups named by [`Rulebook::reads`].
    /// Entry keys must differ within the group.
    fn settle(
        &self,
        group: &Group,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry>;
}

/// A reader of definitions of some kinds.
pub trait Adapter: Debug + Send + Sync {
    /// Returns the kinds of definition it compiles, such as `indicator-set`.
    fn kinds(&self) -> &'static [&'static str];

    /// Compiles a definition whose schema was checked, or says what is wrong with it.
    fn compile(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, DefinitionFaults>;
}
