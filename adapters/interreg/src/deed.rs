//! What one statement says of an organisation, by the `interreg` profile: natural keys only.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_core::classes::{Class, classify};
use varde_core::ledger::{Fact, Witness};
use varde_core::registers::NamedActivities;
use varde_core::registers::files::Organisation;
use varde_xapi::{Activity, Actor, Extensions, Ifi, Object, Statement};

use crate::amount::{self, Amount};
use crate::fact::{Told, iris};
use crate::vocabulary::{self, ACTIVITY_TYPES, COUNTRIES, VERBS};

/// What an organisation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Does {
    ReceivedSupport,
    JoinedPartnership,
    Organised,
    Developed,
    Completed,
    Adopted,
    Introduced,
    ReportedEmployment,
    Signed,
}

impl Does {
    fn of_verb(verb: &str) -> Option<Self> {
        Some(match verb.strip_prefix(VERBS)? {
            "received-support" => Self::ReceivedSupport,
            "joined-partnership" => Self::JoinedPartnership,
            "organised" => Self::Organised,
            "developed" => Self::Developed,
            "adopted" => Self::Adopted,
            "introduced" => Self::Introduced,
            "reported-employment" => Self::ReportedEmployment,
            "signed" => Self::Signed,
            _ => return None,
        })
    }
}

/// What a statement says that an organisation did, and everything of it that counting asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deed {
    pub(crate) does: Does,
    /// The organisation's natural key.
    pub(crate) by: String,
    /// The object's IRI.
    pub(crate) object: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parents: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) groupings: Vec<String>,
    /// The object's type, where the statement says that it is one of the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object_kind: Option<String>,
    /// The form of the support, the role of the partner, the kind of the innovation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// Who gave the support.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) providers: Vec<String>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "no_seconds")]
    pub(crate) seconds: u64,
    /// Whether the actions are named that its uptake needs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) uptake: bool,
    /// Whether it is a solution to a legal or administrative obstacle.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) legal: bool,
    /// Whether it is documented.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) evidence: bool,
    /// Employment before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) employment: Option<Employment>,
    /// The last day on which an agreement holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<Date>,
}

/// Annual full-time equivalents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Employment {
    #[serde(with = "amount::exact")]
    pub(crate) before: Amount,
    #[serde(with = "amount::exact")]
    pub(crate) after: Amount,
}

impl Employment {
    /// Returns the jobs created: jobs that are lost do not count against others.
    pub(crate) fn created(self) -> Amount {
        (self.after - self.before).max(Amount::ZERO)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn no_seconds(seconds: &u64) -> bool {
    *seconds == 0
}

impl Told for Deed {
    fn named(&self) -> NamedActivities<'_> {
        NamedActivities {
            object: Some(&self.object),
            parents: &self.parents,
            groupings: &self.groupings,
        }
    }
}

/// Tells whether a statement with this verb can tell of an organisation. What an organisation
/// completes has a verb that persons use too.
pub(crate) fn wants(verb: &str) -> bool {
    Does::of_verb(verb).is_some()
}

/// Returns what a statement says of the organisation that acts in it.
pub(crate) fn fact(witness: &Witness<'_>) -> Option<Fact> {
    let statement = witness.statement;
    let does = does(statement)?;
    let Object::Activity(object) = &statement.object else {
        return None;
    };
    let by = witness.organisation(&organisation(&statement.actor)?);
    let body = serde_json::to_value(deed(witness, does, by, object)).ok()?;
    Some(Fact { body })
}

fn does(statement: &Statement) -> Option<Does> {
    let result = statement.result.as_ref();
    let denied = result.is_some_and(|r| r.completion == Some(false) || r.success == Some(false));
    let completed = || classify(statement).contains(&Class::Completed) && !denied;
    Does::of_verb(statement.verb.id.as_str()).or_else(|| completed().then_some(Does::Completed))
}

fn deed(witness: &Witness<'_>, does: Does, by: String, object: &Activity) -> Deed {
    let Statement {
        context, result, ..
    } = witness.statement;
    let (context, result) = (context.as_ref(), result.as_ref());
    let said = |name: &str| context.and_then(|context| extension(&context.extensions, name));
    let text = |name: &str| said(name).and_then(|value| value.as_str().map(str::to_owned));
    let kind = match does {
        Does::ReceivedSupport => text("support-kind"),
        Does::JoinedPartnership => text("partner-role"),
        Does::Introduced => text("innovation-kind"),
        _ => None,
    };
    let providers = context.and_then(|context| organisation(context.instructor.as_ref()?));
    let activities = context.map(|context| &context.context_activities);
    Deed {
        does,
        by,
        object: object.id.to_string(),
        parents: activities.map_or_else(Vec::new, |of| iris(&of.parent)),
        groupings: activities.map_or_else(Vec::new, |of| iris(&of.grouping)),
        object_kind: object_kind(object),
        kind,
        providers: providers
            .map(|one| witness.organisation(&one))
            .into_iter()
            .collect(),
        seconds: result
            .and_then(|result| seconds(result.duration.as_ref()?.text()))
            .unwrap_or(0),
        uptake: said("uptake-actions").is_some_and(|value| is_told(&value)),
        legal: said("legal-or-administrative") == Some(Value::Bool(true)),
        evidence: said("evidence").is_some_and(|value| is_told(&value)),
        employment: result.and_then(|result| employment(&result.extensions)),
        valid_until: text("valid-until").and_then(|day| day.parse().ok()),
    }
}

fn object_kind(object: &Activity) -> Option<String> {
    let kind = object.definition.as_ref()?.activity_type.as_ref()?;
    Some(kind.as_str().strip_prefix(ACTIVITY_TYPES)?.to_owned())
}

fn extension(extensions: &Extensions, name: &str) -> Option<Value> {
    serde_json::from_str(extensions.get(&vocabulary::extension(name))?).ok()
}

/// Tells whether a value says anything.
fn is_told(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(values) => values.iter().any(is_told),
        Value::Object(members) => members.values().any(is_told),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

fn employment(extensions: &Extensions) -> Option<Employment> {
    let figure = |name: &str| {
        let text = match extension(extensions, name)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Amount::parse(&text).filter(|amount| *amount >= Amount::ZERO)
    };
    Some(Employment {
        before: figure("fte-before")?,
        after: figure("fte-after")?,
    })
}

/// Returns how many seconds a duration has, of days of 24 hours; `None` for months and years, which have
/// no length of their own.
pub(crate) fn seconds(duration: &str) -> Option<u64> {
    let span: jiff::Span = duration.parse().ok()?;
    let length = span
        .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .ok()?;
    u64::try_from(length.as_secs()).ok()
}

/// The actor as an organisation, where it is identified by an organisation number.
fn organisation(actor: &Actor) -> Option<Organisation> {
    match actor {
        Actor::Group(group) => numbered(group.ifi.as_ref()?),
        Actor::Agent(_) => None,
    }
}

/// The organisation behind an identifier that is an organisation number.
pub(crate) fn numbered(identifier: &Ifi) -> Option<Organisation> {
    let Ifi::Account { home_page, name } = identifier else {
        return None;
    };
    let is = |country: &&str| vocabulary::home_page(country) == Some(home_page.as_str());
    let country = COUNTRIES.into_iter().find(is)?;
    Organisation::parse(Some(country), name).ok()
}

/// The country of an organisation, as its natural key begins.
pub(crate) fn country(organisation: &str) -> Option<&str> {
    Some(organisation.split_once('-')?.0)
}
