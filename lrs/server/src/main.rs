//! The `varde` binary.

fn main() {}
