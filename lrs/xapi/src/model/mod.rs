//! Statements and their parts as typed, validated values.

mod activity;
mod actor;
mod context;
mod result;
mod statement;

pub use activity::{
    Activity, ActivityDefinition, Interaction, InteractionComponent, InteractionType,
};
pub use actor::{Actor, Agent, Group, Ifi};
pub use context::{Context, ContextActivities, ContextAgent, ContextGroup};
pub use result::{Score, StatementResult};
pub use statement::{Attachment, Extensions, Object, Statement, SubStatement, Verb};
