//! What was found in a pack, as pages show it.

use varde_core::StoreError;
use varde_http::App;
use varde_interreg::pack::{Fault, Inspected, Inspection, MANIFEST, SIGNATURE};

use crate::format;
use crate::visit::Visit;
use crate::words::{Packs, fill};

/// What was found in a pack.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) is_intact: bool,
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) signer: String,
    pub(crate) files: Vec<FileRow>,
}

/// One file of a pack.
#[derive(Debug)]
pub(crate) struct FileRow {
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) result: String,
    pub(crate) is_wrong: bool,
}

/// Tells of a pack what was found, and whether its signer's key is known here.
pub(crate) async fn found_in(
    app: &App,
    visit: &Visit,
    inspection: &Inspection,
) -> Result<Found, StoreError> {
    let manifest = inspection.manifest.as_ref();
    let since = match manifest {
        Some(manifest) => app.services().packs.signs_here(&manifest.signer).await?,
        None => None,
    };
    Ok(found(visit, inspection, since))
}

/// Tells of a pack what was found; its signer's key is known here since an instant.
fn found(visit: &Visit, inspection: &Inspection, since: Option<varde_xapi::Stored>) -> Found {
    let words = Packs::of(visit.language);
    let facts = inspection.manifest.as_ref().map(|manifest| {
        let told = [
            manifest.project.to_string(),
            manifest.number.to_string(),
            format::day(manifest.period.end, visit.language),
            manifest.revision.to_string(),
        ];
        let told = fill(words.report_told, &told.each_ref().map(String::as_str));
        vec![
            (words.report, told),
            (words.hash, manifest.snapshot.to_string()),
            (words.signer, manifest.signer.to_string()),
        ]
    });
    let signer = match (inspection.signer_is_proven, since) {
        (true, _) => words.signer_proven.to_owned(),
        (false, Some(since)) => fill(
            words.signer_ours,
            &[&format::instant(since, visit.language)],
        ),
        (false, None) => words.signer_foreign.to_owned(),
    };
    Found {
        is_intact: inspection.faults.is_empty(),
        facts: facts.unwrap_or_default(),
        signer,
        files: inspection
            .files
            .iter()
            .map(|file| of_file(words, file))
            .collect(),
    }
}

fn of_file(words: &Packs, file: &Inspected) -> FileRow {
    let own = [MANIFEST, SIGNATURE].contains(&file.name.as_str());
    let result = match &file.fault {
        None if file.sha256.is_none() => words.not_there.to_owned(),
        None if own => words.signed.to_owned(),
        None => words.fine.to_owned(),
        Some(Fault::Missing(_)) => words.missing.to_owned(),
        Some(Fault::Changed { expected, .. }) => fill(words.was_changed, &[expected]),
        Some(Fault::Foreign(_)) => words.foreign.to_owned(),
        Some(Fault::Unreadable { .. }) => words.unreadable.to_owned(),
        Some(Fault::Signature) => words.wrong_signature.to_owned(),
        Some(Fault::OtherSigner { found, .. }) => fill(words.other_signer, &[&found.to_string()]),
        Some(Fault::OtherReport(what)) => fill(words.other_report, &[what]),
    };
    FileRow {
        name: file.name.clone(),
        sha256: file.sha256.clone().unwrap_or_default(),
        result,
        is_wrong: file.fault.is_some() || file.sha256.is_none(),
    }
}
