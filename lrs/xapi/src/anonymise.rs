//! Taking persons out of a statement that stays.

use std::collections::BTreeMap;

use crate::edit::{Edit, applied, member_of, member_text, object_of};
use crate::iri::Iri;
use crate::json::{self, Node, Value};
use crate::model::Ifi;

/// The home page of the accounts that stand where persons were named. Nothing is ever found there
/// (RFC 2606 2).
pub const ANONYMOUS_HOME_PAGE: &str = "https://erased.invalid/";

/// The members by which an agent or a group is identified.
const IDENTIFIERS: [&str; 4] = ["mbox", "mbox_sha1sum", "openid", "account"];

/// Persons to take out of statements: by [`Ifi::canonical`], the name of the account at
/// [`ANONYMOUS_HOME_PAGE`] that stands in their place.
pub type Anonyms = BTreeMap<String, String>;

/// Returns a statement's text with an anonymous account wherever one of the persons was identified,
/// and without their names; `None` where none of them is.
///
/// Whatever object identifies somebody as agents and groups do is one, in extensions too. There,
/// and as the response, a text that is nothing but an identifier is replaced as well. All other
/// bytes stay.
pub fn anonymised(text: &str, persons: &Anonyms) -> Option<String> {
    let tree = json::parse(text).ok()?;
    let mut walk = Walk {
        source: text,
        persons,
        edits: Vec::new(),
    };
    walk.node(&tree.root, false);
    let whole = 0..text.len();
    (!walk.edits.is_empty()).then(|| applied(text, whole, walk.edits))
}

struct Walk<'t> {
    source: &'t str,
    persons: &'t Anonyms,
    edits: Vec<Edit>,
}

