//! A file as a checked document.

use serde_json::Value;

use crate::check::check;
use crate::fault::{Fault, Path, Place};
use crate::kind::Kind;
use crate::tree::{self, Content, Node};

/// A document that its schema accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Its id: the value of the key that tells the kind.
    pub id: String,
    /// Its version, from 1; 1 where the kind has none. That of a framework is the instant of its last
    /// change, in seconds since 1970.
    pub version: u32,
    /// The whole document. Whole numbers of up to 64 bits are numbers; every other number is its
    /// text as written (`0.60` is `"0.60"`), so that none is rounded to a binary float. A framework
    /// keeps its numbers, so that it is given back as it came: nothing is decided by them.
    pub value: Value,
    root: Node,
}

impl Document {
    /// Returns the place in the text of the value at a path such as `levels[1].min`: for a member
    /// that of its key, for what is not there that of the nearest value above it.
    pub fn place(&self, path: &str) -> Place {
        self.root.place_of(path)
    }
}

/// Reads a YAML or JSON text as a document of the kind that its first identifying key tells, and
/// checks it against the kind's schema.
///
/// Refuses duplicate keys, anchors, tags, numbers with an exponent, nesting deeper than 32, more than
/// 16 MiB of a framework, and more than 1 MiB of everything else.
pub fn read(text: &str) -> Result<Document, Vec<Fault>> {
    let root = tree::parse(text)?;
    let kind = kind_of(&root).map_err(|fault| vec![fault])?;
    tree::within(text, kind.bytes_max())?;
    let faults = check(kind, &root);
    if !faults.is_empty() {
        return Err(faults);
    }
    let value = match kind {
        Kind::Framework => root.rounded(),
        Kind::EvidenceRule | Kind::IndicatorSet | Kind::Project => root.exact(),
    };
    let id = match (kind, value.get(kind.key())) {
        (Kind::Framework, Some(document)) => document.get("uri"),
        (_, id) => id,
    };
    let id = id.and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Document {
        kind,
        id,
        version: version(kind, &value),
        value,
        root,
    })
}

fn version(kind: Kind, value: &Value) -> u32 {
    let seconds = || {
        let changed = value.pointer("/CFDocument/lastChangeDateTime")?.as_str()?;
        let changed: jiff::Timestamp = changed.parse().ok()?;
        u64::try_from(changed.as_second()).ok()
    };
    let version = match kind {
        Kind::Framework => seconds(),
        Kind::EvidenceRule | Kind::IndicatorSet | Kind::Project => {
            value.get("version").and_then(Value::as_u64)
        }
    };
    version
        .and_then(|version| u32::try_from(version).ok())
        .filter(|version| *version > 0)
        .unwrap_or(1)
}

fn kind_of(root: &Node) -> Result<Kind, Fault> {
    let members = match &root.content {
        Content::Map(members) => members.as_slice(),
        _ => &[],
    };
    members
        .iter()
        .find_map(|member| Kind::of_key(&member.key))
        .ok_or_else(|| {
            let keys: Vec<_> = Kind::EACH
                .iter()
                .map(|kind| format!("`{}`", kind.key()))
                .collect();
            let sentence = format!(
                "expected one of the keys {}, which tells the kind",
                keys.join(", ")
            );
            Fault::new(&Path::default(), Place::START, sentence)
        })
}
