//! Agents and groups.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::iri::Iri;

/// An inverse functional identifier: what an agent or group is known by.
///
/// xAPI 1.0.3 Data 2.4.2.3. Equality, order and hash follow [`Ifi::canonical`].
#[derive(Debug, Clone)]
pub enum Ifi {
    /// `mailto:` and a mail address, as sent.
    Mbox(String),
    /// The SHA-1 digest of an mbox in 40 hexadecimal digits, as sent.
    MboxSha1Sum(String),
    /// An `OpenID` URI.
    OpenId(String),
    /// An account on a system.
    Account {
        /// Where the account is kept.
        home_page: Iri,
        /// The account's name there.
        name: String,
    },
}

impl Ifi {
    /// Returns one text per identity: the type, a colon, and the value.
    ///
    /// The mail host and the digest are lower-cased; all else is exact. An account is its home
    /// page, a space (which no IRI holds) and its name.
    pub fn canonical(&self) -> String {
        match self {
            Self::Mbox(mbox) => format!("mbox:{}", lower_host(mbox)),
            Self::MboxSha1Sum(digest) => format!("mbox_sha1sum:{}", digest.to_ascii_lowercase()),
            Self::OpenId(uri) => format!("openid:{uri}"),
            Self::Account { home_page, name } => format!("account:{home_page} {name}"),
        }
    }
}

fn lower_host(mbox: &str) -> String {
    match mbox.rsplit_once('@') {
        Some((local, host)) => format!("{local}@{}", host.to_lowercase()),
        None => mbox.to_owned(),
    }
}

impl PartialEq for Ifi {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for Ifi {}

impl PartialOrd for Ifi {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ifi {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical().cmp(&other.canonical())
    }
}

impl Hash for Ifi {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

/// One person or system (xAPI 1.0.3 Data 2.4.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The one identifier.
    pub ifi: Ifi,
    /// The full name, when sent.
    pub name: Option<String>,
}

/// Several agents (xAPI 1.0.3 Data 2.4.2.2): anonymous without an identifier, else identified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The identifier of an identified group.
    pub ifi: Option<Ifi>,
    /// The name, when sent.
    pub name: Option<String>,
    /// The members in the sender's order; never empty in an anonymous group.
    pub members: Vec<Agent>,
}

/// An agent or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// One agent.
    Agent(Agent),
    /// A group.
    Group(Group),
}

impl Actor {
    /// Returns the identifier; `None` for an anonymous group.
    pub fn ifi(&self) -> Option<&Ifi> {
        match self {
            Self::Agent(agent) => Some(&agent.ifi),
            Self::Group(group) => group.ifi.as_ref(),
        }
    }

    /// Returns the name, when one was sent.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Agent(agent) => agent.name.as_deref(),
            Self::Group(group) => group.name.as_deref(),
        }
    }

    /// Returns a group's members; none for an agent.
    pub fn members(&self) -> &[Agent] {
        match self {
            Self::Agent(_) => &[],
            Self::Group(group) => &group.members,
        }
    }
}
