//! The listener of front ends and people.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use serde::Deserialize;
use varde_http::Limits;

use crate::cli::{DefaultVersion, ServeArgs};
use crate::exit::{Exit, Failure};

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpSection {
    /// Where front ends and people connect.
    pub(crate) listen: SocketAddr,
    /// The address that names this Varde in the authority of the statements it takes.
    pub(crate) public_url: String,
    /// The largest body of a request, in bytes.
    pub(crate) body_bytes_max: usize,
    /// The most bytes of attachments with one request; 0 to take none.
    pub(crate) attachment_bytes_max: usize,
    /// The most statements on a page, 1 or more.
    pub(crate) statements_per_page_max: usize,
    /// The version named in answers to requests that name none, or none that is known.
    pub(crate) default_version: DefaultVersion,
    /// The most connections at a time, 1 or more; the next waits until one is closed.
    pub(crate) connections_max: usize,
    /// How many requests one key may make in a minute; any number when absent.
    pub(crate) requests_per_minute: Option<NonZeroU32>,
}

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
            ..Limits::default()
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
        if self.body_bytes_max == 0 {
            return refuse("body_bytes_max is 0; expected 1 or more".to_owned());
        }
        if self.statements_per_page_max == 0 {
            return refuse("statements_per_page_max is 0; expected 1 or more".to_owned());
        }
        if self.connections_max == 0 {
            return refuse("connections_max is 0; expected 1 or more".to_owned());
        }
        Ok(())
    }
}
