//! The names of the `interreg` xAPI profile, and those of accounts and activities that imports use.

use varde_core::ProjectCode;

/// The version of the profile that imported statements follow.
pub(super) const PROFILE_VERSION: &str = "https://w3id.org/xapi/interreg/v1/v1.0.0";
/// The home page of accounts that are persons of this store's registers; the account's name is the
/// random id of a person.
pub(super) const PERSONS: &str = "https://w3id.org/xapi/interreg/v1/registers/persons";

pub(super) const ATTENDED: &str = "http://adlnet.gov/expapi/verbs/attended";
pub(super) const COMPLETED: &str = "http://adlnet.gov/expapi/verbs/completed";
pub(super) const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

/// The register of organisations of a country, as the home page of an account.
pub(super) fn home_page(country: &str) -> Option<&'static str> {
    match country {
        "NO" => Some("https://data.brreg.no/enhetsregisteret"),
        "SE" => Some("https://bolagsverket.se/organisationsnummer"),
        _ => None,
    }
}

/// Names a verb of the profile.
pub(super) fn verb(name: &str) -> String {
    format!("https://w3id.org/xapi/interreg/v1/verbs/{name}")
}

/// Names a type of activities of the profile.
pub(super) fn activity_type(name: &str) -> String {
    format!("https://w3id.org/xapi/interreg/v1/activity-types/{name}")
}

/// Names an extension of the profile.
pub(super) fn extension(name: &str) -> String {
    format!("https://w3id.org/xapi/interreg/v1/ext/{name}")
}

/// Names the activity that a project is.
pub(super) fn project(code: &ProjectCode) -> String {
    format!("https://w3id.org/xapi/interreg/v1/projects/{code}")
}

/// Names the activity that stands in every statement of a table, by which all of them are found.
pub(super) fn table(name: &str) -> String {
    format!("https://w3id.org/xapi/interreg/v1/tables/{name}")
}
