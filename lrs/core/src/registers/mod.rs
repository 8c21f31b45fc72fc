//! Registers: projects, people, organisations, programme activities and how they belong together.
//!
//! A register is bitemporal rows in the log: a field of an entity has a value on some days, as
//! known from some instant. [`Registers`] holds every row in memory; a [`RegisterView`] answers
//! as of one instant and notes each entity it was asked for, found or not, so that a row that
//! arrives later finds the statements it concerns.
//!
//! Persons and identifiers have random ids here. What rows say of a person stands in the log under
//! that person's key; only the links (whose an identifier is, into whom a person is merged) are
//! plain. Swedish sole traders, whose organisation number is personal, are kept as persons are.

mod book;
pub mod files;
mod import;
mod judged;
mod keyed;
mod known;
mod logged;
mod merging;
mod period;
mod person;
mod roster;
mod row;
mod size_class;
mod unit;
mod view;

pub use book::RegisterBook;
pub use import::{ImportError, Imported, News};
pub use judged::{LineNews, judge};
pub use known::Registers;
pub(crate) use logged::{event_entities, rewritten};
pub use merging::{MergeError, Merged};
pub use person::PersonId;
pub use roster::{
    Affiliation, FoundPerson, ListedPerson, MergeNote, PERSONS_MAX, PersonCard, PersonState,
    Roster, RosterError, RosterPage, RosterQuery,
};
pub use row::{Entity, EntityKind, KnownRow, Row, RowId};
pub use size_class::SizeClass;
pub use unit::{NamedActivities, Unit};
pub use view::{LookedUp, NaturalKey, RegisterView};
