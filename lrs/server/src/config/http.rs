//! The listener of front ends and people.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use varde_http::Limits;
use varde_xapi::JSON_DEPTH_MAX;

use crate::cli::{DefaultVersion, ServeArgs};
use crate::exit::{Exit, Failure};
use crate::listener::{Bounds, HEADERS_MAX};

/// `[http]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpSection {
    /// Where front ends and people connect.
    #[schemars(extend("x-variable" = "VARDE_LISTEN"))]
    pub(crate) listen: SocketAddr,
    /// The address that names this Varde in the authority of the statements it takes.
    #[schemars(extend("x-variable" = "VARDE_PUBLIC_URL"))]
    pub(crate) public_url: String,
    /// The largest body of a request, in bytes.
    #[schemars(extend("x-variable" = "VARDE_BODY_BYTES_MAX"))]
    #[schemars(range(min = 1))]
    pub(crate) body_bytes_max: usize,
    /// The most bytes of attachments with one request; 0 to take none.
    #[schemars(extend("x-variable" = "VARDE_ATTACHMENT_BYTES_MAX"))]
    pub(crate) attachment_bytes_max: usize,
    /// The most statements on a page, 1 or more.
    #[schemars(extend("x-variable" = "VARDE_STATEMENTS_PER_PAGE_MAX"))]
    #[schemars(range(min = 1))]
    pub(crate) statements_per_page_max: usize,
    /// The version named in answers to requests that name none, or none that is known.
    #[schemars(extend("x-variable" = "VARDE_DEFAULT_VERSION"))]
    pub(crate) default_version: DefaultVersion,
    /// The most connections at a time, 1 or more; the next waits until one is closed.
    #[schemars(extend("x-variable" = "VARDE_CONNECTIONS_MAX"))]
    #[schemars(range(min = 1))]
    pub(crate) connections_max: usize,
    /// How many requests one key may make in a minute; any number when absent.
    #[schemars(extend("x-variable" = "VARDE_REQUESTS_PER_MINUTE"))]
    pub(crate) requests_per_minute: Option<NonZeroU32>,
    /// How many seconds a connection may take for the head of its next request, 1 or more.
    #[schemars(range(min = 1))]
    pub(crate) head_seconds_max: u64,
    /// The most bytes of the head of a request, with its query: 8,192 or more.
    #[schemars(range(min = HEAD_BYTES_MIN))]
    pub(crate) head_bytes_max: usize,
    /// The most headers of a request, 1 or more.
    #[schemars(range(min = 1))]
    pub(crate) headers_max: usize,
    /// How many seconds a body may let wait for its next bytes, 1 or more.
    #[schemars(range(min = 1))]
    pub(crate) body_pause_seconds_max: u64,
    /// How many seconds a whole body may take, 1 or more.
    #[schemars(range(min = 1))]
    pub(crate) body_seconds_max: u64,
    /// The most parts of a body of several parts, the statements included, 1 or more.
    #[schemars(range(min = 1))]
    pub(crate) parts_max: usize,
    /// The most bytes of the headers of one part, 256 or more.
    #[schemars(range(min = PART_HEAD_BYTES_MIN))]
    pub(crate) part_head_bytes_max: usize,
    /// The most levels of arrays and objects in a JSON body: 16 to 128.
    #[schemars(range(min = JSON_DEPTH_MIN, max = JSON_DEPTH_MAX))]
    pub(crate) json_depth_max: usize,
    /// The most bytes of a query, 1,024 or more.
    #[schemars(range(min = QUERY_BYTES_MIN))]
    pub(crate) query_bytes_max: usize,
    /// How many secrets are checked by the slow hash at a time, 1 or more.
    #[schemars(range(min = 1))]
    pub(crate) secret_checks_max: usize,
}

/// The smallest bound of a head that the protocol's reader knows.
const HEAD_BYTES_MIN: usize = 8_192;

/// The headers that a part needs fit.
const PART_HEAD_BYTES_MIN: usize = 256;
/// Statements are nested less, but for what extensions hold.
const JSON_DEPTH_MIN: usize = 16;
/// The agent and the activity of a state fit.
const QUERY_BYTES_MIN: usize = 1_024;

