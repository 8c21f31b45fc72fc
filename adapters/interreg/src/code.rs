//! Indicator codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The code of an indicator, whichever way it was spelled: prefix, number without leading zeros,
/// suffix. Printed with two digits at least: `RCO01`, `RCO85`, `RCR104`, `RCO66a`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IndicatorCode {
    prefix: String,
    number: u16,
    suffix: Option<char>,
}

/// A text that is no indicator code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected an indicator code such as RCO85: two to four capital letters and a number")]
pub struct CodeError;

impl IndicatorCode {
    /// Tells whether it is a common result indicator, which has a baseline.
    pub fn is_result(&self) -> bool {
        self.prefix == "RCR"
    }

    /// Tells whether it is one of the common indicators, whose counting is fixed.
    pub(crate) fn is_common(&self) -> bool {
        matches!(self.prefix.as_str(), "RCO" | "RCR")
    }

    /// Returns the common code without the suffix that marks its use outside its objective.
    pub(crate) fn common(&self) -> Self {
        Self {
            suffix: None,
            ..self.clone()
        }
    }
}

impl fmt::Display for IndicatorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02}", self.prefix, self.number)?;
        self.suffix.map_or(Ok(()), |suffix| write!(f, "{suffix}"))
    }
}

impl FromStr for IndicatorCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let end = text
            .find(|c: char| !c.is_ascii_uppercase())
            .ok_or(CodeError)?;
        let (prefix, rest) = text.split_at_checked(end).ok_or(CodeError)?;
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let suffix = rest.chars().last().filter(char::is_ascii_lowercase);
        let digits = rest
            .strip_suffix(|c: char| c.is_ascii_lowercase())
            .unwrap_or(rest);
        let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !plain || !(2..=4).contains(&prefix.len()) {
            return Err(CodeError);
        }
        let number = digits.parse().map_err(|_| CodeError)?;
        Ok(Self {
            prefix: prefix.to_owned(),
            number,
            suffix,
        })
    }
}

impl TryFrom<String> for IndicatorCode {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        text.parse()
    }
}

impl From<IndicatorCode> for String {
    fn from(code: IndicatorCode) -> Self {
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_code_prints_the_same() {
        let cases = [
            ("RCO85", "RCO85"),
            ("RCO085", "RCO85"),
            ("RCO 085", "RCO85"),
            ("RCO 1", "RCO01"),
            ("RCO001", "RCO01"),
            ("RCR104", "RCR104"),
            ("RCO66a", "RCO66a"),
            ("PS1", "PS01"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                text.parse::<IndicatorCode>().unwrap().to_string(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in [
            "", "RCO", "85", "rco85", "RCO85ab", "RCO-85", "RCO12345", "ABCDE1", "RCOå",
        ] {
            assert_eq!(text.parse::<IndicatorCode>(), Err(CodeError), "{text}");
        }
    }
}
