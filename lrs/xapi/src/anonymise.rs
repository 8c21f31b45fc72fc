//! Taking persons out of a statement that stays, and putting pseudonyms in the place of all.

use std::collections::{BTreeMap, BTreeSet};

use crate::edit::{Edit, applied, member_of, member_text, object_of};
use crate::iri::Iri;
use crate::json::{self, Node, Value};
use crate::model::Ifi;

/// The home page of the accounts that stand where persons were named. Nothing is ever found there
/// (RFC 2606 2).
pub const ANONYMOUS_HOME_PAGE: &str = "https://erased.invalid/";

/// The home page of the accounts that stand where a key's agents are pseudonymised.
pub const PSEUDONYM_HOME_PAGE: &str = "https://pseudonym.invalid/";

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
    let manner = Manner {
        persons,
        home_page: ANONYMOUS_HOME_PAGE,
        unnames_all: false,
    };
    manner.applied_to(text)
}

/// Returns a statement's text with a pseudonymous account wherever one of the persons is
/// identified, and without the names of agents and groups; `None` where it names nobody.
pub fn pseudonymised(text: &str, persons: &Anonyms) -> Option<String> {
    let manner = Manner {
        persons,
        home_page: PSEUDONYM_HOME_PAGE,
        unnames_all: true,
    };
    manner.applied_to(text)
}

/// Returns everybody whom a statement's text identifies in any place, by [`Ifi::canonical`]; not
/// those who have an account in the place of an identifier already.
pub fn identified(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Ok(tree) = json::parse(text) {
        identified_in(&tree.root, &mut found);
    }
    found
}

/// Tells whether an identifier is an account that stands in the place of another.
pub fn stands_for_another(ifi: &Ifi) -> bool {
    let Ifi::Account { home_page, .. } = ifi else {
        return false;
    };
    [ANONYMOUS_HOME_PAGE, PSEUDONYM_HOME_PAGE].contains(&home_page.as_str())
}

fn identified_in(node: &Node<'_>, found: &mut BTreeSet<String>) {
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| identified_in(item, found)),
        Value::Object(members) => {
            let own = ifi(node).filter(|own| !stands_for_another(own));
            found.extend(own.map(|own| own.canonical()));
            for member in members {
                identified_in(&member.node, found);
            }
        }
        _ => {}
    }
}

/// Who is replaced by what.
#[derive(Debug, Clone, Copy)]
struct Manner<'t> {
    persons: &'t Anonyms,
    home_page: &'static str,
    /// Whether nobody keeps a name, whoever it is.
    unnames_all: bool,
}

impl Manner<'_> {
    fn applied_to(self, text: &str) -> Option<String> {
        let tree = json::parse(text).ok()?;
        let mut walk = Walk {
            source: text,
            manner: self,
            edits: Vec::new(),
        };
        walk.node(&tree.root, false);
        let whole = 0..text.len();
        (!walk.edits.is_empty()).then(|| applied(text, whole, walk.edits))
    }

    /// Tells whether an object loses its name though its identifier, if any, stays: an anonymous
    /// group, or whoever stands for another already.
    fn unnames(self, node: &Node<'_>) -> bool {
        let is_group = node.get("objectType").and_then(Node::as_str) == Some("Group");
        self.unnames_all && node.get("name").is_some() && (is_group || ifi(node).is_some())
    }

    fn account(self, name: &str) -> String {
        format!("{}{name}", self.home_page)
    }
}

struct Walk<'t> {
    source: &'t str,
    manner: Manner<'t>,
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
                        .push(Edit::replace(node, quoted(&self.manner.account(name))));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, node: &Node<'_>, free: bool) {
        let persons = self.manner.persons;
        let name = ifi(node).and_then(|ifi| persons.get(&ifi.canonical()));
        if name.is_some() || self.manner.unnames(node) {
            let text = self.unnamed(node, name);
            return self.edits.push(Edit::replace(node, text));
        }
        for member in node.members().unwrap_or_default() {
            let free = free || matches!(&*member.key, "extensions" | "response");
            self.node(&member.node, free);
        }
    }

    /// Returns the text of an agent or a group without a name, and with another identifier where
    /// one is given.
    fn unnamed(&self, node: &Node<'_>, name: Option<&String>) -> String {
        let account = name.map(|name| {
            object_of(&[
                member_of("homePage", &quoted(self.manner.home_page)),
                member_of("name", &quoted(name)),
            ])
        });
        let members = node.members().unwrap_or_default().iter();
        let kept = members.filter_map(|member| match &*member.key {
            "name" => None,
            key if IDENTIFIERS.contains(&key) => Some(match &account {
                Some(account) => member_of("account", account),
                None => member_text(self.source, member).to_owned(),
            }),
            _ => {
                let text = member_text(self.source, member);
                Some(
                    (self.manner)
                        .applied_to(&format!("{{{text}}}"))
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
        let mut names = forms.filter_map(|form| self.manner.persons.get(&form.canonical()));
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
    fn whoever_is_identified_anywhere_gets_a_pseudonym_and_nobody_keeps_a_name() {
        let text = r#"{"actor":{"objectType":"Group","name":"Kari's class","member":[{"name":"Kari","mbox":"mailto:kari@EXAMPLE.org"},{"account":{"homePage":"https://pseudonym.invalid/","name":"p9"},"name":"Nina"}]},"object":{"objectType":"Agent","name":"Ola","openid":"https://ola.example.org"},"context":{"team":{"objectType":"Group","account":{"name":"g","homePage":"https://lms.example.org"},"name":"G"},"extensions":{"x:1":{"name":"a thing"},"x:2":"kari@example.org"}}}"#;
        let everybody = identified(text);
        let expected = [
            "account:https://lms.example.org g",
            KARI,
            "openid:https://ola.example.org",
        ];
        assert!(everybody.iter().eq(expected));
        let names = everybody.into_iter().zip(["p1", "p2", "p3"]);
        let persons = names.map(|(text, name)| (text, name.to_owned())).collect();
        let account = |name| {
            format!(r#""account":{{"homePage":"https://pseudonym.invalid/","name":"{name}"}}"#)
        };
        let expected = r#"{"actor":{"objectType":"Group","member":[{P2},{P9}]},"object":{"objectType":"Agent",P3},"context":{"team":{"objectType":"Group",P1},"extensions":{"x:1":{"name":"a thing"},"x:2":"https://pseudonym.invalid/p2"}}}"#;
        let expected = ["p1", "p2", "p3", "p9"]
            .into_iter()
            .fold(expected.to_owned(), |text, name| {
                text.replace(&name.to_uppercase(), &account(name))
            });
        let found = pseudonymised(text, &persons);
        assert_eq!(found.as_deref(), Some(expected.as_str()));
        assert!(identified(&expected).is_empty());
        // Once more it changes nothing.
        assert_eq!(pseudonymised(&expected, &persons), None);
    }

    #[test]
    fn a_statement_that_names_others_only_stays() {
        let text = r#"{"actor":{"mbox":"mailto:ola@example.org"},"object":{"id":"mailto:kari@example.org"}}"#;
        assert_eq!(without_kari(text), None);
        assert_eq!(without_kari("no JSON"), None);
    }
}
