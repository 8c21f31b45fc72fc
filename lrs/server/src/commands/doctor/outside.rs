//! The address that people use, the issuers of tokens, the origins of pages, and backups.

use std::sync::Arc;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::{Request, Response, StatusCode, Uri};
use serde_json::Value;

use super::Check;
use crate::config::Config;
use crate::exit::chain;
use crate::noted::Noted;
use crate::oidc::{Fetch, keys_of};
use crate::web::{Web, is_safe};
use crate::wiring::Parts;

/// How old the last backup may be, in microseconds.
const BACKUP_MICROS: i64 = 36 * 3_600 * 1_000_000;
const VERSION_HEADER: &str = "x-experience-api-version";
const VERSION: &str = "1.0.3";
/// `doctor:no-such-key`, which is no key's.
const NO_KEY: &str = "Basic ZG9jdG9yOm5vLXN1Y2gta2V5";
const ABOUT: &str = "/xapi/about";
const STATEMENTS: &str = "/xapi/statements";

pub(super) async fn look(parts: &Parts, config: &Config) -> Vec<Check> {
    let web = Arc::new(Web::new());
    let mut checks = vec![address(config, &web).await];
    checks.push(origins(parts).await);
    for section in &config.oidc.issuers {
        checks.push(issuer(&section.issuer, &web).await);
    }
    if parts.store.embedded().is_some() {
        checks.push(backup(parts));
    }
    checks
}

/// Asks at the public address as a front end would, and sees what a proxy before it lets through.
async fn address(config: &Config, web: &Web) -> Check {
    const NAME: &str = "public address";
    let url = config.http.public_url.trim_end_matches('/');
    let host = url
        .parse::<Uri>()
        .ok()
        .and_then(|uri| Some(uri.host()?.to_owned()));
    let is_local = host.is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&&*host));
    if is_local && !config.http.listen.ip().is_loopback() {
        let found = format!(
            "is {url}, while others can connect to {}",
            config.http.listen
        );
        let mend = "set http.public_url to the https address that front ends use: it is part of the \
                    authority of each statement and does not change later";
        return Check::look(NAME, found, mend);
    }
    if !is_safe(url) {
        let mend =
            "put a proxy that speaks TLS before it, and set http.public_url to the https address";
        return Check::broken(
            NAME,
            format!("is {url}, over which secrets go in the clear"),
            mend,
        );
    }
    match asked(web, url).await {
        Ok(()) if is_local => Check::well(NAME, format!("{url} answers, on this machine only")),
        Ok(()) => Check::well(
            NAME,
            format!("{url} answers, and lets through what it must"),
        ),
        Err((found, mend)) => Check::broken(NAME, format!("{url} {found}"), mend),
    }
}

/// What is found, and what to do about it.
type Found = (String, &'static str);

const REACH: &str = "start `varde serve`, and see that the name and the proxy lead to it";
const HEADERS: &str = "have the proxy pass the headers of requests and answers on as they are";

async fn asked(web: &Web, url: &str) -> Result<(), Found> {
    let about = ask(web, &format!("{url}{ABOUT}"), None).await?;
    if about.status() != StatusCode::OK || !about.headers().contains_key(VERSION_HEADER) {
        let found = format!(
            "answers {ABOUT} with {}, and not as Varde does",
            about.status()
        );
        return Err((found, REACH));
    }
    let wrong = ask(web, &format!("{url}{STATEMENTS}"), Some(NO_KEY)).await?;
    // Without the header the request breaks a rule, before anybody looks at credentials.
    let version = wrong.headers().get(VERSION_HEADER);
    let is_kept = version.is_some_and(|version| version == VERSION);
    if wrong.status() == StatusCode::BAD_REQUEST || !is_kept {
        return Err((
            "loses the header X-Experience-API-Version".to_owned(),
            HEADERS,
        ));
    }
    if wrong.status() != StatusCode::UNAUTHORIZED {
        let found = format!(
            "answers a request with wrong credentials with {}",
            wrong.status()
        );
        return Err((found, HEADERS));
    }
    let code = serde_json::from_slice::<Value>(wrong.body()).ok();
    if code.is_none_or(|body| body["code"] != "wrong-credentials") {
        return Err(("loses the header Authorization".to_owned(), HEADERS));
    }
    Ok(())
}

async fn ask(web: &Web, at: &str, credentials: Option<&str>) -> Result<Response<Bytes>, Found> {
    let mut request = Request::get(at).header(VERSION_HEADER, VERSION);
    if let Some(credentials) = credentials {
        request = request.header(AUTHORIZATION, credentials);
    }
    let request = request.body(Full::default());
    let request = request.map_err(|error| (error.to_string(), REACH))?;
    let answer = web.ask(request).await;
    answer.map_err(|why| (format!("does not answer: {why}"), REACH))
}

async fn origins(parts: &Parts) -> Check {
    const NAME: &str = "origins of pages";
    let keys = match parts.keys.all().await {
        Ok(keys) => keys,
        Err(error) => return Check::look(NAME, chain(&error), "see the first check"),
    };
    let now = parts.clock.now();
    let in_force = keys.iter().filter(|key| key.stands(now));
    let plain = in_force.flat_map(|key| key.origins.iter().map(move |origin| (key, origin)));
    let plain: Vec<String> = plain
        .map(|(key, origin)| (&key.name, String::from(origin.clone())))
        .filter(|(_, origin)| !is_safe(origin))
        .map(|(key, origin)| format!("{key}: {origin}"))
        .collect();
    if plain.is_empty() {
        return Check::well(
            NAME,
            "every origin of a key is of https, or of this machine",
        );
    }
    let mend = "serve those pages over https, and give their keys the origin with `https://`";
    Check::look(NAME, plain.join(", "), mend)
}

async fn issuer(issuer: &str, web: &Arc<Web>) -> Check {
    const NAME: &str = "issuer of tokens";
    let fetch: Arc<dyn Fetch> = Arc::clone(web) as _;
    match keys_of(issuer, &fetch).await {
        Ok(0) => {
            let found = format!("{issuer} publishes no keys");
            Check::broken(
                NAME,
                found,
                "ask those who run it: none of its tokens can be checked",
            )
        }
        Ok(keys) => Check::well(NAME, format!("{issuer} publishes {keys} keys")),
        Err(error) => {
            let mend =
                "see that this machine reaches it over https; its tokens are answered with 503";
            Check::broken(NAME, error.to_string(), mend)
        }
    }
}

fn backup(parts: &Parts) -> Check {
    const NAME: &str = "backup";
    let mend = "`varde backup FOLDER` daily, by a timer, as docs/operations.md says";
    let now = parts.clock.now();
    match Noted::Backup.last(&parts.data) {
        Some(at) if now.0 - at.0 <= BACKUP_MICROS => Check::well(NAME, format!("made on {at}")),
        Some(at) => Check::look(NAME, format!("the last was made on {at}"), mend),
        None => Check::look(NAME, "none was ever made of this folder", mend),
    }
}
