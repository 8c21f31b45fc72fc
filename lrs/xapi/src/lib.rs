//! The xAPI standard as types: parse, validate, compare, format and match statements.
//!
//! Both families of the standard are covered: 1.0.x and 2.0.x (IEEE 9274.1.1-2023). Nothing here
//! reads a clock, does I/O or waits, so a call fails only on its input. The way in is
//! [`receive`]: a request's body becomes statements ready to be stored, or all of its [`Faults`].

mod anonymise;
pub mod attachment;
mod body;
pub mod definition;
mod duration;
mod edit;
mod equality;
mod family;
mod fault;
pub mod format;
mod id;
mod iri;
mod json;
mod language;
mod language_range;
pub mod media_type;
mod mention;
mod model;
pub mod multipart;
pub mod national_id;
mod number;
pub mod parameter;
mod receive;
mod rule;
pub mod signature;
mod terms;
mod time;
mod validate;

pub use anonymise::{
    ANONYMOUS_HOME_PAGE, Anonyms, PSEUDONYM_HOME_PAGE, anonymised, identified, pseudonymised,
    stands_for_another,
};
pub use body::{Assigned, splice};
pub use duration::Duration;
pub use equality::{equality, repeat_hash};
pub use family::Family;
pub use fault::{FAULTS_MAX, Fault, Faults, Found, Rule};
pub use id::StatementId;
pub use iri::Iri;
pub use json::{DEPTH_MAX as JSON_DEPTH_MAX, shape_of_text};
pub use language::{LanguageMap, LanguageTag};
pub use language_range::{LanguageRange, accept_language, lookup};
pub use mention::{Mention, mentions};
pub use model::{
    Activity, ActivityDefinition, Actor, Agent, Attachment, Context, ContextActivities,
    ContextAgent, ContextGroup, Extensions, Group, Ifi, Interaction, InteractionComponent,
    InteractionType, Object, Score, Statement, StatementResult, SubStatement, Verb,
};
pub use number::Number;
pub use receive::{Batch, Received, read, receive, receive_one};
pub use terms::{Place, Term, agent_value, match_terms, refers_to, voids};
pub use time::{Stored, Timestamp, TimestampError};
pub use validate::check_json_depth;
