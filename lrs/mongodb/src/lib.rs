//! The store for many machines: a MongoDB replica set, used by any number of processes at once.
//!
//! - [`MongoStore`] implements the ports of `varde_core::ports`; [`Tuning`] is how it works.
//! - `options`: the address. `schema`: the collections and their indexes.
//! - `layout`: what the documents hold; `head` is the one that gives all writes their order.
//! - `writer`: the one task of a process that writes; many callers share one transaction.
//! - `reader`: pages and the like, each as of one moment.
//! - `watcher`: word that the store has come further, from whichever process wrote.
//! - `shared`: the clock, and through which instant all is visible.
//! - `abandoned`: what a killed process left open, ended by those it holds up.
//! - `moving`: from another store, and into one.
//! - [`upgrade`]: from an earlier format to this one.
//! - `attachments`: the bytes of attachments; `erasures`: the list that no backup takes along.

mod abandoned;
mod attachments;
mod connections;
mod erasures;
mod error;
mod layout;
mod moving;
mod options;
mod reader;
mod schema;
mod shared;
mod store;
pub mod upgrade;
mod watcher;
mod writer;

pub use erasures::ErasureDatabase;
pub use error::OpenError;
pub use options::Tuning;
pub use store::MongoStore;
