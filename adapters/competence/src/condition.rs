//! `where`: conditions on single values of a statement.

use std::cmp::Ordering;

use serde_json::Value;
use varde_xapi::{Extensions, Number, Statement};

use crate::decimal::Decimal;
use crate::fact::activity;

/// A condition on one value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    field: Field,
    test: Test,
}

/// The values that conditions may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Scaled,
    Raw,
    Min,
    Max,
    Success,
    Completion,
    Response,
    Registration,
    Platform,
    Language,
    Revision,
    Extension(Holder, String),
}

/// What has extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Result,
    Context,
    Object,
}

/// A path as rules write it.
const PATHS: [(&str, Field); 11] = [
    ("result.score.scaled", Field::Scaled),
    ("result.score.raw", Field::Raw),
    ("result.score.min", Field::Min),
    ("result.score.max", Field::Max),
    ("result.success", Field::Success),
    ("result.completion", Field::Completion),
    ("result.response", Field::Response),
    ("context.registration", Field::Registration),
    ("context.platform", Field::Platform),
    ("context.language", Field::Language),
    ("context.revision", Field::Revision),
];

/// The beginning of a path to an extension; `IRI"]` follows.
const EXTENSIONS: [(&str, Holder); 3] = [
    ("result.extensions[\"", Holder::Result),
    ("context.extensions[\"", Holder::Context),
    ("object.definition.extensions[\"", Holder::Object),
];

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Equal(Scalar),
    Differ(Scalar),
    Less(Scalar),
    LessOrEqual(Scalar),
    Greater(Scalar),
    GreaterOrEqual(Scalar),
    In(Vec<Scalar>),
    Exists(bool),
}

/// A value that can be compared; numbers as their text.
#[derive(Debug, Clone, PartialEq)]
enum Scalar {
    Bool(bool),
    Text(String),
    Number(String),
    /// A list or an object: it is there, and equals nothing.
    Other,
}

impl Condition {
    /// Reads a condition; the sentence says which member is wrong and why.
    pub(crate) fn parse(
        path: &str,
        op: &str,
        value: &Value,
    ) -> Result<Self, (&'static str, String)> {
        let field = Field::parse(path).map_err(|sentence| ("path", sentence))?;
        let test = Test::parse(op, value).map_err(|sentence| ("value", sentence))?;
        Ok(Self { field, test })
    }

    pub(crate) fn holds(&self, statement: &Statement) -> bool {
        let found = self.field.of(statement);
        match &self.test {
            Test::Exists(expected) => found.is_some() == *expected,
            Test::Differ(value) => !found.is_some_and(|found| found.equals(value)),
            Test::Equal(value) => found.is_some_and(|found| found.equals(value)),
            Test::In(values) => {
                found.is_some_and(|found| values.iter().any(|value| found.equals(value)))
            }
            Test::Less(value) => order(found, value).is_some_and(Ordering::is_lt),
            Test::LessOrEqual(value) => order(found, value).is_some_and(Ordering::is_le),
            Test::Greater(value) => order(found, value).is_some_and(Ordering::is_gt),
            Test::GreaterOrEqual(value) => order(found, value).is_some_and(Ordering::is_ge),
        }
    }
}

fn order(found: Option<Scalar>, value: &Scalar) -> Option<Ordering> {
    found?.number()?.compare(value.number()?)
}

impl Field {
    fn parse(path: &str) -> Result<Self, String> {
        if let Some((_, field)) = PATHS.iter().find(|(known, _)| *known == path) {
            return Ok(field.clone());
        }
        let extension = EXTENSIONS.iter().find_map(|(begin, holder)| {
            let iri = path.strip_prefix(begin)?.strip_suffix("\"]")?;
            (!iri.is_empty()).then(|| Self::Extension(*holder, iri.to_owned()))
        });
        extension.ok_or_else(|| {
            let known: Vec<_> = PATHS.iter().map(|(path, _)| *path).collect();
            format!(
                "no value to look at; known are {}, and result.extensions[\"IRI\"], \
                 context.extensions[\"IRI\"], object.definition.extensions[\"IRI\"]",
                known.join(", ")
            )
        })
    }

