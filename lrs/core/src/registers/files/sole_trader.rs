//! Swedish sole traders, whose organisation number is the owner's personal identity number.

use std::fmt;

use super::{OrganisationNumber, OrganisationNumberError};
use crate::people::{IdentityId, IdentityKind, IdentityName};

/// What the natural key of a sole trader begins with once the number has become a random id.
const SHOWN: &str = "SE-sole-trader-";
/// What it begins with while the number still stands behind it: between the files and the import.
const GIVEN: &str = "SE-sole-trader:";

/// Who is meant by an organisation number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Organisation {
    /// An organisation with a number of its own.
    Numbered(OrganisationNumber),
    /// A Swedish sole trader.
    SoleTrader(SoleTrader),
}

/// The number of a sole trader. It is never printed and never stored, but for its keyed hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SoleTrader {
    digits: String,
}

impl Organisation {
    /// Reads a number, with the country beside it where there is one, as
    /// [`OrganisationNumber::parse`] does, and takes a personal identity number for a sole trader's.
    pub fn parse(country: Option<&str>, text: &str) -> Result<Self, OrganisationNumberError> {
        match OrganisationNumber::parse(country, text) {
            Ok(number) => Ok(Self::Numbered(number)),
            Err(OrganisationNumberError::SwedishPerson) => {
                let digits = text.chars().filter(char::is_ascii_digit).collect();
                Ok(Self::SoleTrader(SoleTrader { digits }))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the key under which files speak of it. That of a sole trader holds the number, and
    /// [`crate::registers::RegisterBook::import`] puts a random id in its place.
    pub(in crate::registers) fn given(&self) -> String {
        match self {
            Self::Numbered(number) => number.to_string(),
            Self::SoleTrader(trader) => format!("{GIVEN}{}", trader.digits),
        }
    }
}

impl SoleTrader {
    /// Returns the name under which the sole trader's id is found.
    pub fn name(&self) -> IdentityName {
        IdentityName::of(IdentityKind::SoleTrader, self.digits.clone())
    }

    /// Returns the organisation's natural key once the id is known: `SE-sole-trader-` and the id.
    pub fn natural_key(id: IdentityId) -> String {
        format!("{SHOWN}{id}")
    }

    /// Returns the id that a natural key holds, if it is a sole trader's.
    pub fn id_in(natural_key: &str) -> Option<IdentityId> {
        natural_key.strip_prefix(SHOWN)?.parse().ok()
    }

    /// Returns the name that a key of the files holds, if it is a sole trader's.
    pub(in crate::registers) fn given_in(key: &str) -> Option<IdentityName> {
        let digits = key.strip_prefix(GIVEN)?.to_owned();
        Some(Self { digits }.name())
    }
}

impl fmt::Debug for SoleTrader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoleTrader")
    }
}

/// Returns a key or field of the files as it may be printed: without a sole trader's number.
pub(super) fn printable(text: &str) -> &str {
    match text.find(GIVEN) {
        Some(at) => text.get(..at + GIVEN.len() - 1).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sole_trader_is_told_from_an_organisation_and_never_printed() {
        let number = "400101-0000";
        let trader = Organisation::parse(Some("SE"), number).unwrap();
        let same = Organisation::parse(None, "SE-4001010000").unwrap();
        assert_eq!(trader, same);
        assert!(!format!("{trader:?}").contains("4001"));
        assert_eq!(
            printable(&format!("organiser:{}", trader.given())),
            "organiser:SE-sole-trader"
        );
        assert_eq!(
            printable("organiser:NO-123456785"),
            "organiser:NO-123456785"
        );
        let Organisation::SoleTrader(trader) = trader else {
            panic!("a sole trader");
        };
        assert_eq!(SoleTrader::given_in(&same.given()), Some(trader.name()));
        let id = IdentityId([7; 16]);
        assert_eq!(SoleTrader::id_in(&SoleTrader::natural_key(id)), Some(id));
        let other = Organisation::parse(Some("SE"), "402000-0008").unwrap();
        assert!(matches!(other, Organisation::Numbered(_)));
        assert!(
            Organisation::parse(Some("SE"), "400101-0001").is_err(),
            "a wrong check digit"
        );
    }
}
