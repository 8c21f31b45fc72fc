//! The first key.

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};
use varde_core::Space;

use super::{Environment, NOT_SHOWN, as_text};
use crate::exit::{Exit, Failure};

/// `[bootstrap]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BootstrapSection {
    /// The key that is made, with scope `all`, when the store has no key yet: `name:secret`.
    #[schemars(extend("x-variable" = "VARDE_BOOTSTRAP_KEY"))]
    pub(crate) key: Option<BootstrapKey>,
    /// The space it writes into: a project's code, with `:test` behind it for a test space.
    #[schemars(with = "String", extend("x-variable" = "VARDE_BOOTSTRAP_SPACE"))]
    #[serde(serialize_with = "as_text")]
    pub(crate) space: Space,
}

/// A name and a secret, written `name:secret`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(with = "String")]
#[serde(try_from = "String")]
pub(crate) struct BootstrapKey {
    /// The user of HTTP Basic.
    pub(crate) name: String,
    /// The password of HTTP Basic.
    pub(crate) secret: SecretString,
}

/// The secret is left out.
impl Serialize for BootstrapKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}:{NOT_SHOWN}", self.name))
    }
}

impl Default for BootstrapSection {
    fn default() -> Self {
        let space = Space::live("default").expect("`default` is a project's code");
        Self { key: None, space }
    }
}

impl TryFrom<String> for BootstrapKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.split_once(':') {
            Some((name, secret)) if !name.is_empty() && !secret.is_empty() => Ok(Self {
                name: name.to_owned(),
                secret: secret.into(),
            }),
            _ => Err("the bootstrap key has another form than `name:secret`"),
        }
    }
}

impl BootstrapSection {
    pub(super) fn overlay(&mut self, environment: Environment) -> Result<(), Failure> {
        if let Some(key) = environment.bootstrap_key {
            let key = key.try_into().map_err(|sentence| {
                Failure::new(Exit::Config, format!("VARDE_BOOTSTRAP_KEY: {sentence}"))
            })?;
            self.key = Some(key);
        }
        if let Some(space) = environment.bootstrap_space {
            self.space = space.parse().map_err(|error| {
                Failure::new(Exit::Config, format!("VARDE_BOOTSTRAP_SPACE: {error}"))
            })?;
        }
        Ok(())
    }
}
