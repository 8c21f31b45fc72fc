//! The names of the `interreg` xAPI profile, as statements are read and as imports write them, and those of
//! accounts and activities that imports use.

use varde_core::ProjectCode;

/// The version of the profile that imported statements follow.
pub(crate) const PROFILE_VERSION: &str = "https://w3id.org/xapi/interreg/v1/v1.0.0";
/// The home page of accounts that are persons of this store's registers; the account's name is the
/// random id of a person.
pub(crate) const PERSONS: &str = "https://w3id.org/xapi/interreg/v1/registers/persons";

pub(crate) const ATTENDED: &str = "http://adlnet.gov/expapi/verbs/attended";
pub(crate) const COMPLETED: &str = "http://adlnet.gov/expapi/verbs/completed";
pub(crate) const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

/// Begins the verbs of the profile.
pub(crate) const VERBS: &str = "https://w3id.org/xapi/interreg/v1/verbs/";
/// Begins its types of activities.
pub(crate) const ACTIVITY_TYPES: &str = "https://w3id.org/xapi/interreg/v1/activity-types/";
/// Begins its extensions.
const EXTENSIONS: &str = "https://w3id.org/xapi/interreg/v1/ext/";

/// The countries whose registers number organisations.
pub(crate) const COUNTRIES: [&str; 2] = ["NO", "SE"];

/// The register of organisations of a country, as the home page of an account.
pub(crate) fn home_page(country: &str) -> Option<&'static str> {
    match country {
        "NO" => Some("https://data.brreg.no/enhetsregisteret"),
        "SE" => Some("https://bolagsverket.se/organisationsnummer"),
        _ => None,
    }
}

/// Names a verb of the profile.
pub(crate) fn verb(name: &str) -> String {
    format!("{VERBS}{name}")
}

/// Names a type of activities of the profile.
pub(crate) fn activity_type(name: &str) -> String {
    format!("{ACTIVITY_TYPES}{name}")
}

/// Names an extension of the profile.
pub(crate) fn extension(name: &str) -> String {
    format!("{EXTENSIONS}{name}")
}

/// Names the activity that a project is.
pub(crate) fn project(code: &ProjectCode) -> String {
    format!("https://w3id.org/xapi/interreg/v1/projects/{code}")
}

/// Names the activity that stands in every statement of a table, by which all of them are found.
pub(crate) fn table(name: &str) -> String {
    format!("https://w3id.org/xapi/interreg/v1/tables/{name}")
}