impl Walk<'_> {
    /// Notes what changes in a value; `free` where the standard says nothing of it. The parser
    /// bounds how deep this goes.
    fn node(&mut self, node: &Node<'_>, free: bool) {
        match &node.value {
            Value::Array(items) => items.iter().for_each(|item| self.node(item, free)),
            Value::Object(_) => self.object(node, free),
            Value::String(text) if free => {
                if let Some(name) = self.named_by(text) {
                    self.edits
                        .push(Edit::replace(node, quoted(&anonymous(name))));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, node: &Node<'_>, free: bool) {
        let persons = self.persons;
        let name = ifi(node).and_then(|ifi| persons.get(&ifi.canonical()));
        if let Some(name) = name {
            let text = self.unnamed(node, name);
            return self.edits.push(Edit::replace(node, text));
        }
        for member in node.members().unwrap_or_default() {
            let free = free || matches!(&*member.key, "extensions" | "response");
            self.node(&member.node, free);
        }
    }

    /// Returns the text of an agent or a group with another identifier and without a name.
    fn unnamed(&self, node: &Node<'_>, name: &str) -> String {
        let account = object_of(&[
            member_of("homePage", &quoted(ANONYMOUS_HOME_PAGE)),
            member_of("name", &quoted(name)),
        ]);
        let members = node.members().unwrap_or_default().iter();
        let kept = members.filter_map(|member| match &*member.key {
            "name" => None,
            key if IDENTIFIERS.contains(&key) => Some(member_of("account", &account)),
            _ => {
                let text = member_text(self.source, member);
                Some(
                    anonymised(&format!("{{{text}}}"), self.persons)
                        .map_or_else(|| text.to_owned(), |changed| inner(&changed)),
                )
            }
        });
        object_of(&kept.collect::<Vec<_>>())
    }

    /// Returns who is meant by a text that is nothing but an identifier.
    fn named_by(&self, text: &str) -> Option<&str> {
        let mbox = text.contains('@').then(|| format!("mailto:{text}"));
        let forms = [
            Ifi::Mbox(text.to_owned()),
            Ifi::MboxSha1Sum(text.to_owned()),
            Ifi::OpenId(text.to_owned()),
        ];
        let forms = forms.into_iter().chain(mbox.map(Ifi::Mbox));
        let mut names = forms.filter_map(|form| self.persons.get(&form.canonical()));
        names.next().map(String::as_str)
    }
}

/// Reads the identifier of what may be an agent or a group.
fn ifi(node: &Node<'_>) -> Option<Ifi> {
    let text = |key| Some(node.get(key)?.as_str()?.to_owned());
    let account = || {
        let account = node.get("account")?;
        Some(Ifi::Account {
            home_page: Iri::parse(account.get("homePage")?.as_str()?)?,
            name: account.get("name")?.as_str()?.to_owned(),
        })
    };
    text("mbox")
        .map(Ifi::Mbox)
        .or_else(|| text("mbox_sha1sum").map(Ifi::MboxSha1Sum))
        .or_else(|| text("openid").map(Ifi::OpenId))
        .or_else(account)
}

/// Returns the members of an object's text.
fn inner(object: &str) -> String {
    let members = object
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    members.unwrap_or_default().to_owned()
}

fn anonymous(name: &str) -> String {
    format!("{ANONYMOUS_HOME_PAGE}{name}")
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    json::push_string(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const KARI: &str = "mbox:mailto:kari@example.org";

    fn without_kari(text: &str) -> Option<String> {
        let persons = [(KARI.to_owned(), "x1".to_owned())];
        anonymised(text, &persons.into_iter().collect())
    }

    #[test]
    fn every_place_that_names_the_person_names_nobody() {
        let text = r#"{
            "actor": {"objectType": "Group", "name": "Team", "member": [
                {"name": "Kari", "mbox": "mailto:kari@EXAMPLE.org"},
                {"name": "Ola", "mbox": "mailto:ola@example.org"}
            ]},
            "verb": {"id": "v:1"},
            "object": {"objectType": "SubStatement",
                "actor": {"mbox": "mailto:kari@example.org", "objectType": "Agent"},
                "object": {"id": "a:1"}
            },
            "context": {"instructor": {"mbox": "mailto:kari@example.org", "name": "K"},
                "contextAgents": [{"agent": {"mbox": "mailto:kari@example.org"}}],
                "extensions": {"x:1": {"mbox": "mailto:kari@example.org"}, "x:2": ["kari@example.org"]}
            },
            "result": {"response": "mailto:kari@example.org"}
        }"#;
        let account = r#""account":{"homePage":"https://erased.invalid/","name":"x1"}"#;
        let expected = r#"{
            "actor": {"objectType": "Group", "name": "Team", "member": [
                {ACCOUNT},
                {"name": "Ola", "mbox": "mailto:ola@example.org"}
            ]},
            "verb": {"id": "v:1"},
            "object": {"objectType": "SubStatement",
                "actor": {ACCOUNT,"objectType": "Agent"},
                "object": {"id": "a:1"}
            },
            "context": {"instructor": {ACCOUNT},
                "contextAgents": [{"agent": {ACCOUNT}}],
                "extensions": {"x:1": {ACCOUNT}, "x:2": ["https://erased.invalid/x1"]}
            },
            "result": {"response": "https://erased.invalid/x1"}
        }"#;
        let expected = expected.replace("ACCOUNT", account);
        assert_eq!(without_kari(text), Some(expected));
    }

    #[test]
    fn an_identified_group_loses_its_name_and_keeps_its_other_members() {
        let text = r#"{"actor":{"objectType":"Group","mbox":"mailto:kari@example.org","name":"K","member":[{"mbox":"mailto:ola@example.org"},{"mbox":"mailto:kari@example.org"}]}}"#;
        let account = r#""account":{"homePage":"https://erased.invalid/","name":"x1"}"#;
        let expected = r#"{"actor":{"objectType":"Group",ACCOUNT,"member":[{"mbox":"mailto:ola@example.org"},{ACCOUNT}]}}"#;
        let expected = expected.replace("ACCOUNT", account);
        assert_eq!(without_kari(text), Some(expected));
    }

    #[test]
    fn a_statement_that_names_others_only_stays() {
        let text = r#"{"actor":{"mbox":"mailto:ola@example.org"},"object":{"id":"mailto:kari@example.org"}}"#;
        assert_eq!(without_kari(text), None);
        assert_eq!(without_kari("no JSON"), None);
    }
}
