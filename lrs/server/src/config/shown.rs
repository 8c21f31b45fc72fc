//! What is set, and by what.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Config, Environment};
use crate::cli::ServeArgs;
use crate::exit::Failure;

/// A setting that holds.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    /// Its section and key, such as `http.listen`.
    pub(crate) name: String,
    /// What is set; null where nothing is.
    pub(crate) value: Value,
    /// What set it.
    pub(crate) by: SetBy,
}

/// What sets a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SetBy {
    /// Nobody.
    Default,
    /// The configuration file.
    File,
    /// A flag or a variable, and not as the file does.
    FlagOrVariable,
}

impl SetBy {
    /// Returns the words for people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::FlagOrVariable => "flag or variable",
        }
    }
}

/// Returns every setting of a server, without its secrets.
pub(crate) fn shown(args: &ServeArgs, environment: Environment) -> Result<Vec<Shown>, Failure> {
    let config = Config::of_server(args, environment)?;
    let file = match &args.store.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    let (file, default) = (flat(&file)?, flat(&Config::default())?);
    let settings = flat(&config)?.into_iter().map(|(name, value)| {
        let by = if file.get(&name) != Some(&value) {
            SetBy::FlagOrVariable
        } else if default.get(&name) != Some(&value) {
            SetBy::File
        } else {
            SetBy::Default
        };
        Shown { name, value, by }
    });
    Ok(settings.collect())
}

/// Returns settings by their names.
fn flat(config: &Config) -> Result<BTreeMap<String, Value>, Failure> {
    let value = serde_json::to_value(config).map_err(|error| Failure::software(&error))?;
    let mut settings = BTreeMap::new();
    flatten(String::new(), value, &mut settings);
    Ok(settings)
}

fn flatten(name: String, value: Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let point = if name.is_empty() { "" } else { "." };
                flatten(format!("{name}{point}{key}"), value, into);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (at, item) in items.into_iter().enumerate() {
                flatten(format!("{name}[{at}]"), item, into);
            }
        }
        value => {
            into.insert(name, value);
        }
    }
}
