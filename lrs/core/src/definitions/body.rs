//! The content of a definition, shared by all who read it.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::DefinitionHash;

/// A definition's file as a JSON value. Copies share it: that of a framework may have several
/// mebibytes.
#[derive(Debug, Clone)]
pub struct Body(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    value: Value,
    /// The identity that it gives a definition of a kind, once somebody asked.
    hash: OnceLock<(String, DefinitionHash)>,
}

impl Body {
    /// Returns the value, copied where somebody else has it too.
    pub fn into_value(self) -> Value {
        match Arc::try_unwrap(self.0) {
            Ok(shared) => shared.value,
            Err(shared) => shared.value.clone(),
        }
    }

    /// Returns the identity of a definition of a kind with this body, worked out once.
    pub(super) fn hash(&self, kind: &str, work_out: impl Fn() -> DefinitionHash) -> DefinitionHash {
        let (of, hash) = self.0.hash.get_or_init(|| (kind.to_owned(), work_out()));
        if of == kind { *hash } else { work_out() }
    }
}

impl From<Value> for Body {
    fn from(value: Value) -> Self {
        Self(Arc::new(Shared {
            value,
            hash: OnceLock::new(),
        }))
    }
}

impl Deref for Body {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0.value
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}
