//! Tokens of an issuer that is played, with real keys and signatures.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;
use varde_test_support::TestClock;

use super::*;
use crate::config::{SignInIssuerSection, SignInRoleSection};
use varde_core::users::{Journey, Providers as _, Vouched};

const ISSUER: &str = "https://login.example.org/north";
const AUDIENCE: &str = "https://varde.example.org";
/// The instant at which a test clock begins, in seconds.
const NOW: i64 = 1_772_366_400;

/// An issuer's pages, and how often they were asked for.
#[derive(Debug, Default)]
struct Pages {
    by_address: Mutex<HashMap<String, Value>>,
    asked: AtomicUsize,
    sent: Mutex<Vec<String>>,
}

#[async_trait]
impl Fetch for Pages {
    async fn get(&self, at: &str) -> Result<Vec<u8>, String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let pages = self
            .by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let page = pages.get(at).ok_or("there is no page")?;
        Ok(page.to_string().into_bytes())
    }

    async fn exchange(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, String> {
        let at = request.uri().to_string();
        let body = String::from_utf8(request.into_body()).expect("a form");
        self.sent.lock().expect("whole").push(body);
        let answer = hyper::Response::new(self.get(&at).await?);
        Ok(answer)
    }
}

/// A key of the issuer.
struct Signer {
    kid: &'static str,
    pair: EcdsaKeyPair,
}

impl Signer {
    fn new(kid: &'static str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
        let pair = pair.expect("the same key");
        Self { kid, pair }
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": coordinate(1), "y": coordinate(33),
        })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    fn token(&self, claims: &Value) -> String {
        self.sign(
            &json!({ "alg": "ES256", "typ": "at+jwt", "kid": self.kid }),
            claims,
        )
    }
}

struct World {
    pages: Arc<Pages>,
    clock: Arc<TestClock>,
    issuers: Arc<Issuers>,
}

impl World {
    fn new(keys: &[&Signer]) -> Self {
        let (pages, clock) = (Arc::new(Pages::default()), Arc::new(TestClock::default()));
        let section = IssuerSection {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            key: "north".to_owned(),
            scope_claim: "scope".to_owned(),
            algorithms: vec![Algorithm::ES256],
        };
        let fetch = Arc::clone(&pages) as Arc<dyn Fetch>;
        let of_world = Arc::clone(&clock) as Arc<dyn Clock>;
        let issuers = Arc::new(Issuers::new(&[section], &fetch, &of_world));
        let world = Self {
            pages,
            clock,
            issuers,
        };
        world.publish(ISSUER, keys);
        world
    }

    fn publish(&self, issuer: &str, keys: &[&Signer]) {
        let at = format!("{ISSUER}/keys");
        let discovery = json!({
            "issuer": issuer, "jwks_uri": at, "authorization_endpoint": format!("{ISSUER}/auth"),
            "token_endpoint": format!("{ISSUER}/token"),
        });
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        let mut pages = self.pages.by_address.lock().expect("whole");
        pages.insert(
            format!("{ISSUER}/.well-known/openid-configuration"),
            discovery,
        );
        pages.insert(at, json!({ "keys": keys }));
    }

    fn asked(&self) -> usize {
        self.pages.asked.load(Ordering::Relaxed)
    }

    async fn verified(&self, token: &str) -> Option<VerifiedToken> {
        let verified = self.issuers.verify(token).await;
        verified.expect("the issuer answers")
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "worker-7", "exp": NOW + 300,
        "scope": "openid statements/write statements/read/mine",
    })
}

/// The claims with another value of one, or without it.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().expect("an object").remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

#[tokio::test]
async fn a_right_token_tells_its_subject_its_key_and_its_scopes() {
    let signer = Signer::new("one");
    let world = World::new(&[&signer]);
    let expected = VerifiedToken {
        issuer: ISSUER.to_owned(),
        subject: "worker-7".to_owned(),
        key: "north".to_owned(),
        scopes: vec![Scope::StatementsWrite, Scope::StatementsReadMine],
    };
    for right in [
        claims(),
        with("aud", json!(["https://other.example.org", AUDIENCE])),
        with("scope", json!(["statements/write", "statements/read/mine"])),
        // Clocks differ by up to a minute.
        with("exp", json!(NOW - 59)),
        with("nbf", json!(NOW + 60)),
    ] {
        let verified = world.verified(&signer.token(&right)).await;
        assert_eq!(verified.as_ref(), Some(&expected), "{right}");
    }
    assert_eq!(world.asked(), 2, "its keys are read once");
}

