//! Writes the page of who may do what anew.

use std::fs;
use std::path::Path;

use varde_api_tests::access;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::write(root.join(access::PAGE), access::page())
}
