//! The MongoDB store: every promise of the ports, then what only a database can show.

mod attachments;
mod opening;
mod processes;
mod secured;
mod server;
mod suite;
mod upgrade;
