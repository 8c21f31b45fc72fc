//! Identifiers of agents as a cell holds them.
//!
//! The cell says which kind of identifier it is, as xAPI 1.0.3 Data 2.4.2.3 names them:
//!
//! - `mailto:learner@example.org`
//! - `mbox_sha1sum:` and 40 hex digits
//! - `openid:` and the address
//! - `account:`, the account's name, `|` and its home page, as in
//!   `account:17|https://lms.example.org`; the last `|` parts them, as no address holds one

use serde_json::{Value, json};
use varde_xapi::Ifi;

/// Reads an identifier as a cell of an identities file holds it, or says what is expected without
/// quoting what was found.
pub fn read(cell: &str) -> Result<Ifi, String> {
    let agent = as_agent(cell).ok_or_else(|| {
        format!(
            "found {} that begin with no kind of identifier; expected `mailto:…`, \
             `account:NAME|HOMEPAGE`, `openid:…` or `mbox_sha1sum:…`",
            super::fault::shape(cell)
        )
    })?;
    match varde_xapi::parameter::agent("ifi", &agent.to_string()) {
        Ok(agent) => Ok(agent.ifi),
        Err(faults) => {
            let expected: Vec<_> = faults.iter().map(|fault| fault.expected.as_str()).collect();
            Err(format!(
                "found another form; expected {}",
                expected.join(" and ")
            ))
        }
    }
}

fn as_agent(cell: &str) -> Option<Value> {
    if cell.starts_with("mailto:") {
        return Some(json!({ "mbox": cell }));
    }
    match cell.split_once(':')? {
        ("mbox_sha1sum", digits) => Some(json!({ "mbox_sha1sum": digits.trim() })),
        ("openid", address) => Some(json!({ "openid": address.trim() })),
        ("account", account) => {
            // The standard has room for a nameless account; an office that lists one has slipped.
            let (name, home_page) = account
                .rsplit_once('|')
                .filter(|(name, _)| !name.is_empty())?;
            Some(json!({ "account": { "name": name.trim(), "homePage": home_page.trim() } }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_identifier_has_one_spelling() {
        let sha1 = "0123456789abcdef0123456789abcdef01234567";
        let account = |name: &str| Ifi::Account {
            home_page: varde_xapi::Iri::parse("https://lms.example.org").unwrap(),
            name: name.to_owned(),
        };
        let cases = [
            (
                "mailto:learner-1@example.org",
                Ifi::Mbox("mailto:learner-1@example.org".to_owned()),
            ),
            (
                &format!("mbox_sha1sum:{sha1}"),
                Ifi::MboxSha1Sum(sha1.to_owned()),
            ),
            (
                "openid:https://id.example.org/1",
                Ifi::OpenId("https://id.example.org/1".to_owned()),
            ),
            ("account:17|https://lms.example.org", account("17")),
            ("account: a|b | https://lms.example.org", account("a|b")),
        ];
        for (cell, expected) in cases {
            assert_eq!(read(cell), Ok(expected), "{cell}");
        }
    }

    #[test]
    fn a_refused_identifier_is_not_quoted() {
        let cells = [
            "",
            "learner-1@example.org",
            "mailto:learner-1",
            "account:learner-1",
            "account:learner-1|lms",
            "account:|https://lms.example.org",
            "mbox_sha1sum:learner-1",
            "openid:learner-1",
        ];
        for cell in cells {
            let sentence = read(cell).expect_err(cell);
            assert!(sentence.contains("expected"), "{sentence}");
            assert!(!sentence.contains("learner-1"), "{sentence}");
        }
    }
}
