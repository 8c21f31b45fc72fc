//! Signing in at an issuer that vouches for people: there and back.
//!
//! A browser is sent to the issuer with a state, a nonce and a challenge, and keeps a sealed text until it
//! is back. What the issuer then says of the person chooses the API key that they act through.

use std::fmt::Debug;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::Users;
use super::signed_in::Who;
use crate::ports::StoreError;
use crate::tokens::TokenTrouble;

/// How long one may take at the issuer, in seconds.
pub const JOURNEY_SECONDS_MAX: u32 = 600;
const SECOND_MICROS: i64 = 1_000_000;
/// How many random bytes state, nonce and verifier have each.
const RANDOM_BYTES: usize = 32;

/// What ties an answer of an issuer to the browser that asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// Comes back beside the code.
    pub state: String,
    /// Comes back within the token.
    pub nonce: String,
    /// Shows to the issuer that who brings the code asked for it.
    pub verifier: String,
    expires: i64,
}

/// Somebody whom an issuer vouched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// Who vouched, as an address.
    pub issuer: String,
    /// The person, by a name that is the issuer's own.
    pub subject: String,
    /// The name of the API key that they act through.
    pub key: String,
}

/// Where people can sign in beside here.
#[async_trait]
pub trait Providers: Debug + Send + Sync + 'static {
    /// Returns the names that the issuers have here.
    fn names(&self) -> Vec<String>;

    /// Returns where a browser is to be sent; `None` where no issuer has the name.
    async fn departure(
        &self,
        name: &str,
        journey: &Journey,
    ) -> Result<Option<String>, TokenTrouble>;

    /// Exchanges the code that a browser came back with, and returns whom the issuer vouches for;
    /// `None` for whom it does not, and for who has none of the roles that are known here.
    async fn arrival(
        &self,
        name: &str,
        journey: &Journey,
        code: &str,
    ) -> Result<Option<Vouched>, TokenTrouble>;
}

/// Nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct NoProviders;

#[async_trait]
impl Providers for NoProviders {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    async fn departure(&self, _: &str, _: &Journey) -> Result<Option<String>, TokenTrouble> {
        Ok(None)
    }

    async fn arrival(
        &self,
        _: &str,
        _: &Journey,
        _: &str,
    ) -> Result<Option<Vouched>, TokenTrouble> {
        Ok(None)
    }
}

/// Why nobody was sent to an issuer or came back from one.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// The issuer cannot be asked.
    #[error(transparent)]
    Issuer(#[from] TokenTrouble),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Users {
    /// Returns the names of the issuers that people can sign in at.
    pub fn issuers(&self) -> Vec<String> {
        self.providers.names()
    }

    /// Begins a journey to an issuer: where to send the browser, and the sealed text that it keeps until
    /// it is back. `None` where no issuer has the name.
    pub async fn depart(&self, name: &str) -> Result<Option<(String, String)>, JourneyError> {
        let seconds = i64::from(JOURNEY_SECONDS_MAX);
        let journey = Journey {
            state: self.random(),
            nonce: self.random(),
            verifier: self.random(),
            expires: self.clock.now().0 + seconds * SECOND_MICROS,
        };
        let Some(to) = self.providers.departure(name, &journey).await? else {
            return Ok(None);
        };
        let sealed = self.sealing.close(&journey, name.as_bytes()).await?;
        Ok(Some((to, sealed)))
    }

    /// Signs in who came back from an issuer with a state and a code, and returns the token; `None`
    /// where the sealed text is none, is of another issuer or another journey, or took too long.
    pub async fn arrive(
        &self,
        name: &str,
        sealed: &str,
        (state, code): (&str, &str),
    ) -> Result<Option<String>, JourneyError> {
        let journey: Option<Journey> = self.sealing.open(sealed, name.as_bytes()).await?;
        let Some(journey) = journey else {
            return Ok(None);
        };
        let same: bool = journey.state.as_bytes().ct_eq(state.as_bytes()).into();
        if !same || self.clock.now().0 >= journey.expires {
            return Ok(None);
        }
        match self.providers.arrival(name, &journey, code).await? {
            Some(vouched) => Ok(self.begin(&Who::Vouched(vouched)).await?),
            None => Ok(None),
        }
    }

    fn random(&self) -> String {
        let mut random = [0; RANDOM_BYTES];
        self.entropy.fill(&mut random);
        URL_SAFE_NO_PAD.encode(random)
    }
}
