//! Signing people in at an issuer: authorization code with PKCE (RFC 6749 4.1, RFC 7636), and the ID
//! token that comes of it (OpenID Connect Core 1.0, 3.1.3.7).

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, StandardRevocableToken, StandardTokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use varde_core::tokens::TokenTrouble;
use varde_core::users::{Journey, Providers, Vouched};

use super::fetch::Fetch;
use super::keys::Endpoints;
use super::{Claims, Issuer, Issuers};
use crate::config::SignInIssuerSection;
use crate::exit::Failure;

/// What a token endpoint answers with beside what every one does.
#[derive(Debug, Serialize, Deserialize)]
struct WithIdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

type Answer = StandardTokenResponse<WithIdToken, BasicTokenType>;
type SignInClient = Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The issuer did not answer.
#[derive(Debug, Error)]
#[error("{0}")]
struct Unanswered(String);

/// Asks an issuer for the crate that knows what to ask.
struct Asker(Arc<dyn Fetch>);

impl<'c> AsyncHttpClient<'c> for Asker {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { self.0.exchange(request).await.map_err(Unanswered) })
    }
}

/// The issuers that people sign in at.
#[derive(Debug)]
pub(crate) struct SignInIssuers {
    issuers: Arc<Issuers>,
    fetch: Arc<dyn Fetch>,
    places: Vec<Place>,
    public_url: String,
}

/// What this Varde is at one of them.
#[derive(Debug)]
struct Place {
    section: SignInIssuerSection,
    secret: SecretString,
}

impl SignInIssuers {
    /// Has people sign in at some of the issuers that are trusted; reads the secrets from their files.
    pub(crate) fn new(
        sections: &[SignInIssuerSection],
        issuers: Arc<Issuers>,
        fetch: Arc<dyn Fetch>,
        public_url: &str,
    ) -> Result<Self, Failure> {
        let place = |section: &SignInIssuerSection| {
            Ok(Place {
                secret: section.secret()?,
                section: section.clone(),
            })
        };
        Ok(Self {
            issuers,
            fetch,
            places: sections.iter().map(place).collect::<Result<_, Failure>>()?,
            public_url: public_url.trim_end_matches('/').to_owned(),
        })
    }

    fn find(&self, name: &str) -> Option<(&Place, &Issuer)> {
        let place = self.places.iter().find(|one| one.section.name == name)?;
        let mut issuers = self.issuers.issuers.iter();
        let issuer = issuers.find(|one| one.section.issuer == place.section.issuer)?;
        Some((place, issuer))
    }

    fn client(&self, place: &Place, endpoints: &Endpoints) -> Result<SignInClient, TokenTrouble> {
        let section = &place.section;
        let trouble = |error: &dyn std::fmt::Display| TokenTrouble::Issuer {
            issuer: section.issuer.clone(),
            reason: format!("its addresses cannot be read: {error}"),
        };
        let back = format!("{}/sign-in/{}/callback", self.public_url, section.name);
        let authorization = AuthUrl::new(endpoints.authorization.clone());
        let token = TokenUrl::new(endpoints.token.clone());
        Ok(Client::new(ClientId::new(section.client_id.clone()))
            .set_client_secret(ClientSecret::new(place.secret.expose_secret().to_owned()))
            .set_auth_uri(authorization.map_err(|error| trouble(&error))?)
            .set_token_uri(token.map_err(|error| trouble(&error))?)
            .set_redirect_uri(RedirectUrl::new(back).map_err(|error| trouble(&error))?))
    }
}

#[async_trait]
impl Providers for SignInIssuers {
    fn names(&self) -> Vec<String> {
        let names = self.places.iter().map(|place| place.section.name.clone());
        names.collect()
    }

    async fn departure(
        &self,
        name: &str,
        journey: &Journey,
    ) -> Result<Option<String>, TokenTrouble> {
        let Some((place, issuer)) = self.find(name) else {
            return Ok(None);
        };
        let endpoints = issuer.keys.endpoints().await?;
        let verifier = PkceCodeVerifier::new(journey.verifier.clone());
        let client = self.client(place, &endpoints)?;
        let (to, _) = client
            .authorize_url(|| CsrfToken::new(journey.state.clone()))
            .add_scope(Scope::new("openid".to_owned()))
            .add_scopes(place.section.scopes.iter().cloned().map(Scope::new))
            .add_extra_param("nonce", journey.nonce.clone())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(Some(to.into()))
    }

    async fn arrival(
        &self,
        name: &str,
        journey: &Journey,
        code: &str,
    ) -> Result<Option<Vouched>, TokenTrouble> {
        let Some((place, issuer)) = self.find(name) else {
            return Ok(None);
        };
        let endpoints = issuer.keys.endpoints().await?;
        let client = self.client(place, &endpoints)?;
        let ask = Asker(Arc::clone(&self.fetch));
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(journey.verifier.clone()))
            .request_async(&ask)
            .await;
        let answer: Answer = match answer {
            Ok(answer) => answer,
            // A code that is none, is used up, or is another's.
            Err(oauth2::RequestTokenError::ServerResponse(_)) => return Ok(None),
            Err(error) => {
                return Err(TokenTrouble::Issuer {
                    issuer: place.section.issuer.clone(),
                    reason: format!("it exchanges no code: {}", crate::exit::chain(&error)),
                });
            }
        };
        let Some(token) = &answer.extra_fields().id_token else {
            return Ok(None);
        };
        let client_id = &place.section.client_id;
        let claims = self.issuers.verified(issuer, token, client_id).await?;
        Ok(claims.and_then(|claims| place.vouched(&claims, &journey.nonce)))
    }
}

impl Place {
    /// Returns whom the claims of an ID token are about, once they are of this journey and for us alone.
    fn vouched(&self, claims: &Claims, nonce: &str) -> Option<Vouched> {
        let text = |name: &str| claims.others.get(name).and_then(Value::as_str);
        let same = text("nonce")? == nonce;
        let ours = text("azp").is_none_or(|azp| azp == self.section.client_id);
        if !same || !ours {
            return None;
        }
        let said: Vec<&str> = match claims.others.get(&self.section.role_claim)? {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut roles = self.section.roles.iter();
        let role = roles.find(|role| said.contains(&role.value.as_str()))?;
        Some(Vouched {
            issuer: self.section.issuer.clone(),
            subject: claims.sub.clone(),
            key: role.key.clone(),
        })
    }
}
