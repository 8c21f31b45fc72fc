//! Making two persons one, and two again, by people who look through the register.

use jiff::civil::Date;

use super::{Roster, RosterError};
use crate::audit::Told;
use crate::registers::{MergeError, Merged, PersonId};
use crate::{Caller, Need};

impl Roster {
    /// Merges a person into another from a day on, or for all days, as [`RegisterBook::merge`] does.
    /// Both are named by pseudonym or id, and whom the caller is told nothing of is not found.
    ///
    /// The audit log names both before it is done; its line stays where the merge is refused after that.
    ///
    /// [`RegisterBook::merge`]: crate::registers::RegisterBook::merge
    pub async fn merge(
        &self,
        caller: &Caller,
        (person, into): (&str, &str),
        from: Option<Date>,
    ) -> Result<Merged, RosterError> {
        caller.may(Need::MergePeople)?;
        let person = self.told_of(caller, person, "first").await?;
        let into = self.told_of(caller, into, "second").await?;
        let both = vec![person.clone(), into.clone()];
        self.note(caller, ("people merge", from), both).await?;
        let (person, into) = (person.as_str(), into.as_str());
        Ok(self.registers.merge(person, into, from).await?)
    }

    /// Takes a merge back from a day on, or for all days, as [`RegisterBook::unmerge`] does.
    ///
    /// [`RegisterBook::unmerge`]: crate::registers::RegisterBook::unmerge
    pub async fn unmerge(
        &self,
        caller: &Caller,
        person: &str,
        from: Option<Date>,
    ) -> Result<Merged, RosterError> {
        caller.may(Need::MergePeople)?;
        let person = self.told_of(caller, person, "first").await?;
        let whom = vec![person.clone()];
        self.note(caller, ("people unmerge", from), whom).await?;
        Ok(self.registers.unmerge(person.as_str(), from).await?)
    }

    async fn told_of(
        &self,
        caller: &Caller,
        named: &str,
        place: &'static str,
    ) -> Result<PersonId, RosterError> {
        let unknown = RosterError::Merge(MergeError::Unknown { place });
        let Some(person) = self.registers.person(named).await? else {
            return Err(unknown);
        };
        // No day matters for whom a caller is told of.
        let known = self.known(Date::MAX).await?;
        let reach = self.reach(caller).await?;
        if known.has(&person) && self.reaches(&reach, &known, &person).await? {
            Ok(person)
        } else {
            Err(unknown)
        }
    }

    async fn note(
        &self,
        caller: &Caller,
        (what, from): (&str, Option<Date>),
        persons: Vec<PersonId>,
    ) -> Result<(), RosterError> {
        let told = Told {
            persons,
            ..Told::new(what, &[("from", from.is_some())], 0)
        };
        Ok(self.audit.add(self.clock.now(), caller, &told).await?)
    }
}