    fn of(&self, statement: &Statement) -> Option<Scalar> {
        let result = statement.result.as_ref();
        let score = result.and_then(|result| result.score.as_ref());
        let context = statement.context.as_ref();
        match self {
            Self::Scaled => number(score?.scaled.as_ref()),
            Self::Raw => number(score?.raw.as_ref()),
            Self::Min => number(score?.min.as_ref()),
            Self::Max => number(score?.max.as_ref()),
            Self::Success => result?.success.map(Scalar::Bool),
            Self::Completion => result?.completion.map(Scalar::Bool),
            Self::Response => result?.response.clone().map(Scalar::Text),
            Self::Registration => context?.registration.map(|id| Scalar::Text(id.to_string())),
            Self::Platform => context?.platform.clone().map(Scalar::Text),
            Self::Language => context?
                .language
                .as_ref()
                .map(|language| Scalar::Text(language.to_string())),
            Self::Revision => context?.revision.clone().map(Scalar::Text),
            Self::Extension(holder, iri) => holder.of(statement)?.get(iri).map(Scalar::of_json),
        }
    }
}

fn number(number: Option<&Number>) -> Option<Scalar> {
    Some(Scalar::Number(number?.text().to_owned()))
}

impl Holder {
    fn of(self, statement: &Statement) -> Option<&Extensions> {
        match self {
            Self::Result => Some(&statement.result.as_ref()?.extensions),
            Self::Context => Some(&statement.context.as_ref()?.extensions),
            Self::Object => Some(&activity(statement)?.definition.as_ref()?.extensions),
        }
    }
}

impl Test {
    fn parse(op: &str, value: &Value) -> Result<Self, String> {
        let number = || match Scalar::of_value(value) {
            Some(scalar) if scalar.number().is_some() => Ok(scalar),
            _ => Err(format!("`{op}` expects a number, found {value}")),
        };
        let scalar = || {
            Scalar::of_value(value).ok_or_else(|| {
                format!("`{op}` expects true, false, a number or a text, found {value}")
            })
        };
        Ok(match op {
            "eq" => Self::Equal(scalar()?),
            "ne" => Self::Differ(scalar()?),
            "lt" => Self::Less(number()?),
            "lte" => Self::LessOrEqual(number()?),
            "gt" => Self::Greater(number()?),
            "gte" => Self::GreaterOrEqual(number()?),
            "in" => Self::In(list(value)?),
            "exists" => Self::Exists(
                value
                    .as_bool()
                    .ok_or_else(|| format!("`exists` expects true or false, found {value}"))?,
            ),
            _ => return Err(format!("`{op}` is no comparison")),
        })
    }
}

fn list(value: &Value) -> Result<Vec<Scalar>, String> {
    let items = value
        .as_array()
        .map(|items| items.iter().map(Scalar::of_value).collect());
    items
        .flatten()
        .ok_or_else(|| format!("`in` expects a list of values, found {value}"))
}

impl Scalar {
    /// Takes a value of a rule, in which numbers that are not whole stand as texts.
    fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(bool) => Some(Self::Bool(*bool)),
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Number(number) => Some(Self::Number(number.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Takes the JSON text of an extension's value; numbers keep their digits.
    fn of_json(json: &str) -> Self {
        let json = json.trim();
        match json {
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            _ if json.starts_with('"') => {
                serde_json::from_str(json).map_or(Self::Other, Self::Text)
            }
            _ => Number::parse(json).map_or(Self::Other, |n| Self::Number(n.text().to_owned())),
        }
    }

    fn number(&self) -> Option<Decimal> {
        match self {
            Self::Number(text) | Self::Text(text) => Decimal::parse(text),
            Self::Bool(_) | Self::Other => None,
        }
    }

    /// Compares what a statement holds with what a rule names: a number by value.
    fn equals(&self, named: &Self) -> bool {
        match (self, named) {
            (Self::Number(_), Self::Number(_) | Self::Text(_)) => {
                let order = || self.number()?.compare(named.number()?);
                order().is_some_and(Ordering::is_eq)
            }
            _ => self == named && *self != Self::Other,
        }
    }
}
