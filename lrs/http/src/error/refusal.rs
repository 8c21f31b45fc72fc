//! What of an error goes into the notes of refused requests.

use axum::http::{Method, StatusCode};
use varde_core::Forbidden;
use varde_core::refusals::{BROKEN_MAX, Broken, Refusal};

use super::ApiError;
use crate::finding::Finding;

impl ApiError {
    /// Tells whether it goes into the notes: where the request must be another one to be done. What is not there,
    /// a condition that does not hold, a rate and an unproved name are of everyday use.
    pub(crate) fn is_noted(&self) -> bool {
        matches!(
            self.status().0,
            StatusCode::BAD_REQUEST
                | StatusCode::FORBIDDEN
                | StatusCode::METHOD_NOT_ALLOWED
                | StatusCode::CONFLICT
                | StatusCode::PAYLOAD_TOO_LARGE
                | StatusCode::URI_TOO_LONG
        )
    }

    /// Returns what is noted of it.
    pub(crate) fn refusal(&self, method: &Method, route: String) -> Refusal {
        let (status, code) = self.status();
        let findings = self.findings();
        let told = findings.map_or(&[][..], |findings| &findings.told);
        let faults = self.file_faults().map(|faults| faults.0.len());
        Refusal {
            method: named(method).to_owned(),
            route,
            status: status.as_u16(),
            code: code.to_owned(),
            expected: self.is_in_our_words().then(|| self.sentence()),
            broken: told.iter().take(BROKEN_MAX).map(broken).collect(),
            total: findings
                .map(|findings| findings.total)
                .or(faults)
                .unwrap_or(0),
        }
    }

    /// Tells whether its sentence holds nothing but bounds, scopes, roles and settings.
    fn is_in_our_words(&self) -> bool {
        match self {
            Self::Forbidden(forbidden) => matches!(
                forbidden,
                Forbidden::Scope { .. }
                    | Forbidden::Role { .. }
                    | Forbidden::Machine
                    | Forbidden::Session(_)
            ),
            Self::ForeignOrigin
            | Self::NoProof
            | Self::TooLarge { .. }
            | Self::QueryTooLarge { .. }
            | Self::TooManyParts { .. }
            | Self::AttachmentsTooLarge { .. } => true,
            _ => false,
        }
    }
}

/// Returns the name of a method that some resource has; a client can make up any other.
fn named(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

fn broken(finding: &Finding) -> Broken {
    Broken {
        path: finding.path.clone(),
        line: finding.line,
        column: finding.column,
        rule: finding.rule.to_owned(),
        section: finding.section.to_owned(),
        shape: finding.shape.clone(),
        expected: (!finding.quotes).then(|| finding.expected.clone()),
    }
}
