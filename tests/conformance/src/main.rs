//! Writes the page of requirements anew.

use std::fs;

use anyhow::Result;
use varde_conformance::{PAGE, page, requirements, root, sources};

fn main() -> Result<()> {
    let root = root();
    let chapters = requirements::read(&root.join("tests/conformance/requirements"))?;
    let page = page::write(&chapters, &sources::tests(&root)?);
    fs::write(root.join(PAGE), page)?;
    Ok(())
}
