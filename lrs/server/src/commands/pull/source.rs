//! Another record store, asked over its xAPI endpoint.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER};
use hyper::{Request, Response, StatusCode, Uri};
use jiff::fmt::rfc2822;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::time::sleep;
use varde_core::Clock;
use varde_xapi::{StatementId, Stored};

use super::answer::{Answer, Broken, VERSION_HEADER};
use crate::ambient::SystemClock;
use crate::exit::{Exit, Failure};
use crate::web::{Web, is_safe};

/// How long the source may be silent.
pub(super) const SILENT_MAX: Duration = Duration::from_mins(1);
/// How often the same is asked for while the source is busy or cannot be reached.
const TRIES_MAX: u32 = 6;
/// How long the source may ask to be left alone.
const WAIT_MAX: Duration = Duration::from_mins(5);
/// How many statements are asked for at once.
const LIMIT: usize = 500;
/// The versions that are asked with: of a source that has both, the newer one.
const VERSIONS: [(&str, &str); 2] = [("2.0", "2.0.0"), ("1.0", "1.0.3")];

/// The record store that is pulled from.
#[derive(Debug)]
pub(super) struct Source {
    web: Web,
    /// Its address without a slash at the end, such as `https://old.example.org/xapi`.
    pub(super) endpoint: String,
    /// The address without the path.
    origin: String,
    authorization: SecretString,
    version: &'static str,
}

#[derive(Deserialize)]
struct About {
    version: Vec<String>,
}

impl Source {
    /// Finds out which version of the standard an endpoint speaks; `credentials` are `name:secret`.
    pub(super) async fn find(endpoint: &str, credentials: &str) -> Result<Self, Failure> {
        let (endpoint, origin) = read_endpoint(endpoint)?;
        let basic = format!("Basic {}", STANDARD.encode(credentials));
        let mut source = Self {
            web: Web::within(SILENT_MAX),
            endpoint,
            origin,
            authorization: basic.into(),
            version: "1.0.3",
        };
        let at = format!("{}/about", source.endpoint);
        // The first question is not repeated: who mistyped the address need not wait to hear so.
        let about = source.web.open(source.request(&at)?).await;
        let about = about.map_err(|why| source.unreachable(&why))?;
        if about.status() == StatusCode::OK
            && let Ok(about) = Answer::read_body(about.into_body()).await
            && let Ok(about) = serde_json::from_slice::<About>(&about)
        {
            source.version = newest(&about.version).unwrap_or(source.version);
        }
        Ok(source)
    }

    /// Asks for the first page of what was stored after an instant, the oldest first.
    pub(super) async fn first(&self, since: Option<Stored>) -> Result<Answer, Failure> {
        let since = since.map_or_else(String::new, |since| format!("&since={since}"));
        let query = format!("ascending=true&attachments=true&limit={LIMIT}{since}");
        self.statements(&format!("{}/statements?{query}", self.endpoint))
            .await
    }

    /// Asks for the page that a `more` link leads to.
    pub(super) async fn more(&self, link: &str) -> Result<Answer, Failure> {
        let at = resolve(&self.origin, link).map_err(|why| self.senseless(&why))?;
        self.statements(&at).await
    }

    /// Asks for a statement that was voided; `None` where the source has none of that id.
    pub(super) async fn voided(&self, id: StatementId) -> Result<Option<Answer>, Failure> {
        let query = format!("voidedStatementId={id}&attachments=true");
        let at = format!("{}/statements?{query}", self.endpoint);
        let answer = self.ask(&at).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        self.check(&answer)?;
        let read = Answer::read(answer).await;
        read.map(Some).map_err(|broken| self.broken(broken))
    }

    async fn statements(&self, at: &str) -> Result<Answer, Failure> {
        let answer = self.ask(at).await?;
        self.check(&answer)?;
        let read = Answer::read(answer).await;
        read.map_err(|broken| self.broken(broken))
    }

