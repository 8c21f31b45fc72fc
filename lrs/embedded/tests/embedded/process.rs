//! Other processes: this test program again, told by its environment to play a part.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Names the folder to a process that plays the part.
const FOLDER: &str = "VARDE_TEST_FOLDER";

/// Returns the folder when this process was started to play the part of a test.
pub(crate) fn part() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// Starts this test program again, for one test and its part alone, behind the words of a
/// command that runs another (or none). What the part tells goes to its standard error.
pub(crate) fn play(test: &str, folder: &Path, behind: &[&str]) -> Child {
    let program = env::current_exe().expect("the test program has a path");
    let (program, behind) = (
        program.to_str().expect("a plain path"),
        behind.iter().copied(),
    );
    let words: Vec<_> = behind
        .chain([program, test, "--exact", "--nocapture"])
        .collect();
    Command::new(words[0])
        .args(&words[1..])
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test program starts again")
}
