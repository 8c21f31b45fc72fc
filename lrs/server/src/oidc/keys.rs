//! The keys of one issuer.

use std::sync::Arc;

use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::sync::Mutex;
use varde_core::Clock;
use varde_core::tokens::TokenTrouble;
use varde_xapi::Stored;

use super::fetch::Fetch;
use crate::web::is_safe;

/// For how long keys are kept without being read again, in microseconds: what an issuer withdrew is let
/// in for an hour more at the longest.
const KEPT_MICROS: i64 = 3_600_000_000;
/// How often keys are read again at most because one is not among them, in microseconds: once a minute,
/// so that made-up names of keys do not make an issuer be asked all the time.
const READ_AGAIN_MICROS: i64 = 60_000_000;
/// The most keys of an issuer.
const KEYS_MAX: usize = 100;
const DISCOVERY: &str = ".well-known/openid-configuration";

/// The keys of one issuer, as they were read last.
#[derive(Debug)]
pub(super) struct IssuerKeys {
    issuer: String,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    read: Mutex<Read>,
    endpoints: Mutex<Option<(Endpoints, Stored)>>,
}

/// What was read.
#[derive(Debug, Default)]
struct Read {
    keys: Option<(Vec<Jwk>, Stored)>,
    /// When they were last read again because one was not among them, or could not be read.
    tried: Option<Stored>,
}

#[derive(Debug, Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
}

/// Where people sign in at an issuer.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    /// Where their browsers are sent.
    pub(super) authorization: String,
    /// Where codes are exchanged.
    pub(super) token: String,
}

impl IssuerKeys {
    pub(super) fn new(issuer: &str, fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>) -> Self {
        Self {
            issuer: issuer.to_owned(),
            fetch,
            clock,
            read: Mutex::default(),
            endpoints: Mutex::default(),
        }
    }

    /// Returns the key of a name, for an algorithm; without a name the only one that fits. Keys are read
    /// where there are none yet, they are old, or none fits.
    pub(super) async fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<DecodingKey>, TokenTrouble> {
        let mut read = self.read.lock().await;
        let now = self.clock.now();
        let kept = read
            .keys
            .as_ref()
            .filter(|(_, at)| within(*at, now, KEPT_MICROS));
        if let Some((keys, _)) = kept
            && let Some(key) = fitting(keys, kid, algorithm)
        {
            return Ok(Some(key));
        }
        let known = kept.is_some();
        if read
            .tried
            .is_some_and(|at| within(at, now, READ_AGAIN_MICROS))
        {
            return if known {
                Ok(None)
            } else {
                Err(self.trouble("they could not be read a moment ago"))
            };
        }
        let loaded = self.load().await;
        if known || loaded.is_err() {
            read.tried = Some(now);
        }
        match loaded {
            Ok(keys) => {
                let found = fitting(&keys, kid, algorithm);
                read.keys = Some((keys, now));
                Ok(found)
            }
            // The keys that are known go on to be right until they are old.
            Err(_) if known => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// Returns where people sign in, read again where it is old.
    pub(super) async fn endpoints(&self) -> Result<Endpoints, TokenTrouble> {
        let mut kept = self.endpoints.lock().await;
        let now = self.clock.now();
        if let Some((endpoints, at)) = kept.as_ref()
            && within(*at, now, KEPT_MICROS)
        {
            return Ok(endpoints.clone());
        }
        let discovered = self.discover().await?;
        let safe = |at: Option<String>| at.filter(|at| is_safe(at));
        let (Some(authorization), Some(token)) = (
            safe(discovered.authorization_endpoint),
            safe(discovered.token_endpoint),
        ) else {
            return Err(self.trouble("it names no addresses of https to sign in at"));
        };
        let endpoints = Endpoints {
            authorization,
            token,
        };
        *kept = Some((endpoints.clone(), now));
        Ok(endpoints)
    }

    async fn discover(&self) -> Result<Discovered, TokenTrouble> {
        let at = format!("{}/{DISCOVERY}", self.issuer.trim_end_matches('/'));
        let discovered: Discovered = self.read_json(&at).await?;
        if discovered.issuer != self.issuer {
            return Err(self.trouble("its discovery document names another issuer"));
        }
        Ok(discovered)
    }

    pub(super) async fn load(&self) -> Result<Vec<Jwk>, TokenTrouble> {
        let discovered = self.discover().await?;
        if !is_safe(&discovered.jwks_uri) {
            return Err(self.trouble("its keys are at an address that is not of https"));
        }
        let set: JwkSet = self.read_json(&discovered.jwks_uri).await?;
        Ok(set.keys.into_iter().take(KEYS_MAX).collect())
    }

    async fn read_json<T: serde::de::DeserializeOwned>(&self, at: &str) -> Result<T, TokenTrouble> {
        let bytes = self.fetch.get(at).await;
        let bytes = bytes.map_err(|reason| self.trouble(&format!("{at}: {reason}")))?;
        serde_json::from_slice(&bytes).map_err(|error| self.trouble(&format!("{at}: {error}")))
    }

    fn trouble(&self, reason: &str) -> TokenTrouble {
        TokenTrouble::Issuer {
            issuer: self.issuer.clone(),
            reason: reason.to_owned(),
        }
    }
}

fn within(Stored(at): Stored, Stored(now): Stored, micros: i64) -> bool {
    now.abs_diff(at) < micros.unsigned_abs()
}

fn fitting(keys: &[Jwk], kid: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let fits = |jwk: &&Jwk| {
        let named = kid.is_none() || jwk.common.key_id.as_deref() == kid;
        let signs = !matches!(jwk.common.public_key_use, Some(PublicKeyUse::Encryption));

        let said = jwk.common.key_algorithm;
        named && signs && said.is_none_or(|said| said == KeyAlgorithm::from(algorithm))
    };
    let decoding = |jwk: &Jwk| DecodingKey::from_jwk(jwk).ok();
    let mut fitting = keys
        .iter()
        .filter(fits)
        .filter_map(decoding)
        .filter(|key| key.family() == algorithm.family());
    let first = fitting.next()?;
    // Without a name it must be clear which one is meant.
    (kid.is_some() || fitting.next().is_none()).then_some(first)
}
