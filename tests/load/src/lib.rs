//! How fast Varde is. Each measurement is an example of this crate; the figures and the commands
//! that give them are kept in `docs/performance.md`.
