//! The issuers whose bearer tokens are trusted.

use jsonwebtoken::Algorithm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;
use crate::exit::{Exit, Failure};
use crate::oidc::ALGORITHMS;
use crate::web::is_safe;

/// `[oidc]`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OidcSection {
    /// The issuers; each partner may have its own.
    pub(crate) issuers: Vec<IssuerSection>,
}

/// `[[oidc.issuers]]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerSection {
    /// Its address, in the very characters of its discovery document.
    pub(crate) issuer: String,
    /// What its tokens must name as their audience.
    pub(crate) audience: String,
    /// The name of the API key that it acts through.
    pub(crate) key: String,
    /// The claim that its tokens hold their scopes in.
    #[serde(default = "scope_claim")]
    pub(crate) scope_claim: String,
    /// The algorithms of the signatures that it may use.
    #[schemars(schema_with = "schema::algorithms")]
    #[serde(default = "algorithms")]
    pub(crate) algorithms: Vec<Algorithm>,
}

fn scope_claim() -> String {
    "scope".to_owned()
}

fn algorithms() -> Vec<Algorithm> {
    vec![
        Algorithm::RS256,
        Algorithm::PS256,
        Algorithm::ES256,
        Algorithm::EdDSA,
    ]
}

impl IssuerSection {
    /// Tells whether its tokens may be signed by an algorithm.
    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }
}

impl OidcSection {
    /// Checks what single values cannot say of themselves.
    pub(crate) fn validate(&self) -> Result<(), Failure> {
        let refuse = |sentence: String| Err(Failure::new(Exit::Config, sentence));
        for (index, one) in self.issuers.iter().enumerate() {
            let issuer = &one.issuer;
            if !is_safe(issuer) {
                return refuse(format!(
                    "oidc.issuers has the issuer `{issuer}`; expected an address of https, or of http \
                     on this machine"
                ));
            }
            if one.audience.is_empty() || one.key.is_empty() {
                return refuse(format!(
                    "oidc.issuers has an issuer `{issuer}` with an empty audience or key; expected a \
                     text"
                ));
            }
            if let Some(algorithm) = one.algorithms.iter().find(|one| !ALGORITHMS.contains(one)) {
                return refuse(format!(
                    "oidc.issuers allows `{issuer}` the algorithm {algorithm:?}, by which whoever \
                     checks a token could make it; expected some of {ALGORITHMS:?}"
                ));
            }
            if one.algorithms.is_empty() {
                return refuse(format!("oidc.issuers allows `{issuer}` no algorithm"));
            }
            if self
                .issuers
                .iter()
                .take(index)
                .any(|other| other.issuer == *issuer)
            {
                return refuse(format!("oidc.issuers has the issuer `{issuer}` twice"));
            }
        }
        Ok(())
    }
}
