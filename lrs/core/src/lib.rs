//! What a record store does, apart from where it keeps things: statements in, conclusions out.
//!
//! - [`ports`]: what the core asks of a store, and the memory store that serves as their model.
//! - [`statements`]: storing and reading statements.
//! - [`arrivals`]: what came in, counted by key and day.
//! - [`attachments`]: the data of statements' attachments.
//! - [`activities`]: what statements said of activities, merged.
//! - [`agents`]: what is known of agents.
//! - [`documents`]: what front ends keep beside statements.
//! - [`keys`]: API keys and who calls.
//! - [`refusals`]: notes of refused requests, without what was sent.
//! - [`sheet`]: tables for spreadsheets.
//! - [`sessions`]: tokens for learners' browsers, each bound to one learner in one activity.
//! - [`tokens`]: tokens that other issuers signed.
//! - [`users`]: people with a local account, and what they are signed in by.
//! - [`people`]: random ids of persons, and the keys that personal values are kept under.
//! - [`examples`]: what definitions are held to before they count.
//! - [`registers`], [`definitions`]: what the project office and its funders decide, as log events.
//! - [`outbox`]: what must reach somebody outside, with attempts and their log.
//! - [`lease`]: work that one of several processes does at a time.
//! - [`audit`]: who was told what, as a chain.
//! - [`disclosure`]: what of results is shown to whom.
//! - [`classes`]: what front ends mean by their verbs, as a table.
//! - [`ledger`]: facts, groups, settling, and the runner that carries the log into the ledger.
//!
//! Nothing here names a status code, a database or a runtime.

pub mod activities;
pub mod agents;
pub mod arrivals;
pub mod attachments;
pub mod audit;
mod bookmark;
mod caller;
pub mod classes;
pub mod definitions;
pub mod disclosure;
pub mod documents;
pub mod erasures;
pub mod examples;
mod ingest;
pub mod keys;
pub mod lease;
pub mod ledger;
pub mod memory;
pub mod outbox;
pub mod people;
pub mod ports;
pub mod refusals;
pub mod registers;
mod role;
mod sealing;
pub mod sessions;
pub mod sheet;
mod space;
pub mod statements;
mod time;
pub mod tokens;
mod tolerance;
pub mod users;

pub use caller::{Caller, Forbidden, KeyId, Need, Scope, ScopeError};
pub use ingest::{Ingest, IngestCounts, IngestPolicy, NationalIdPolicy, NationalIdPolicyError};
pub use ports::{Position, StoreError};
pub use role::{Role, RoleError};
pub use space::{ProjectCode, ProjectCodeError, Space, SpaceError};
pub use time::{Clock, Entropy};
pub use tolerance::{Tolerance, ToleranceError, ToleranceUses, Tolerances};
