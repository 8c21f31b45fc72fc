//! A pack as somebody was sent it: one archive, of which every file is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use thiserror::Error;
use zip::ZipArchive;

use super::manifest::Manifest;
use super::verify::{Fault, Trusted, read_manifest, verify};
use super::{MANIFEST, SIGNATURE};
use crate::reports::sha256;

/// The most bytes of all files of an archive together.
const BYTES_MAX: u64 = 256 * 1024 * 1024;
/// The most files.
const FILES_MAX: usize = 1_000;

/// An archive that is no pack.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAPack {
    /// It is no archive.
    #[error("expected a ZIP archive, as Varde makes the pack of a report")]
    NoArchive,
    /// It holds more than a pack does.
    #[error("expected at most {FILES_MAX} files of {BYTES_MAX} bytes together, as a pack has")]
    TooLarge,
}

/// One file of a pack, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Its name, with its folder.
    pub name: String,
    /// SHA-256 of its bytes, as 64 hex digits; `None` where it is missing or cannot be unpacked.
    pub sha256: Option<String>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// What was found in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What the manifest says, where it can be read.
    pub manifest: Option<Manifest>,
    /// Every file that is there or should be, in the order of their names.
    pub files: Vec<Inspected>,
    /// What is wrong; nothing with a pack that is as it was signed.
    pub faults: Vec<Fault>,
    /// Whether the signer is the one who was expected.
    pub signer_is_proven: bool,
}

impl Inspection {
    /// Looks at an archive by [`verify`], and tells of each of its files what was found.
    pub fn of(archive: &[u8], trusted: Option<&Trusted>) -> Result<Self, NotAPack> {
        let Unpacked { files, broken } = unpack(archive)?;
        let manifest = read_manifest(&files).ok();
        let (mut faults, mut signer_is_proven) = match verify(&files, trusted) {
            Ok(verified) => (Vec::new(), verified.signer_is_proven),
            Err(faults) => (faults, false),
        };
        for fault in &mut faults {
            if matches!(fault, Fault::Missing(name) if broken.contains(name)) {
                *fault = unpacked(fault.file());
            }
        }
        let named = |name: &String| faults.iter().any(|fault| fault.file() == name);
        let unnamed: Vec<_> = broken.iter().filter(|name| !named(name)).collect();
        let unnamed: Vec<_> = unnamed.into_iter().map(|name| unpacked(name)).collect();
        faults.extend(unnamed);
        signer_is_proven &= faults.is_empty();
        Ok(Self {
            files: each(manifest.as_ref(), &files, &faults),
            manifest,
            faults,
            signer_is_proven,
        })
    }
}

fn unpacked(name: &str) -> Fault {
    Fault::Unreadable {
        name: name.to_owned(),
        expected: "bytes that unpack to what was packed: the file was changed",
    }
}

/// Tells of every file that is there, and of those that should be.
fn each(
    manifest: Option<&Manifest>,
    files: &BTreeMap<String, Vec<u8>>,
    faults: &[Fault],
) -> Vec<Inspected> {
    let expected = manifest.into_iter().flat_map(|manifest| &manifest.files);
    let expected = expected.map(|entry| entry.name.as_str());
    let named = faults.iter().map(Fault::file);
    let own = [MANIFEST, SIGNATURE];
    let there = files.keys().map(String::as_str);
    let all: BTreeSet<&str> = there.chain(expected).chain(named).chain(own).collect();
    let each = all.into_iter().map(|name| Inspected {
        name: name.to_owned(),
        sha256: files.get(name).map(|bytes| sha256(bytes)),
        fault: faults.iter().find(|fault| fault.file() == name).cloned(),
    });
    each.collect()
}

/// The files of an archive.
struct Unpacked {
    files: BTreeMap<String, Vec<u8>>,
    /// The names of those whose bytes do not unpack.
    broken: BTreeSet<String>,
}

/// Unpacks an archive; how much one unpacks to is counted while it is.
fn unpack(archive: &[u8]) -> Result<Unpacked, NotAPack> {
    let archive = ZipArchive::new(Cursor::new(archive));
    let mut archive = archive.map_err(|_| NotAPack::NoArchive)?;
    if archive.len() > FILES_MAX {
        return Err(NotAPack::TooLarge);
    }
    let (mut files, mut broken) = (BTreeMap::new(), BTreeSet::new());
    let mut left = BYTES_MAX;
    for index in 0..archive.len() {
        let name = archive.name_for_index(index).and_then(Result::ok);
        let name = name.map(std::borrow::Cow::into_owned).unwrap_or_default();
        let Ok(file) = archive.by_index(index) else {
            broken.insert(name);
            continue;
        };
        if file.is_dir() {
            continue;
        }
        let mut bytes = Vec::new();
        // One more than is left tells that there is too much.
        let unpacked = file.take(left.saturating_add(1)).read_to_end(&mut bytes);
        if unpacked.is_err() {
            broken.insert(name);
            continue;
        }
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        left = left.checked_sub(size).ok_or(NotAPack::TooLarge)?;
        files.insert(name, bytes);
    }
    files.retain(|name, _| !broken.contains(name));
    Ok(Unpacked { files, broken })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use varde_core::Entropy;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::pack::{SIGNER, SigningKey};

    struct Same;

    impl Entropy for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    impl std::fmt::Debug for Same {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Same")
        }
    }

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        // Stored as they are, so that a test finds their bytes again.
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in files {
            writer.start_file(*name, options).expect("a file");
            writer.write_all(bytes).expect("bytes");
        }
        writer.finish().expect("an archive").into_inner()
    }

    #[test]
    fn what_is_no_archive_is_no_pack() {
        for bytes in [&b""[..], b"PK", b"a text"] {
            assert_eq!(Inspection::of(bytes, None), Err(NotAPack::NoArchive));
        }
    }

    #[test]
    fn an_archive_without_a_manifest_is_told_so_and_its_files_are_named() {
        let key: SigningKey = SigningKey::generate(&Same).parse().expect("a key");
        let pem = key.public().pem();
        let bytes = archive(&[(SIGNER, pem.as_bytes()), ("other.txt", b"text")]);
        let found = Inspection::of(&bytes, None).expect("an archive");
        assert_eq!(found.manifest, None);
        assert_eq!(found.faults, [Fault::Missing(MANIFEST.to_owned())]);
        let names: Vec<_> = found.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, [MANIFEST, SIGNATURE, "other.txt", SIGNER]);
        assert!(!found.signer_is_proven);
    }

    #[test]
    fn a_byte_that_was_changed_in_the_archive_names_its_file() {
        let mut bytes = archive(&[("report.json", b"the text of a report")]);
        let at = bytes.windows(8).position(|part| part == b"the text");
        bytes[at.expect("the text")] ^= 1;
        let found = Inspection::of(&bytes, None).expect("an archive");
        let fault = found.faults.iter().find(|one| one.file() == "report.json");
        assert!(matches!(fault, Some(Fault::Unreadable { .. })), "{found:?}");
    }

    #[test]
    fn an_archive_that_unpacks_to_too_much_is_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        writer.start_file("zeros", options).expect("a file");
        let zeros = vec![0; 1024 * 1024];
        for _ in 0..=BYTES_MAX / 1024 / 1024 {
            writer.write_all(&zeros).expect("bytes");
        }
        let bytes = writer.finish().expect("an archive").into_inner();
        assert!(bytes.len() < 1024 * 1024);
        assert_eq!(Inspection::of(&bytes, None), Err(NotAPack::TooLarge));
    }
}
