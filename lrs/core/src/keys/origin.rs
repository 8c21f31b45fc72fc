//! Where browsers may use a key from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most bytes of an origin.
const BYTES_MAX: usize = 300;

/// The origin of a page (RFC 6454 section 6.2): scheme, host and port, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{found}` is no origin: expected a scheme, a host and a port where it is not the usual one, \
     such as https://course.example.org"
)]
pub struct OriginError {
    /// The text as given.
    pub found: String,
}

impl Origin {
    /// Tells whether an `Origin` header names it.
    pub fn is(&self, header: &str) -> bool {
        self.0.eq_ignore_ascii_case(header)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        match host {
            Some(host)
                if !host.is_empty() && text.len() <= BYTES_MAX && host.bytes().all(plain) =>
            {
                Ok(Self(text.to_ascii_lowercase()))
            }
            _ => Err(OriginError {
                found: text.to_owned(),
            }),
        }
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_nothing_behind() {
        for right in [
            "https://course.example.org",
            "http://localhost:3000",
            "https://[::1]:8443",
        ] {
            assert!(right.parse::<Origin>().is_ok(), "{right}");
        }
        for wrong in [
            "",
            "*",
            "null",
            "course.example.org",
            "https://",
            "https://course.example.org/",
            "https://course.example.org/path",
            "https://user@course.example.org",
            "ftp://course.example.org",
        ] {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_are_compared_without_regard_to_letter_case() {
        let origin: Origin = "https://Course.example.org".parse().unwrap();
        assert!(origin.is("https://course.EXAMPLE.org"));
        assert!(!origin.is("http://course.example.org"));
        assert!(!origin.is("https://course.example.org.evil.example"));
    }
}