#[tokio::test]
async fn a_token_of_another_issuer_audience_time_or_subject_is_not_right() {
    let signer = Signer::new("one");
    let world = World::new(&[&signer]);
    for wrong in [
        with("iss", json!("https://evil.example")),
        with("iss", json!(null)),
        with("aud", json!("https://other.example.org")),
        with("aud", json!(null)),
        with("exp", json!(NOW - 60)),
        with("exp", json!(null)),
        with("nbf", json!(NOW + 61)),
        with("sub", json!("")),
        with("sub", json!("x".repeat(256))),
        with("sub", json!(null)),
    ] {
        assert_eq!(world.verified(&signer.token(&wrong)).await, None, "{wrong}");
    }
    world.clock.advance(360 * SECOND_MICROS);
    assert_eq!(
        world.verified(&signer.token(&claims())).await,
        None,
        "it is past its end"
    );
}

#[tokio::test]
async fn a_token_that_is_signed_otherwise_is_not_right_and_makes_no_issuer_be_asked() {
    let (signer, other) = (Signer::new("one"), Signer::new("one"));
    let world = World::new(&[&signer]);
    for header in [
        json!({ "alg": "none", "kid": "one" }),
        json!({ "alg": "HS256", "kid": "one" }),
        json!({ "alg": "RS256", "kid": "one" }),
        json!({ "alg": "ES384", "kid": "one" }),
        json!({ "kid": "one" }),
    ] {
        let token = signer.sign(&header, &claims());
        assert_eq!(world.verified(&token).await, None, "{header}");
    }
    for text in ["", "abc", "a.b.c", "..", &"x".repeat(TOKEN_BYTES_MAX + 1)] {
        assert_eq!(world.verified(text).await, None, "{text}");
    }
    assert_eq!(world.asked(), 0);

    assert_eq!(
        world.verified(&other.token(&claims())).await,
        None,
        "another key"
    );
    let token = signer.token(&claims());
    let (content, signature) = token.rsplit_once('.').expect("a signature");
    let (header, _) = content.split_once('.').expect("a header");
    let raised = URL_SAFE_NO_PAD.encode(with("scope", json!("all")).to_string());
    let forged = format!("{header}.{raised}.{signature}");
    assert_eq!(world.verified(&forged).await, None, "other claims");
    assert!(world.verified(&token).await.is_some());
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_a_withdrawn_one_within_the_hour() {
    let (first, second) = (Signer::new("one"), Signer::new("two"));
    let world = World::new(&[&first]);
    assert!(world.verified(&first.token(&claims())).await.is_some());
    world.publish(ISSUER, &[&second]);
    assert!(world.verified(&second.token(&claims())).await.is_some());
    assert_eq!(world.verified(&first.token(&claims())).await, None);

    world.publish(ISSUER, &[&first]);
    let later = with("exp", json!(NOW + 7_200));
    world.clock.advance(3_599 * SECOND_MICROS);
    assert!(
        world.verified(&second.token(&later)).await.is_some(),
        "kept"
    );
    world.clock.advance(SECOND_MICROS);
    assert_eq!(
        world.verified(&second.token(&later)).await,
        None,
        "withdrawn"
    );
}

#[tokio::test]
async fn made_up_names_of_keys_make_an_issuer_be_asked_once_a_minute() {
    let (signer, unknown) = (Signer::new("one"), Signer::new("none"));
    let world = World::new(&[&signer]);
    for _ in 0..5 {
        assert_eq!(world.verified(&unknown.token(&claims())).await, None);
    }
    assert_eq!(world.asked(), 4, "at first, and once again");
    assert!(world.verified(&signer.token(&claims())).await.is_some());
    world.clock.advance(60 * SECOND_MICROS);
    for _ in 0..5 {
        assert_eq!(world.verified(&unknown.token(&claims())).await, None);
    }
    assert_eq!(world.asked(), 6);
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_leaves_known_keys_right_and_is_named() {
    let signer = Signer::new("one");
    let world = World::new(&[&signer]);
    let token = signer.token(&with("exp", json!(NOW + 7_200)));
    let pages = world.pages.by_address.lock().expect("whole").clone();
    world.pages.by_address.lock().expect("whole").clear();
    for _ in 0..2 {
        let trouble = world.issuers.verify(&token).await.expect_err("no page");
        assert!(trouble.to_string().contains(ISSUER), "{trouble}");
    }
    assert_eq!(world.asked(), 1);
    *world.pages.by_address.lock().expect("whole") = pages;
    world.clock.advance(60 * SECOND_MICROS);
    assert!(world.verified(&token).await.is_some());
    world.pages.by_address.lock().expect("whole").clear();
    world.clock.advance(60 * SECOND_MICROS);
    assert_eq!(
        world.verified(&Signer::new("two").token(&claims())).await,
        None
    );
    assert!(world.verified(&token).await.is_some());
}

#[tokio::test]
async fn a_discovery_document_of_somebody_else_is_not_believed() {
    let signer = Signer::new("one");
    let world = World::new(&[&signer]);
    world.publish("https://evil.example", &[&signer]);
    let refused = world.issuers.verify(&signer.token(&claims())).await;
    let refused = refused.expect_err("another issuer");
    assert!(refused.to_string().contains("another issuer"), "{refused}");
}

/// Has people sign in at the issuer; `admins` act through `north-administrators`.
fn providers(world: &World, secret: &std::path::Path) -> SignInIssuers {
    let section = SignInIssuerSection {
        name: "north".to_owned(),
        issuer: ISSUER.to_owned(),
        client_id: "varde".to_owned(),
        client_secret_file: secret.to_owned(),
        scopes: vec!["groups".to_owned()],
        role_claim: "groups".to_owned(),
        roles: vec![SignInRoleSection {
            value: "admins".to_owned(),
            key: "north-administrators".to_owned(),
        }],
    };
    let fetch = Arc::clone(&world.pages) as Arc<dyn Fetch>;
    let issuers = Arc::clone(&world.issuers);
    let made = SignInIssuers::new(&[section], issuers, fetch, "https://varde.example.org/");
    made.expect("the secret is there")
}

fn journey() -> Journey {
    let random = |one: &str| one.repeat(43);
    let journey = json!({
        "state": random("s"), "nonce": random("n"), "verifier": random("v"), "expires": 0,
    });
    serde_json::from_value(journey).expect("a journey")
}

#[tokio::test]
async fn a_browser_is_sent_with_a_state_a_nonce_and_a_challenge() {
    let world = World::new(&[&Signer::new("one")]);
    let secret = tempfile::NamedTempFile::new().expect("a file");
    let providers = providers(&world, secret.path());
    assert_eq!(providers.names(), ["north"]);
    let to = providers.departure("north", &journey()).await;
    let to = to.expect("the issuer answers").expect("an address");
    assert!(to.starts_with(&format!("{ISSUER}/auth?")), "{to}");
    for part in [
        "response_type=code",
        "client_id=varde",
        "code_challenge_method=S256",
        &format!("state={}", "s".repeat(43)),
        &format!("nonce={}", "n".repeat(43)),
        "scope=openid+groups",
        "redirect_uri=https%3A%2F%2Fvarde.example.org%2Fsign-in%2Fnorth%2Fcallback",
    ] {
        assert!(to.contains(part), "{part} is not in {to}");
    }
    assert!(!to.contains(&"v".repeat(43)), "the verifier stays here");
    let nowhere = providers.departure("south", &journey()).await;
    assert_eq!(nowhere.expect("no trouble"), None);
}

#[tokio::test]
async fn an_id_token_counts_that_is_of_this_journey_for_us_and_names_a_known_role() {
    let signer = Signer::new("one");
    let world = World::new(&[&signer]);
    let secret = tempfile::NamedTempFile::new().expect("a file");
    let providers = providers(&world, secret.path());
    let of = |name: &str, value: Value| {
        let mut claims = json!({
            "iss": ISSUER, "aud": "varde", "sub": "worker-7", "exp": NOW + 300,
            "nonce": "n".repeat(43), "groups": ["staff", "admins"],
        });
        claims[name] = value;
        claims
    };
    let vouched = async |claims: &Value| {
        let answer = json!({
            "access_token": "a", "token_type": "Bearer", "id_token": signer.token(claims),
        });
        {
            let mut pages = world.pages.by_address.lock().expect("whole");
            pages.insert(format!("{ISSUER}/token"), answer);
        }
        let arrived = providers.arrival("north", &journey(), "the code").await;
        arrived.expect("the issuer answers")
    };
    let right = Vouched {
        issuer: ISSUER.to_owned(),
        subject: "worker-7".to_owned(),
        key: "north-administrators".to_owned(),
    };
    assert_eq!(
        vouched(&of("groups", json!("admins"))).await,
        Some(right.clone())
    );
    assert_eq!(vouched(&of("azp", json!("varde"))).await, Some(right));
    for (name, value) in [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!(AUDIENCE)),
        ("iss", json!("https://evil.example")),
        ("exp", json!(NOW - 61)),
        ("azp", json!("another-client")),
        ("groups", json!(["staff"])),
        ("groups", Value::Null),
    ] {
        let claims = of(name, value);
        assert_eq!(vouched(&claims).await, None, "{claims}");
    }
    let sent = world.pages.sent.lock().expect("whole").clone();
    for part in [
        "grant_type=authorization_code",
        "code=the+code",
        &"v".repeat(43),
    ] {
        assert!(sent[0].contains(part), "{part} is not in {}", sent[0]);
    }
}
