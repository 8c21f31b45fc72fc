//! Documents of keys that pseudonymise: an agent's are kept under the agent's pseudonym.

use varde_xapi::{Ifi, PSEUDONYM_HOME_PAGE};

use super::{Documents, Subject};
use crate::Caller;
use crate::people::Pseudonyms;
use crate::ports::{Change, StoreError};

impl Documents {
    fn pseudonyms_for(
        &self,
        caller: &Caller,
        subject: &Subject,
    ) -> Result<Option<(&Pseudonyms, String)>, StoreError> {
        let Some(agent) = subject
            .agent()
            .filter(|_| caller.ingest.policy.pseudonymise)
        else {
            return Ok(None);
        };
        // A key that pseudonymises is served so or not at all.
        let pseudonyms = self.pseudonyms.as_ref();
        let pseudonyms =
            pseudonyms.ok_or_else(|| StoreError::failed("no pseudonyms are known here"))?;
        let is_pseudonym = agent.starts_with(&format!("account:{PSEUDONYM_HOME_PAGE} "));
        Ok((!is_pseudonym).then(|| (pseudonyms, agent.to_owned())))
    }

    /// Returns a subject as the caller's documents are kept under it.
    pub(super) async fn as_kept(
        &self,
        caller: &Caller,
        subject: &Subject,
    ) -> Result<Subject, StoreError> {
        let pseudonym = match self.pseudonyms_for(caller, subject)? {
            Some((pseudonyms, agent)) => pseudonyms.find(&agent).await?,
            None => None,
        };
        Ok(pseudonym.map_or_else(|| subject.clone(), |agent| subject.of_agent(agent)))
    }

    /// Returns a subject as a document of the caller is to be kept under it, and what makes a new
    /// pseudonym last.
    pub(super) async fn to_be_kept(
        &self,
        caller: &Caller,
        subject: &Subject,
    ) -> Result<(Subject, Vec<Change>), StoreError> {
        let Some((pseudonyms, agent)) = self.pseudonyms_for(caller, subject)? else {
            return Ok((subject.clone(), Vec::new()));
        };
        let given = pseudonyms.give([agent].into()).await?;
        let name = given.names.into_values().next().unwrap_or_default();
        let pseudonym = Ifi::Account {
            home_page: varde_xapi::Iri::parse(PSEUDONYM_HOME_PAGE)
                .ok_or_else(|| StoreError::failed("the pseudonyms have no home page"))?,
            name,
        };
        Ok((subject.of_agent(pseudonym.canonical()), given.new))
    }
}
