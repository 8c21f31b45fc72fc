//! The default store: SQLite in the process.
