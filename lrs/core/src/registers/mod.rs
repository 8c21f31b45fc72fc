//! Registers: projects, people, organisations, programme activities and how they belong together.
//!
//! A register is bitemporal rows in the log: a field of an entity has a value on some days, as
//! known from some instant. [`Registers`] holds every row in memory; a [`RegisterView`] answers
//! as of one instant and notes each entity it was asked for, found or not, so that a row that
//! arrives later finds the statements it concerns.

mod book;
pub mod files;
mod period;
mod person;
mod row;
mod unit;
mod view;

pub(crate) use book::event_rows;
pub use book::{ImportError, Imported, RegisterBook, Registers};
pub use person::PersonId;
pub use row::{Entity, EntityKind, KnownRow, Row, RowId};
pub use unit::{NamedActivities, Unit};
pub use view::{LookedUp, NaturalKey, RegisterView};