    fn request(&self, at: &str) -> Result<Request<Full<Bytes>>, Failure> {
        let request = Request::get(at)
            .header(AUTHORIZATION, self.authorization.expose_secret())
            .header(VERSION_HEADER, self.version)
            .body(Full::default());
        request.map_err(|error| self.senseless(&format!("an address that is none: {error}")))
    }

    /// Asks, and again for a while where the source is busy or cannot be reached.
    async fn ask(&self, at: &str) -> Result<Response<Incoming>, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (wait, given_up) = match self.web.open(self.request(at)?).await {
                Ok(answer) if is_busy(answer.status()) => {
                    let wait = retry_after(answer.headers(), SystemClock.now());
                    (wait, self.busy(answer.status()))
                }
                Ok(answer) => return Ok(answer),
                Err(why) => (None, self.unreachable(&why)),
            };
            let wait = wait.unwrap_or_else(|| back_off(tries));
            if tries >= TRIES_MAX || wait > WAIT_MAX {
                return Err(given_up);
            }
            sleep(wait).await;
        }
    }

    /// Checks that statements were answered, as an xAPI endpoint does.
    fn check(&self, answer: &Response<Incoming>) -> Result<(), Failure> {
        let (endpoint, status) = (&self.endpoint, answer.status());
        if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
            let sentence = format!(
                "{endpoint} does not let these credentials read statements ({status}): give those of \
                 a key that may read all of them"
            );
            return Err(Failure::new(Exit::NoPermission, sentence));
        }
        if !answer.headers().contains_key(VERSION_HEADER) {
            return Err(self.senseless(&format!(
                "{status} without the header X-Experience-API-Version, so it is no xAPI endpoint: \
                 name the address below which `statements` is, such as https://lrs.example.org/xapi"
            )));
        }
        if status != StatusCode::OK {
            return Err(self.senseless(&format!("{status}, expected 200")));
        }
        Ok(())
    }

    pub(super) fn senseless(&self, found: &str) -> Failure {
        let sentence = format!("{} answers with {found}", self.endpoint);
        Failure::new(Exit::Data, sentence)
    }

    pub(super) fn broken(&self, broken: Broken) -> Failure {
        match broken {
            Broken::Off(why) => self.unreachable(&format!(
                "{why}; type the same again, and it goes on where it is"
            )),
            Broken::Senseless(found) => self.senseless(&found),
        }
    }

    fn unreachable(&self, why: &str) -> Failure {
        let sentence = format!("{} does not answer as it should: {why}", self.endpoint);
        Failure::new(Exit::Unavailable, sentence)
    }

    fn busy(&self, status: StatusCode) -> Failure {
        let sentence = format!(
            "{} is busy ({status}): type the same again later, and it goes on where it is",
            self.endpoint
        );
        Failure::new(Exit::TryLater, sentence)
    }
}

/// Returns how long it is waited behind so many tries: not at all, then 1, 3, 7 … seconds.
pub(super) fn back_off(tries: u32) -> Duration {
    Duration::from_secs((1 << tries.clamp(1, 8)) / 2 - 1)
}

fn is_busy(status: StatusCode) -> bool {
    [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ]
    .contains(&status)
}

/// Returns for how long a busy source asks to be left alone: seconds, or until a date.
fn retry_after(headers: &HeaderMap, now: Stored) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::parse(said).ok()?.timestamp();
    let micros = until.as_microsecond().saturating_sub(now.0).max(0);
    Some(Duration::from_micros(micros.unsigned_abs()))
}

fn newest(spoken: &[String]) -> Option<&'static str> {
    let speaks = |family: &str| spoken.iter().any(|version| version.starts_with(family));
    let found = VERSIONS.iter().find(|(family, _)| speaks(family));
    found.map(|(_, version)| *version)
}

