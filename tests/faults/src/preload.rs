//! The library that is loaded before the server's others, and how it is told what to do.

use std::error::Error;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const SOURCE: &str = include_str!("../preload/faults.c");
/// The parts of `struct control`, each of eight bytes.
const PARTS: [Part; 7] = [
    Part::Mode,
    Part::Countdown,
    Part::Calls,
    Part::ClockOffset,
    Part::DiedAt,
    Part::FullSyncs,
    Part::DataSyncs,
];
/// The library's `enum act` and `enum place`, for people.
const ACTS: [&str; 5] = ["writing", "syncing", "cutting", "renaming", "removing"];
const PLACES: [&str; 4] = [
    "the database",
    "the write-ahead log",
    "an attachment",
    "another file",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Mode,
    Countdown,
    Calls,
    ClockOffset,
    DiedAt,
    FullSyncs,
    DataSyncs,
}

/// What happens to calls that write to the data folder, in the order of the library's `enum mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    None,
    /// The process dies before the call that the countdown ends at.
    Kill,
    /// It dies in the middle of that call where that is a write, and right behind any other.
    Tear,
    /// No write has room.
    NoSpace,
    /// No write is let.
    ReadOnly,
    /// No sync succeeds.
    NoSync,
}

/// The library, compiled for this run.
#[derive(Debug)]
pub(crate) struct Library {
    folder: TempDir,
}

impl Library {
    /// Compiles the library.
    pub(crate) fn compile() -> Result<Self, Box<dyn Error>> {
        let folder = TempDir::with_prefix("varde-faults-")?;
        let source = folder.path().join("faults.c");
        fs::write(&source, SOURCE)?;
        let flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"];
        let status = Command::new("cc")
            .args(flags)
            .args([&folder.path().join("faults.so"), &source])
            .arg("-ldl")
            .status()?;
        if status.success() {
            Ok(Self { folder })
        } else {
            Err("the C compiler refuses it".into())
        }
    }

    /// Returns the path of the compiled library.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("faults.so")
    }
}

/// What one server is told.
#[derive(Debug)]
pub(crate) struct Control {
    file: File,
    path: PathBuf,
}

impl Control {
    /// Makes the file that both sides share, beside a data folder.
    pub(crate) fn new(data: &Path) -> Result<Self, Box<dyn Error>> {
        let path = data.with_extension("control");
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        file.set_len(8 * PARTS.len() as u64)?;
        Ok(Self { file, path })
    }

    /// Returns where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Lets calls have another fate from now on.
    pub(crate) fn set(&self, mode: Mode) -> Result<(), Box<dyn Error>> {
        self.put(Part::Mode, mode as i64)
    }

    /// Lets the process die at the n-th call from now.
    pub(crate) fn end_at(&self, mode: Mode, call: i64) -> Result<(), Box<dyn Error>> {
        self.put(Part::Countdown, call)?;
        self.set(mode)
    }

    /// Moves the time of day.
    pub(crate) fn move_clock(&self, seconds: i64) -> Result<(), Box<dyn Error>> {
        self.put(Part::ClockOffset, seconds)
    }

    /// Returns how many calls there were.
    pub(crate) fn calls(&self) -> Result<i64, Box<dyn Error>> {
        self.get(Part::Calls)
    }

    /// Returns how often the database was synced with its files' times, and without.
    pub(crate) fn syncs(&self) -> Result<(i64, i64), Box<dyn Error>> {
        Ok((self.get(Part::FullSyncs)?, self.get(Part::DataSyncs)?))
    }

    /// Says which call the process died at last.
    pub(crate) fn died_at(&self) -> Result<String, Box<dyn Error>> {
        let call = usize::try_from(self.get(Part::DiedAt)?)?;
        let act = ACTS.get(call / PLACES.len()).ok_or("an unknown call")?;
        let place = PLACES.get(call % PLACES.len()).unwrap_or(&"");
        Ok(format!("{act} {place}"))
    }

    fn get(&self, part: Part) -> Result<i64, Box<dyn Error>> {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, part as u64 * 8)?;
        Ok(i64::from_ne_bytes(bytes))
    }

    fn put(&self, part: Part, value: i64) -> Result<(), Box<dyn Error>> {
        self.file
            .write_all_at(&value.to_ne_bytes(), part as u64 * 8)?;
        Ok(())
    }
}
