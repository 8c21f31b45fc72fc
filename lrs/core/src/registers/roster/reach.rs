//! Whom of the register a caller may be told of.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Roster;
use super::card::Known;
use crate::Caller;
use crate::erasures::{names_of, naming};
use crate::people::Pseudonyms;
use crate::ports::StoreError;
use crate::registers::PersonId;
use crate::space::Space;

/// Whom a caller may be told of. The registers are those of all projects, so who reads some of the spaces only is
/// told of those of whom a statement is in them, and of nobody else that they are there.
#[derive(Debug)]
pub(super) enum Reach {
    /// Everybody: the caller reads every space there is.
    Everybody,
    /// Whoever a statement of these spaces names.
    In(Vec<Space>),
}

impl Roster {
    pub(super) async fn reach(&self, caller: &Caller) -> Result<Reach, StoreError> {
        let keys = self.keys.all().await?.into_iter();
        let spaces = keys.flat_map(|key| std::iter::once(key.space).chain(key.also_reads));
        // Nothing of a test space counts for anybody.
        let mut spaces = spaces.filter(|space| !space.is_test());
        Ok(if spaces.all(|space| caller.reads.contains(&space)) {
            Reach::Everybody
        } else {
            Reach::In(caller.reads.clone())
        })
    }

    /// Tells whether a person of the register is within reach.
    pub(super) async fn reaches(
        &self,
        reach: &Reach,
        known: &Known,
        person: &PersonId,
    ) -> Result<bool, StoreError> {
        match reach {
            Reach::Everybody => Ok(true),
            Reach::In(spaces) => self.is_named(known.identifier_texts(person), spaces).await,
        }
    }

    /// Tells whether a statement of some spaces names somebody by one of these identifiers.
    pub(super) async fn is_named(
        &self,
        identifiers: BTreeSet<String>,
        spaces: &[Space],
    ) -> Result<bool, StoreError> {
        let pseudonyms = Pseudonyms::new(Arc::clone(self.registers.identities()));
        let mut names = BTreeSet::new();
        for text in identifiers {
            let pseudonym = pseudonyms.find(&text).await?;
            names.extend(pseudonym.iter().flat_map(|text| names_of(text)));
            names.extend(names_of(&text));
        }
        if names.is_empty() || spaces.is_empty() {
            return Ok(false);
        }
        let page = naming(&names, spaces, (None, 1));
        let page = self.registers.log().page(&page).await?;
        Ok(!page.statements.is_empty())
    }
}