/// Reads the address of an endpoint; returns it without what may stand behind it, and its origin.
fn read_endpoint(at: &str) -> Result<(String, String), Failure> {
    let refused = |expected: &str| {
        let sentence = format!("--from is no address to pull from: expected {expected}");
        Err(Failure::new(Exit::Usage, sentence))
    };
    let Ok(uri) = at.parse::<Uri>() else {
        return refused("an address such as https://lrs.example.org/xapi");
    };
    if uri
        .authority()
        .is_some_and(|who| who.as_str().contains('@'))
    {
        return refused("no name and secret in it; they are read from --credentials");
    }
    if !is_safe(at) {
        return refused("an address of https, or of http on this machine");
    }
    if uri.query().is_some() {
        return refused("the endpoint alone, without a query");
    }
    let path = uri.path().trim_end_matches('/');
    let path = path.strip_suffix("/statements").unwrap_or(path);
    let origin = origin(&uri);
    Ok((format!("{origin}{path}"), origin))
}

fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let usual = if scheme == "https" { 443 } else { 80 };
    match uri.port_u16() {
        Some(port) if port != usual => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    }
}

/// Returns where a `more` link leads: a path of the same origin, or the whole address of one
/// (xAPI 1.0.3 Data 2.5). The credentials go nowhere else.
fn resolve(of: &str, link: &str) -> Result<String, String> {
    if link.starts_with('/') && !link.starts_with("//") {
        return Ok(format!("{of}{link}"));
    }
    match link.parse::<Uri>() {
        Ok(uri) if uri.scheme().is_some() && origin(&uri) == of => {
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            Ok(format!("{of}{path}"))
        }
        _ => Err(format!(
            "a `more` link to another place than {of}, which is not followed"
        )),
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn an_endpoint_is_read_however_it_is_written() {
        for (written, expected) in [
            (
                "https://LRS.example.org/xapi/",
                "https://lrs.example.org/xapi",
            ),
            (
                "https://lrs.example.org:443/xapi/statements",
                "https://lrs.example.org/xapi",
            ),
            ("http://127.0.0.1:81/", "http://127.0.0.1:81"),
        ] {
            let (endpoint, _) = read_endpoint(written).expect("an endpoint");
            assert_eq!(endpoint, expected);
        }
        for (refused, why) in [
            ("http://lrs.example.org/xapi", "https"),
            ("https://a:b@lrs.example.org/xapi", "--credentials"),
            ("https://lrs.example.org/xapi?x=1", "query"),
            ("lrs", "https"),
        ] {
            let failure = read_endpoint(refused).expect_err("refused");
            assert!(failure.sentence.contains(why), "{failure}");
            assert!(!failure.sentence.contains("a:b"), "{failure}");
        }
    }

    #[test]
    fn a_link_leads_to_the_same_origin_or_nowhere() {
        let of = "https://lrs.example.org";
        assert_eq!(
            resolve(of, "/xapi/more?a=1").as_deref(),
            Ok("https://lrs.example.org/xapi/more?a=1")
        );
        assert_eq!(
            resolve(of, "https://lrs.example.org:443/xapi/more").as_deref(),
            Ok("https://lrs.example.org/xapi/more")
        );
        for elsewhere in [
            "https://other.example.org/xapi/more",
            "http://lrs.example.org/xapi/more",
            "https://lrs.example.org:8443/xapi/more",
            "//other.example.org/xapi/more",
            "https://lrs.example.org@other.example.org/more",
            "more",
            "\u{0}",
        ] {
            assert!(resolve(of, elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn a_busy_source_says_in_seconds_or_by_a_date_when_to_come_again() {
        let said = |text: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            retry_after(&headers, Stored(1_700_000_000_000_000))
        };
        assert_eq!(said("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            said("Tue, 14 Nov 2023 22:13:30 GMT"),
            Some(Duration::from_secs(10))
        );
        assert_eq!(said("Tue, 14 Nov 2023 22:13:00 GMT"), Some(Duration::ZERO));
        assert_eq!(said("soon"), None);
    }

    #[test]
    fn the_newer_version_is_asked_with() {
        let spoken = |versions: &[&str]| {
            newest(
                &versions
                    .iter()
                    .map(|one| (*one).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(spoken(&["1.0.3", "2.0.0"]), Some("2.0.0"));
        assert_eq!(spoken(&["1.0.1"]), Some("1.0.3"));
        assert_eq!(spoken(&["0.95"]), None);
    }
}
