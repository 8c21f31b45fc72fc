//! The names of the tests, read from the sources.
//!
//! A test of a crate is `crate::module::name`, the module being that of its file: the test
//! `statements_put::an_array_is_refused` in `tests/api` is
//! `varde-api-tests::statements_put::an_array_is_refused`. A test of a client library is
//! `clients::file::its sentence`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The crates whose tests hold requirements, by folder.
const CRATES: [(&str, &str); 7] = [
    ("varde-api-tests", "tests/api"),
    ("varde-core", "lrs/core"),
    ("varde-embedded", "lrs/embedded"),
    ("varde-http", "lrs/http"),
    ("varde-server", "lrs/server"),
    ("varde-store-suite", "tests/store-suite"),
    ("varde-xapi", "lrs/xapi"),
];
const CLIENTS: &str = "tests/clients/tests";

/// The tests of the repository: the file of each, from the root, by its name.
pub type Tests = BTreeMap<String, String>;

/// Reads the names of all tests below the root of the repository.
pub fn tests(root: &Path) -> Result<Tests> {
    let mut tests = Tests::new();
    for (name, folder) in CRATES {
        for part in ["src", "tests"] {
            walk(
                root,
                &format!("{folder}/{part}"),
                "rs",
                &mut |file, text| {
                    let module = module(file, folder);
                    for test in rust_tests(text) {
                        let steps = [name, &module, test];
                        let steps: Vec<_> =
                            steps.into_iter().filter(|step| !step.is_empty()).collect();
                        tests.insert(steps.join("::"), file.to_owned());
                    }
                },
            )?;
        }
    }
    walk(root, CLIENTS, "mjs", &mut |file, text| {
        let module = file
            .rsplit('/')
            .next()
            .and_then(|name| name.split('.').next());
        for test in client_tests(text) {
            let name = format!("clients::{}::{test}", module.unwrap_or_default());
            tests.insert(name, file.to_owned());
        }
    })?;
    Ok(tests)
}

/// Reads every file of a folder that has the extension.
fn walk(
    root: &Path,
    folder: &str,
    extension: &str,
    read: &mut dyn FnMut(&str, &str),
) -> Result<()> {
    let path = root.join(folder);
    if !path.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(&path).with_context(|| folder.to_owned())? {
        let entry = entry?;
        let inner = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(root, &inner, extension, read)?;
        } else if entry
            .path()
            .extension()
            .is_some_and(|found| found == extension)
        {
            read(&inner, &fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

/// Returns the modules of a file, without the name of a test's binary.
fn module(file: &str, folder: &str) -> String {
    let inner = file.trim_start_matches(folder).trim_end_matches(".rs");
    let mut steps: Vec<_> = inner.split('/').filter(|step| !step.is_empty()).collect();
    let binary = steps.len() > 2 && steps.first() == Some(&"tests");
    steps.drain(..if binary { 2 } else { 1 });
    steps.retain(|step| !["main", "lib", "mod"].contains(step));
    steps.join("::")
}

/// Returns the functions under `#[test]` or the like, and the behaviours of the store suite.
fn rust_tests(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut marked = false;
    for line in text.lines().map(str::trim) {
        marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let behaviour = line.starts_with("pub async fn ") && line.contains("(store: &Fixture)");
        if let Some(name) = function(line)
            && (marked || behaviour)
        {
            found.push(name);
            marked = false;
        }
    }
    found
}

fn function(line: &str) -> Option<&str> {
    let words = line.trim_start_matches("pub ").trim_start_matches("async ");
    words.strip_prefix("fn ")?.split('(').next()
}

/// Returns the sentences of `test('…')`.
fn client_tests(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("test('")?.split("',").next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{client_tests, module, rust_tests};

    #[test]
    fn tests_are_told_from_other_functions() {
        let text = "fn other() {}\n#[test]\nfn one() {}\n    #[tokio::test(flavor = \"x\")]\n\
                    async fn two() {}\npub async fn three(store: &Fixture) {}\nfn last() {}";
        assert_eq!(rust_tests(text), ["one", "two", "three"]);
        let text = "test('does this', async () => {});\n  test(`not ${x}`, () => {});";
        assert_eq!(client_tests(text), ["does this"]);
    }

    #[test]
    fn modules_are_those_of_the_file() {
        for (file, folder, expected) in [
            ("tests/api/tests/api/about.rs", "tests/api", "about"),
            (
                "tests/api/tests/api/documents/mod.rs",
                "tests/api",
                "documents",
            ),
            ("lrs/core/tests/repeats.rs", "lrs/core", "repeats"),
            ("lrs/xapi/src/lib.rs", "lrs/xapi", ""),
            ("lrs/xapi/src/json/parse.rs", "lrs/xapi", "json::parse"),
        ] {
            assert_eq!(module(file, folder), expected, "{file}");
        }
    }
}
