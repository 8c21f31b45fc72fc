//! The default store: SQLite in the process, one folder, nothing to install.
//!
//! - [`EmbeddedStore`] implements the ports of `varde_core::ports`; [`DataFolder`] is where it lives.
//! - `folder`: the data folder, its lock, and a database that fits.
//! - `schema`, `row`, `origin`, `bodies`: what the tables hold, and the row with its checksum.
//! - [`upgrade`]: from an earlier format to this one.
//! - `index`: what finds statements, in memory and on disk.
//! - `database`: one connection, and what both sides read through it.
//! - `writer`: the one thread that writes; many callers share one sync.
//! - `reader`: pages and the like, each from one moment, beside the writer.
//! - `timeline`: the one clock of the log.
//! - `alarm`: damage that is met wakes whoever looks for it.
//! - `free_space`: whether the disk has room.
//! - [`care`]: copies of a folder, and checks.
//! - `attachments`: the bytes of attachments, as files beside the database.

mod alarm;
mod attachments;
mod bodies;
pub mod care;
mod database;
mod error;
mod folder;
mod free_space;
mod index;
mod origin;
mod reader;
mod row;
mod schema;
mod store;
mod timeline;
pub mod upgrade;
mod writer;

pub use error::OpenError;
pub use folder::DataFolder;
pub use store::EmbeddedStore;
