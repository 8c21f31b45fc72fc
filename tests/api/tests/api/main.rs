//! The HTTP surface, rule by rule. Each test makes its own world; its name is the rule.

mod about;
mod activities;
mod agents;
mod alternate;
mod attachment_data;
mod attachments;
mod compression;
mod cors;
mod credentials;
mod documents;
mod errors;
mod failures;
mod formats;
mod rate;
mod repeats;
mod results;
mod robustness;
mod signatures;
mod spaces;
mod statements_get;
mod statements_post;
mod statements_put;
mod statements_query;
mod tolerances;
mod versions;
