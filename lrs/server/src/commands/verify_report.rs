//! `varde verify-report`: checks a pack, without any store.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use varde_interreg::pack::{Fault, Fingerprint, Trusted, Verified, verify};

use crate::exit::{Exit, Failure, chain};
use crate::terminal::print;

/// The most bytes of all files of a pack.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// The most files.
const FILES_MAX: usize = 1_000;
/// A pack has folders, and these have none.
const DEPTH_MAX: usize = 2;

/// The flags of `varde verify-report`.
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyReportArgs {
    /// The folder of the pack.
    #[arg(value_name = "DIR")]
    pub(crate) pack: PathBuf,
    /// Who must have signed it: the file of a public key, or a fingerprint.
    #[arg(long, value_name = "FILE|FINGERPRINT")]
    pub(crate) key: Option<String>,
    /// Prints what was found as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Checks every byte of a pack, and who signed it.
pub(crate) fn verify_report(args: &VerifyReportArgs) -> Result<(), Failure> {
    let trusted = args.key.as_deref().map(trusted).transpose()?;
    let files = Files::read(&args.pack)?;
    match verify(&files, trusted.as_ref()) {
        Ok(verified) => {
            print(&intact(args.json, &verified));
            Ok(())
        }
        Err(faults) => Err(changed(args.json, &args.pack, &faults)),
    }
}

/// Reads who is trusted: a fingerprint, else the file of a public key.
fn trusted(key: &str) -> Result<Trusted, Failure> {
    if let Ok(fingerprint) = key.parse::<Fingerprint>() {
        return Ok(Trusted::Fingerprint(fingerprint));
    }
    let unread = |why: &dyn std::fmt::Display, exit| Failure::new(exit, format!("{key}: {why}"));
    let text = fs::read_to_string(key).map_err(|error| unread(&error, Exit::NoInput))?;
    let public = text.parse().map(Trusted::Key);
    public.map_err(|error: varde_interreg::pack::KeyTextError| unread(&error, Exit::Data))
}

fn intact(json: bool, verified: &Verified) -> String {
    let Verified {
        manifest,
        signer_is_proven,
    } = verified;
    if json {
        let said = json!({
            "intact": true,
            "signer_is_proven": signer_is_proven,
            "signer": manifest.signer,
            "report": manifest.snapshot,
            "project": manifest.project,
            "period": manifest.period.end,
            "revision": manifest.revision,
            "files": manifest.files.len(),
        });
        return format!("{said}\n");
    }
    let signer = if *signer_is_proven {
        format!("intact, signed by {}", manifest.signer)
    } else {
        format!(
            "intact, signer unproven: it says {}; give the key or the fingerprint that you have from \
             the project office with --key",
            manifest.signer
        )
    };
    format!(
        "  {} report {} to {}, revision {}: {} files\n  report SHA-256 {}\n  {signer}\n",
        manifest.project,
        manifest.number,
        manifest.period.end,
        manifest.revision,
        manifest.files.len(),
        manifest.snapshot,
    )
}

fn changed(json: bool, pack: &Path, faults: &[Fault]) -> Failure {
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    if json {
        print(&format!(
            "{}\n",
            json!({ "intact": false, "faults": lines })
        ));
    }
    let lines = lines.join("\n  ");
    let sentence = format!(
        "the pack {} is not as it was signed:\n  {lines}",
        pack.display()
    );
    Failure::new(Exit::Data, sentence)
}

/// The files of a folder while they are read.
#[derive(Debug, Default)]
struct Files {
    read: BTreeMap<String, Vec<u8>>,
    bytes: u64,
}

impl Files {
    fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut files = Self::default();
        files.folder(folder, "", 1)?;
        Ok(files.read)
    }

    fn folder(&mut self, folder: &Path, before: &str, depth: usize) -> Result<(), Failure> {
        let unread = |error: std::io::Error| {
            let sentence = format!("cannot read {}: {}", folder.display(), chain(&error));
            Failure::new(Exit::NoInput, sentence)
        };
        for entry in fs::read_dir(folder).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            let about = entry.metadata().map_err(unread)?;
            if about.is_dir() && depth < DEPTH_MAX {
                self.folder(&entry.path(), &format!("{name}/"), depth + 1)?;
                continue;
            }
            self.bytes = self.bytes.saturating_add(about.len());
            if self.bytes > BYTES_MAX || self.read.len() >= FILES_MAX {
                let sentence = format!(
                    "{} holds more than a pack does: at most {FILES_MAX} files of {BYTES_MAX} bytes",
                    folder.display()
                );
                return Err(Failure::new(Exit::Data, sentence));
            }
            // What is no plain file is none of the pack, and is named as such.
            let bytes = if about.is_file() {
                fs::read(entry.path()).map_err(unread)?
            } else {
                Vec::new()
            };
            self.read.insert(name, bytes);
        }
        Ok(())
    }
}
