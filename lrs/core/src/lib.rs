//! What a record store does, apart from where it keeps things.
