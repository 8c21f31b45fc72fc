//! Identifiers of agents that people type, which stand in no address.

use varde_core::registers::files;
use varde_xapi::Ifi;

use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// Reads an identifier as an identities file holds it; a mail address may stand without `mailto:`. What is no
/// identifier is not quoted.
pub fn identifier(text: &str) -> Result<Ifi, Finding> {
    let text = text.trim();
    let is_mail = text.contains('@') && !text.contains([':', '|']);
    let read = if is_mail {
        files::identifier(&format!("mailto:{text}"))
    } else {
        files::identifier(text)
    };
    read.map_err(|_| {
        let expected = "`mailto:…`, `account:NAME|HOMEPAGE`, `openid:…` or `mbox_sha1sum:…`";
        Finding::new(
            "identifier",
            ProtocolRule::Identifier,
            "another form",
            expected,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn an_address_is_read_with_and_without_its_scheme_and_nothing_is_quoted() {
        let with = identifier("mailto:learner@example.org").expect("an address");
        assert_eq!(identifier(" learner@example.org "), Ok(with));
        let account = identifier("account:17|https://lms.example.org").expect("an account");
        assert!(account.canonical().starts_with("account:"));
        for wrong in [
            "secret-learner",
            "",
            "account:|x",
            "secret-learner@",
            "mailto:secret-learner",
        ] {
            let fault = identifier(wrong).expect_err(wrong);
            assert!(!fault.to_string().contains("secret-learner"), "{fault}");
        }
    }
}