impl Default for HttpSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: "http://localhost:8080".to_owned(),
            body_bytes_max: Limits::default().body_bytes_max,
            attachment_bytes_max: Limits::default().attachment_bytes_max,
            statements_per_page_max: 100,
            default_version: DefaultVersion::V2,
            connections_max: 10_000,
            requests_per_minute: None,
            head_seconds_max: 30,
            head_bytes_max: 417_792,
            headers_max: HEADERS_MAX,
            body_pause_seconds_max: Limits::default().body_pause_max.as_secs(),
            body_seconds_max: Limits::default().body_max.as_secs(),
            parts_max: Limits::default().parts_max,
            part_head_bytes_max: Limits::default().part_head_bytes_max,
            json_depth_max: Limits::default().json_depth_max,
            query_bytes_max: Limits::default().query_bytes_max,
            secret_checks_max: Limits::default().secret_checks_max,
        }
    }
}

impl HttpSection {
    pub(super) fn overlay(&mut self, args: &ServeArgs) {
        if let Some(listen) = args.listen {
            self.listen = listen;
        }
        if let Some(url) = &args.public_url {
            self.public_url.clone_from(url);
        }
        if let Some(bytes) = args.body_bytes_max {
            self.body_bytes_max = bytes;
        }
        if let Some(bytes) = args.attachment_bytes_max {
            self.attachment_bytes_max = bytes;
        }
        if let Some(statements) = args.statements_per_page_max {
            self.statements_per_page_max = statements;
        }
        if let Some(version) = args.default_version {
            self.default_version = version;
        }
        if let Some(connections) = args.connections_max {
            self.connections_max = connections;
        }
        if args.requests_per_minute.is_some() {
            self.requests_per_minute = args.requests_per_minute;
        }
    }

    /// Returns the bounds of requests.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            body_bytes_max: self.body_bytes_max,
            attachment_bytes_max: self.attachment_bytes_max,
            unversioned: self.default_version.family(),
            requests_per_minute: self.requests_per_minute,
            body_pause_max: Duration::from_secs(self.body_pause_seconds_max),
            body_max: Duration::from_secs(self.body_seconds_max),
            parts_max: self.parts_max,
            part_head_bytes_max: self.part_head_bytes_max,
            json_depth_max: self.json_depth_max,
            query_bytes_max: self.query_bytes_max,
            secret_checks_max: self.secret_checks_max,
        }
    }

    /// Returns the bounds of connections.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            connections_max: self.connections_max,
            head_max: Duration::from_secs(self.head_seconds_max),
            head_bytes_max: self.head_bytes_max,
            headers_max: self.headers_max,
        }
    }

    /// Checks what single values cannot say of themselves.
    pub(crate) fn validate(&self) -> Result<(), Failure> {
        let refuse = |sentence: String| Err(Failure::new(Exit::Config, sentence));
        let url = &self.public_url;
        if !["http://", "https://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return refuse(format!(
                "public_url is `{url}`; expected an http or https address"
            ));
        }
        let seconds = |seconds: u64| usize::try_from(seconds).unwrap_or(usize::MAX);
        for (name, value, least) in [
            ("body_bytes_max", self.body_bytes_max, 1),
            ("statements_per_page_max", self.statements_per_page_max, 1),
            ("connections_max", self.connections_max, 1),
            ("head_seconds_max", seconds(self.head_seconds_max), 1),
            ("head_bytes_max", self.head_bytes_max, HEAD_BYTES_MIN),
            ("headers_max", self.headers_max, 1),
            (
                "body_pause_seconds_max",
                seconds(self.body_pause_seconds_max),
                1,
            ),
            ("body_seconds_max", seconds(self.body_seconds_max), 1),
            ("parts_max", self.parts_max, 1),
            (
                "part_head_bytes_max",
                self.part_head_bytes_max,
                PART_HEAD_BYTES_MIN,
            ),
            ("json_depth_max", self.json_depth_max, JSON_DEPTH_MIN),
            ("query_bytes_max", self.query_bytes_max, QUERY_BYTES_MIN),
            ("secret_checks_max", self.secret_checks_max, 1),
        ] {
            if value < least {
                return refuse(format!("{name} is {value}; expected {least} or more"));
            }
        }
        let levels = self.json_depth_max;
        if levels > JSON_DEPTH_MAX {
            return refuse(format!(
                "json_depth_max is {levels}; expected {JSON_DEPTH_MAX} or less"
            ));
        }
        Ok(())
    }
}
