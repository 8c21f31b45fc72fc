//! Query parameters, held strictly: known names in their letter case, each once.

use std::collections::BTreeSet;
use std::convert::Infallible;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use varde_core::{Caller, Tolerance};
use varde_xapi::Fault;

use crate::error::ApiError;
use crate::finding::{Finding, Findings, let_off_by};
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// Every parameter of the standard's resources, and of the `more` links that we give.
const OF_THE_STANDARD: [&str; 19] = [
    "activity",
    "activityId",
    "agent",
    "ascending",
    "attachments",
    "format",
    "limit",
    "method",
    "more",
    "profileId",
    "registration",
    "related_activities",
    "related_agents",
    "since",
    "stateId",
    "statementId",
    "until",
    "verb",
    "voidedStatementId",
];

/// The parameters of a request, not yet checked against what its resource knows.
#[derive(Debug)]
pub struct Parameters {
    given: Result<Vec<(String, String)>, ApiError>,
    /// Whether a key can be let off the parameters that the standard has nowhere.
    tolerable: bool,
}

/// Parameters that came in a form and stand in place of those of the query.
#[derive(Debug, Clone)]
pub(crate) struct FormParameters(pub(crate) Vec<(String, String)>);

impl<S> FromRequestParts<S> for Parameters
where
    S: Sync,
    Limits: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let given = if let Some(FormParameters(given)) = parts.extensions.remove() {
            Ok(given)
        } else {
            let query = parts.uri.query().unwrap_or_default();
            let bytes_max = Limits::from_ref(state).query_bytes_max;
            if query.len() <= bytes_max {
                decode_form(query).map_err(ApiError::from)
            } else {
                Err(ApiError::QueryTooLarge { bytes_max })
            }
        };
        Ok(Self {
            given,
            tolerable: false,
        })
    }
}

impl Parameters {
    /// Drops those that the standard has nowhere, where the caller is let off them.
    pub(crate) fn of(mut self, caller: &Caller) -> Self {
        self.tolerable = true;
        if let Ok(given) = &mut self.given
            && caller.tolerances.include(Tolerance::UnknownParameters)
        {
            let before = given.len();
            given.retain(|(name, _)| is_of_the_standard(name));
            if given.len() < before {
                caller.tolerances.used(Tolerance::UnknownParameters);
            }
        }
        self
    }

    /// Checks that there are only known parameters, each once, and gives them by name.
    ///
    /// xAPI 1.0.3 Communication 3.2: an unknown name, or a known one in other letter case, is
    /// refused.
    pub fn only(self, known: &'static [&'static str]) -> Result<Known, ApiError> {
        let given = self.given?;
        let mut seen = BTreeSet::new();
        let faults: Vec<_> = given
            .iter()
            .filter_map(|(name, _)| refuse(name, known, &mut seen, self.tolerable))
            .collect();
        if faults.is_empty() {
            Ok(Known(given))
        } else {
            Err(Findings::from(faults).into())
        }
    }

    /// Checks that there are none.
    pub fn none(self) -> Result<(), ApiError> {
        self.only(&[]).map(|_| ())
    }

    /// Returns the first text of a parameter, where others may stand beside it.
    pub fn first(&self, name: &str) -> Option<&str> {
        let given = self.given.as_ref().ok()?;
        let found = given.iter().find(|(given, _)| given == name);
        found.map(|(_, text)| text.as_str())
    }

    /// Tells whether a parameter is given, known or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given
            .as_ref()
            .is_ok_and(|given| given.iter().any(|(given, _)| given == name))
    }
}

/// Tells whether a resource of the standard has a parameter of this name, in whatever letter case.
fn is_of_the_standard(name: &str) -> bool {
    OF_THE_STANDARD
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

fn refuse<'a>(
    name: &'a str,
    known: &[&str],
    seen: &mut BTreeSet<&'a str>,
    tolerable: bool,
) -> Option<Finding> {
    if !known.contains(&name) {
        let mut expected = match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(meant) => format!("the name {meant}, in this letter case"),
            None if known.is_empty() => "no parameters".to_owned(),
            None => format!("only {}", known.join(", ")),
        };
        if tolerable && !is_of_the_standard(name) {
            expected += &let_off_by(Tolerance::UnknownParameters);
        }
        return Some(Finding::new(
            name,
            ProtocolRule::ParameterUnknown,
            name,
            expected,
        ));
    }
    (!seen.insert(name)).then(|| {
        Finding::told(
            name,
            ProtocolRule::ParameterRepeated,
            "it again",
            "the parameter once",
        )
    })
}

/// Parameters that the resource knows.
#[derive(Debug)]
pub struct Known(Vec<(String, String)>);

impl Known {
    /// Returns a parameter's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the names given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Reads a parameter where it is given.
    pub fn read<T, E: Into<ApiError>>(
        &self,
        name: &str,
        read: impl FnOnce(&str, &str) -> Result<T, E>,
    ) -> Result<Option<T>, ApiError> {
        self.get(name)
            .map(|text| read(name, text).map_err(Into::into))
            .transpose()
    }

    /// Returns the text of a parameter that must be given.
    pub fn needed(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| {
            let rule = ProtocolRule::ParameterMissing;
            Finding::told(name, rule, "nothing", "the parameter").into()
        })
    }

    /// Reads a parameter that must be given.
    pub fn required<T, E: Into<ApiError>>(
        &self,
        name: &str,
        read: impl FnOnce(&str, &str) -> Result<T, E>,
    ) -> Result<T, ApiError> {
        read(name, self.needed(name)?).map_err(Into::into)
    }

    /// Reads `true` or `false`; `false` where it is not given.
    pub fn flag(&self, name: &str) -> Result<bool, ApiError> {
        let flag = self.read::<_, Fault>(name, varde_xapi::parameter::boolean)?;
        Ok(flag.unwrap_or_default())
    }
}

/// Decodes `name=value&…`, as a query and as the body of a form.
pub(crate) fn decode_form(text: &str) -> Result<Vec<(String, String)>, Finding> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(decode_pair)
        .collect()
}

fn decode_pair(pair: &str) -> Result<(String, String), Finding> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    Ok((decode(name, name)?, decode(name, value)?))
}

fn decode(name: &str, text: &str) -> Result<String, Finding> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| {
        let rule = ProtocolRule::ParameterEncoding;
        Finding::told(
            name,
            rule,
            "bytes that are not UTF-8",
            "percent-encoded UTF-8",
        )
    })
}
