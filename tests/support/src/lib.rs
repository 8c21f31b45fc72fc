//! What tests share: clocks, ids, statements, worlds.
