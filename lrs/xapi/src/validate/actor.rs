//! Agents, groups and the authority (xAPI 1.0.3 Data 2.4.2 and 2.4.9).

use super::Check;
use crate::fault::Rule;
use crate::json::{Node, Value};
use crate::model::{Actor, Agent, Group, Ifi};

const IDENTIFIERS: [&str; 4] = ["mbox", "mbox_sha1sum", "openid", "account"];
const AGENT: [&str; 6] = [
    "objectType",
    "name",
    "mbox",
    "mbox_sha1sum",
    "openid",
    "account",
];
const GROUP: [&str; 7] = [
    "objectType",
    "name",
    "member",
    "mbox",
    "mbox_sha1sum",
    "openid",
    "account",
];

impl<'t> Check<'t> {
    /// Reads an agent or a group, an agent where `objectType` is absent.
    pub(crate) fn actor(&mut self, node: &Node<'t>) -> Option<Actor> {
        match self.object_type(node, "Agent")? {
            "Agent" => self.agent(node).map(Actor::Agent),
            "Group" => self.group(node).map(Actor::Group),
            _ => {
                self.object_type_fault(node, "\"Agent\" or \"Group\"");
                None
            }
        }
    }

    /// Returns `objectType`, or the default where it is absent.
    pub(super) fn object_type<'n>(
        &mut self,
        node: &'n Node<'t>,
        default: &'n str,
    ) -> Option<&'n str> {
        if node.members().is_none() {
            self.wrong_type(node, Rule::ObjectType, "an object");
            return None;
        }
        node.get("objectType")
            .map_or(Some(default), |kind| self.text(kind))
    }

    /// Notes a fault of an `objectType` that is there.
    pub(super) fn object_type_fault(&mut self, node: &Node<'t>, expected: &'static str) {
        let kind = node.get("objectType").unwrap_or(node);
        self.fault(kind, Rule::ObjectTypeValue, expected);
    }

    /// Reads an agent; `objectType` may be absent.
    pub(crate) fn agent(&mut self, node: &Node<'t>) -> Option<Agent> {
        if self.object_type(node, "Agent")? != "Agent" {
            self.object_type_fault(node, "\"Agent\"");
            return None;
        }
        self.object(node, &AGENT)?;
        let name = self.optional(node, "name", Self::string);
        let found = self.identifiers(node);
        if found.len() != 1 {
            let expected = "exactly one of mbox, mbox_sha1sum, openid and account";
            self.fault(node, Rule::AgentOneIdentifier, expected);
        }
        let ifi = found.into_iter().next()??;
        Some(Agent { ifi, name })
    }

    /// Reads a group, whose `objectType` must be there.
    pub(crate) fn group(&mut self, node: &Node<'t>) -> Option<Group> {
        if self.object_type(node, "")? != "Group" {
            self.object_type_fault(node, "an objectType of \"Group\"");
            return None;
        }
        self.object(node, &GROUP)?;
        let name = self.optional(node, "name", Self::string);
        let mut found = self.identifiers(node);
        if found.len() > 1 {
            let expected = "at most one of mbox, mbox_sha1sum, openid and account";
            self.fault(node, Rule::GroupOneIdentifier, expected);
        }
        let members = self.optional(node, "member", |check, list| {
            check.array(list, Self::member)
        });
        let anonymous_and_empty = found.is_empty() && lists_nobody(node);
        if anonymous_and_empty {
            let expected = "an identifier, or a \"member\" array with at least one agent";
            self.fault(node, Rule::GroupMembers, expected);
        }
        let ifi = found.pop();
        if matches!(ifi, Some(None)) {
            return None;
        }
        Some(Group {
            ifi: ifi.flatten(),
            name,
            members: members.unwrap_or_default(),
        })
    }

    fn member(&mut self, node: &Node<'t>) -> Option<Agent> {
        if node.get("objectType").and_then(Node::as_str) == Some("Group") {
            self.fault(node, Rule::GroupNotNested, "an agent");
            return None;
        }
        self.agent(node)
    }

    /// Reads every identifier that is there; an entry is `None` when it is at fault.
    fn identifiers(&mut self, node: &Node<'t>) -> Vec<Option<Ifi>> {
        let present = IDENTIFIERS
            .iter()
            .filter_map(|key| Some((*key, node.get(key)?)));
        present
            .map(|(key, value)| self.identifier(key, value))
            .collect()
    }

    fn identifier(&mut self, key: &str, node: &Node<'t>) -> Option<Ifi> {
        match key {
            "mbox" => {
                let expected = "mailto: and one mail address";
                self.parsed(node, Rule::Mbox, expected, mbox).map(Ifi::Mbox)
            }
            "mbox_sha1sum" => {
                let expected = "40 hexadecimal digits";
                self.parsed(node, Rule::MboxSha1Sum, expected, sha1)
                    .map(Ifi::MboxSha1Sum)
            }
            "openid" => self.iri(node).map(|uri| Ifi::OpenId(uri.into_string())),
            _ => self.account(node),
        }
    }

    fn account(&mut self, node: &Node<'t>) -> Option<Ifi> {
        self.object(node, &["homePage", "name"])?;
        let home_page = self.required(node, "homePage", Self::iri);
        let name = self.required(node, "name", Self::string);
        Some(Ifi::Account {
            home_page: home_page?,
            name: name?,
        })
    }

    /// Reads an authority: an agent, or an anonymous group of two agents.
    pub(super) fn authority(&mut self, node: &Node<'t>) -> Option<Actor> {
        let authority = self.actor(node)?;
        if let Actor::Group(group) = &authority
            && (group.ifi.is_some() || group.members.len() != 2)
        {
            let expected = "an agent, or a group without identifier of exactly two agents";
            self.fault(node, Rule::Authority, expected);
        }
        Some(authority)
    }
}

/// Tells whether a group names no members; a `member` that is no array has a fault of its own.
fn lists_nobody(group: &Node<'_>) -> bool {
    match group.get("member").map(|list| &list.value) {
        Some(Value::Array(items)) => items.is_empty(),
        member => member.is_none(),
    }
}

/// Takes `mailto:` and one address without header fields (RFC 6068, RFC 5321 4.1.2).
fn mbox(text: &str) -> Option<String> {
    let (local, host) = text.strip_prefix("mailto:")?.split_once('@')?;
    let local_character = |c: char| {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=^_`{|}~.".contains(c) || is_letter_beyond_ascii(c)
    };
    let host_character =
        |c: char| c.is_ascii_alphanumeric() || "-.[]:_".contains(c) || is_letter_beyond_ascii(c);
    let named = !local.is_empty() && local.chars().all(local_character);
    let hosted = !host.is_empty() && host.chars().all(host_character);
    (named && hosted).then(|| text.to_owned())
}

fn is_letter_beyond_ascii(character: char) -> bool {
    !character.is_ascii() && !character.is_control() && !character.is_whitespace()
}

fn sha1(text: &str) -> Option<String> {
    let hexadecimal = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then(|| text.to_owned())
}
