//! Statements of keys that pseudonymise: a pseudonym stands for everybody, on the way in and when
//! somebody is asked for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use varde_xapi::{Batch, Fault, Faults, Received, Rule, signature};

use super::{RefusedStatements, Selection, Statements};
use crate::Caller;
use crate::people::Pseudonyms;
use crate::ports::{Change, StoreError};
use crate::sessions::Bound;

impl Statements {
    /// Returns the pseudonyms where the caller's policy asks for them.
    pub(super) fn pseudonyms_for(
        &self,
        caller: &Caller,
    ) -> Result<Option<&Pseudonyms>, StoreError> {
        if !caller.ingest.policy.pseudonymise {
            return Ok(None);
        }
        // A key that pseudonymises is served so or not at all.
        let known = self.pseudonyms.as_ref();
        known
            .map(Some)
            .ok_or_else(|| StoreError::failed("no pseudonyms are known here"))
    }

    /// Returns a selection with whoever it asks for as the caller's statements name them.
    pub(super) async fn as_stored<'s>(
        &self,
        caller: &Caller,
        selection: &'s Selection,
    ) -> Result<Cow<'s, Selection>, StoreError> {
        let (Some(pseudonyms), Some(agent)) = (self.pseudonyms_for(caller)?, &selection.agent)
        else {
            return Ok(Cow::Borrowed(selection));
        };
        Ok(match pseudonyms.find(agent).await? {
            Some(pseudonym) => Cow::Owned(Selection {
                agent: Some(pseudonym),
                ..selection.clone()
            }),
            None => Cow::Borrowed(selection),
        })
    }

    /// Returns what the caller is bound to, with the learner as the caller's statements name them.
    pub(super) async fn bound(&self, caller: &Caller) -> Result<Option<Bound>, StoreError> {
        let Some(bound) = caller.bound.as_deref() else {
            return Ok(None);
        };
        let mut bound = bound.clone();
        if let Some(pseudonyms) = self.pseudonyms_for(caller)?
            && let Some(pseudonym) = pseudonyms.find(&bound.actor).await?
        {
            bound.actor = pseudonym;
        }
        Ok(Some(bound))
    }
}

/// Puts pseudonyms into statements, and returns what makes new ones last.
pub(super) async fn pseudonymised(
    pseudonyms: &Pseudonyms,
    batch: Batch,
) -> Result<(Batch, Vec<Change>), RefusedStatements> {
    let statements = batch.statements.iter().enumerate();
    let signed = statements.filter_map(|(index, received)| signed(&batch.path(index), received));
    if let Some(faults) = Faults::of(signed.collect()) {
        return Err(faults.into());
    }
    let bodies = batch.statements.iter().map(|received| &received.body);
    let everybody: BTreeSet<_> = bodies
        .flat_map(|body| varde_xapi::identified(body))
        .collect();
    let given = pseudonyms.give(everybody).await?;
    let rewritten = batch.statements.into_iter().map(|received| {
        match varde_xapi::pseudonymised(&received.body, &given.names) {
            Some(body) => received.rewritten(body),
            None => Ok(received),
        }
    });
    let batch = Batch {
        array: batch.array,
        statements: rewritten.collect::<Result<_, _>>()?,
    };
    Ok((batch, given.new))
}

/// Tells that a statement is signed, if it is.
fn signed(path: &str, received: &Received) -> Option<Fault> {
    let mut attachments = received.statement.attachments.iter();
    let place = attachments.position(signature::is_signature)?;
    Some(Fault {
        path: format!("{path}.attachments[{place}]"),
        line: None,
        column: None,
        rule: Rule::SignedUnchanged,
        found: "a signature".to_owned(),
        shape: "signature".to_owned(),
        expected: "no signature: this key's statements are pseudonymised".to_owned(),
    })
}
