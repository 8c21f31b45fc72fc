//! What an adapter is: pure functions over one statement, one fact, one group.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_xapi::{Ifi, Statement, StatementId, Stored};

use super::Entry;
use crate::definitions::{Definition, DefinitionFaults};
use crate::examples::{Answer, Trial};
use crate::people::{Acquainted, IdentityId, IdentityName};
use crate::ports::{Position, StoreError};
use crate::registers::files::{Organisation, SoleTrader};
use crate::registers::{Entity, RegisterView};
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
    /// The ids of those whom it names.
    pub acquainted: &'a Acquainted,
}

impl Witness<'_> {
    /// Returns the random id of an agent's identifier: all that facts may hold of it.
    pub fn identity(&self, ifi: &Ifi) -> IdentityId {
        self.acquainted.id(IdentityName::agent(ifi))
    }

    /// Returns an organisation's natural key; of a sole trader one with a random id.
    pub fn organisation(&self, organisation: &Organisation) -> String {
        match organisation {
            Organisation::Numbered(number) => number.to_string(),
            Organisation::SoleTrader(trader) => {
                SoleTrader::natural_key(self.acquainted.id(trader.name()))
            }
        }
    }
}

/// What one statement says for one definition: natural keys only, in the adapter's own shape.
/// Persons stand in it by the ids that [`Witness::identity`] gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The adapter's content: ids of identifiers, activity IRIs, values. No register knowledge.
    pub body: Value,
}

/// A fact with the statement that it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownFact {
    /// The statement.
    pub statement: StatementId,
    /// The statement's place in the log.
    pub position: Position,
    /// The fact's number among those of its statement, from 0.
    pub number: u32,
    /// When it became known.
    pub stored: Stored,
    /// The instant it speaks of.
    pub happened: jiff::Timestamp,
    /// The space it was written in.
    pub space: Space,
    /// Whether the statement was erased before the definition was installed, so that an earlier
    /// version of the definition tells what it says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carried: bool,
    /// What it says.
    pub fact: Fact,
}

impl KnownFact {
    /// Returns the order in which facts decide: by what they speak of, never by arrival.
    pub fn order(&self) -> (jiff::Timestamp, StatementId, u32) {
        (self.happened, self.statement, self.number)
    }
}

/// What is settled as one: a dedup key, or a condition that several keys share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group {
    /// Groups of an earlier stage are settled first; later ones may read their entries. At most
    /// 254.
    pub stage: u8,
    /// The group's key, without a zero byte; readers find entries by its beginning.
    pub key: String,
}

/// A compiled definition. All functions are pure: the same input gives the same output.
pub trait Rulebook: Debug + Send + Sync {
    /// Tells whether a statement with this verb can give a fact at all. Answering by the verb alone
    /// saves the runner from reading the rest.
    fn wants(&self, verb: &str) -> bool {
        let _ = verb;
        true
    }

    /// Returns what one statement says for this definition. Voided, voiding and test statements
    /// never get here.
    fn facts(&self, witness: &Witness<'_>) -> Vec<Fact>;

    /// Returns the groups that a fact belongs to, by the registers as known now.
    fn groups(&self, fact: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group>;

    /// Returns the groups that there are for an entity of the registers though no fact belongs to them, by
    /// the registers as known now: an event that was held counts whether or not somebody was there. Asked
    /// whenever a row of the entity comes.
    fn introduced(&self, entity: &Entity, registers: &RegisterView<'_>) -> Vec<Group> {
        let _ = (entity, registers);
        Vec::new()
    }

    /// Returns the last of the stages that groups are of: nothing reads the entries of that one.
    fn last_stage(&self) -> u8;

    /// Returns the groups of earlier stages whose entries [`Rulebook::settle`] reads for this one.
    fn reads(&self, group: &Group) -> Vec<Group> {
        let _ = group;
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

    /// Returns what it takes to settle one more fact of this group without the others, where that
    /// can be done. It speaks for these facts, registers and read entries only; when one of them
    /// changes in another way than by a further fact, the runner asks for a new one.
    fn tally(
        &self,
        group: &Group,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Option<Box<dyn Tally>> {
        let _ = (group, facts, registers);
        None
    }
}

/// A group so far, remembered so that a group of many facts need not be read for each new one.
///
/// **Law:** the entries of [`Rulebook::settle`] over some facts, with those of [`Tally::add`] put
/// over them by their keys, are the entries of [`Rulebook::settle`] over all facts.
pub trait Tally: Debug + Send + Sync {
    /// Returns how many facts it remembers, roughly: so the runner's memory stays bounded.
    fn weight(&self) -> usize {
        1
    }

    /// Takes one more fact in and returns the entries that are new or may differ by it; `None`
    /// where it takes all facts to tell (one that comes late, or takes something back).
    fn add(
        &mut self,
        fact: &KnownFact,
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Option<Vec<Entry>>;
}

/// A reader of definitions of some kinds.
#[async_trait]
pub trait Adapter: Debug + Send + Sync {
    /// Returns the kinds of definition it compiles, such as `indicator-set`.
    fn kinds(&self) -> &'static [&'static str];

    /// Compiles a definition whose schema was checked, or says what is wrong with it.
    fn compile(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, DefinitionFaults>;

    /// Checks a definition that compiles against the others of the store, of all kinds: what it
    /// names of them is there.
    fn fits(&self, definition: &Definition, others: &[Definition]) -> Result<(), DefinitionFaults> {
        let _ = (definition, others);
        Ok(())
    }

    /// Returns the ids of the definitions of the same kind on whose conclusions this one's rest.
    fn needs(&self, definition: &Definition) -> Vec<String> {
        let _ = definition;
        Vec::new()
    }

    /// Reads what the definition of an example came to, the way that people are answered, and lays
    /// it beside one of the things that the example expects. `expected` fits the kind's schema.
    async fn answer(&self, trial: &Trial, expected: &Value) -> Result<Answer, StoreError>;
}
