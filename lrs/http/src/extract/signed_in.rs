//! Whom a browser's cookie lets in, and whether one of our own pages sent a request.

use axum::http::header::{COOKIE, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};

use super::Gate;
use crate::error::ApiError;
use varde_core::users::SignedIn;

/// Marks requests to a surface that takes cookies. It is put there by the surface, so one that is
/// forgotten takes none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TakesCookies;

/// The cookie's name; by its prefix browsers take it only from this host, over a safe connection.
const NAME: &str = "__Host-varde=";
/// What a page sends with each request that changes something.
const PROOF: &str = "x-csrf-token";

/// Returns the token of the cookie.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookie_named(headers, NAME)
}

/// Returns the value of a cookie, whose name ends with an equals sign.
pub fn cookie_named<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter();
    let mut each = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    each.find_map(|one| one.trim().strip_prefix(name))
}

/// Tells whether a browser says that a page of this origin sent a request. One that says nothing
/// (a program that is no browser, which has no cookies of others) is not believed either.
pub(crate) fn is_own_page(headers: &HeaderMap, public_url: &str) -> bool {
    let said = |name: &str| Some(headers.get(name)?.to_str().unwrap_or_default());
    if let Some(site) = said("sec-fetch-site") {
        return site == "same-origin";
    }
    let own = public_url.parse::<Uri>().ok();
    let own = own
        .as_ref()
        .and_then(|own| Some((own.scheme_str()?, own.authority()?.as_str())));
    said(ORIGIN.as_str()).is_some_and(|origin| origin.split_once("://") == own)
}

impl Gate {
    /// Returns who is signed in, for a request without a credential that may bring a cookie. A request
    /// that changes something must prove that a page of ours sent it.
    pub(super) async fn by_cookie(&self, parts: &Parts) -> Result<SignedIn, ApiError> {
        if parts.extensions.get::<TakesCookies>().is_none() {
            return Err(ApiError::NoCredentials);
        }
        let Some(token) = cookie(&parts.headers) else {
            let own = is_own_page(&parts.headers, &self.public_url);
            return Err(if own {
                ApiError::SignedOut
            } else {
                ApiError::NoCredentials
            });
        };
        let signed_in = self.users.open(token).await?;
        let signed_in = signed_in.ok_or(ApiError::SignedOut)?;
        if !parts.method.is_safe() {
            let proof = parts
                .headers
                .get(PROOF)
                .and_then(|proof| proof.to_str().ok());
            let proved = proof.is_some_and(|proof| signed_in.is_proof(proof));
            if !proved || !is_own_page(&parts.headers, &self.public_url) {
                return Err(ApiError::NoProof);
            }
        }
        Ok(signed_in)
    }
}
