//! Tokens that other issuers signed: what they say, and whom that lets in.
//!
//! Each issuer that is trusted acts through an API key: space, projects, partner, role, origins and
//! rate of its tokens are the key's, and revoking the key shuts all of them out. A token's scopes only
//! narrow the key's. Its subject is the authority of what it writes.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

use crate::keys::{Admitted, Keys};
use crate::ports::StoreError;
use crate::{Caller, Scope};

/// A token whose signature, issuer, audience and time were right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    /// Who signed it, as an address.
    pub issuer: String,
    /// Whom it is about, by a name that is the issuer's own.
    pub subject: String,
    /// The name of the API key that the issuer acts through.
    pub key: String,
    /// The scopes that it names; those that are none of xAPI's are left out.
    pub scopes: Vec<Scope>,
}

/// Why nothing can be said of a token now.
#[derive(Debug, Error)]
pub enum TokenTrouble {
    /// The issuer's keys cannot be read.
    #[error("the keys of the issuer {issuer} cannot be read: {reason}")]
    Issuer {
        /// Who signed it.
        issuer: String,
        /// What went wrong.
        reason: String,
    },
}

/// What checks tokens that other issuers signed.
#[async_trait]
pub trait TokenVerifier: Debug + Send + Sync + 'static {
    /// Returns what a token says; `None` for one that is not right, or of an issuer that is not
    /// trusted.
    async fn verify(&self, token: &str) -> Result<Option<VerifiedToken>, TokenTrouble>;
}

/// Trusts no issuer.
#[derive(Debug, Clone, Copy)]
pub struct NoIssuers;

#[async_trait]
impl TokenVerifier for NoIssuers {
    async fn verify(&self, _: &str) -> Result<Option<VerifiedToken>, TokenTrouble> {
        Ok(None)
    }
}

impl Keys {
    /// Returns whom a token lets in, with the key that its issuer acts through; `None` where that is
    /// not let in any more.
    pub async fn bearer(
        &self,
        token: &VerifiedToken,
    ) -> Result<Option<(Arc<Caller>, Arc<Admitted>)>, StoreError> {
        let key = self.standing(&token.key).await?;
        Ok(key.map(|key| (Arc::new(caller(&key.caller, token)), key)))
    }
}

/// Returns the caller of a token. The id is one of the subject's own: what may change definitions is
/// decided by the ids of keys, and tokens may not.
fn caller(key: &Caller, token: &VerifiedToken) -> Caller {
    let account = serde_json::json!({ "homePage": token.issuer, "name": token.subject });
    let authority = serde_json::json!({ "objectType": "Agent", "account": account }).to_string();
    Caller {
        key: key.key.of_authority(&authority),
        authority: authority.into(),
        scopes: narrowed(&key.scopes, &token.scopes),
        ..key.clone()
    }
}

/// Returns the scopes that a token names and its key allows.
fn narrowed(key: &[Scope], token: &[Scope]) -> Vec<Scope> {
    let allowed = |scope: &Scope| key.iter().any(|wider| wider.includes(*scope));
    token.iter().copied().filter(allowed).collect()
}
