//! Merging JSON documents (xAPI 1.0.3 Communication 2.2, IEEE 9274.1.1 4.1.6.2).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use super::{Document, NewDocument};

/// A body that says to be JSON but is not.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the body is not the JSON that its content type says: {reason}")]
pub struct NotJson {
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 1; 0 where the body ended.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Why two documents cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MergeError {
    /// One of them is not JSON.
    #[error("only JSON is merged: the document is {existing}, the body {new}; PUT replaces it")]
    ContentType {
        /// The content type of the document that is there.
        existing: String,
        /// That of the body.
        new: String,
    },
    /// The document that is there is JSON but no object.
    #[error("only JSON objects are merged, and the document is none; PUT replaces it")]
    Existing,
    /// The body is JSON but no object.
    #[error("only a JSON object is merged into a document, and the body is none")]
    New,
}

/// Tells whether a content type is that of JSON, whatever its parameters and letter case.
pub(super) fn is_json(content_type: &str) -> bool {
    let bare = content_type.split(';').next().unwrap_or_default();
    bare.trim().eq_ignore_ascii_case("application/json")
}

/// Reads JSON without looking into it.
pub(super) fn parse(bytes: &[u8]) -> Result<&RawValue, NotJson> {
    serde_json::from_slice(bytes).map_err(|error| NotJson {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    })
}

/// Returns the members of both objects: where a name is in both, the new value whole.
///
/// The text of every value stays as it was sent. A value of `null` is a value like any other.
pub(super) fn merge(existing: &Document, new: &NewDocument) -> Result<Vec<u8>, MergeError> {
    if !is_json(&existing.content_type) || !is_json(&new.content_type) {
        return Err(MergeError::ContentType {
            existing: existing.content_type.clone(),
            new: new.content_type.clone(),
        });
    }
    let old: Members = serde_json::from_slice(&existing.bytes).map_err(|_| MergeError::Existing)?;
    let new: Members = serde_json::from_slice(&new.bytes).map_err(|_| MergeError::New)?;
    Ok(write(&united(old, new)))
}

/// The members of an object in their order, the values as text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

fn united<'a>(old: Members<'a>, new: Members<'a>) -> Vec<(String, &'a RawValue)> {
    let mut places = BTreeMap::new();
    let mut members: Vec<(String, &RawValue)> = Vec::new();
    for (name, value) in old.0.into_iter().chain(new.0) {
        let place = *places.entry(name.clone()).or_insert(members.len());
        match members.get_mut(place) {
            Some(member) => member.1 = value,
            None => members.push((name, value)),
        }
    }
    members
}

fn write(members: &[(String, &RawValue)]) -> Vec<u8> {
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| format!("{}:{}", serde_json::Value::from(name.as_str()), value.get()))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
