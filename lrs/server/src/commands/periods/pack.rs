//! `varde report pack`

use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use varde_interreg::packs::PacksError;
use varde_interreg::reports::ReportQuery;

use super::changing::PlaceArgs;
use super::{manager, refused};
use crate::cli::StoreArgs;
use crate::commands::signing_key;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;

/// The flags of `varde report pack`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportPackArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// The revision [default: the last].
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
    /// The folder to write the files into, or a file whose name ends with .zip.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

#[async_trait]
impl StoreCommand for ReportPackArgs {
    fn name(&self) -> &'static str {
        "report pack"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Writes everything that is handed in with a submitted report, signed.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let query = ReportQuery {
            project: self.of.project.clone(),
            period: self.of.period,
            revision: self.revision,
            known_at: None,
        };
        let pack = parts.packs().pack(&caller, &query).await;
        let pack = pack.map_err(no_pack)?;
        let is_zip = self.output.extension().is_some_and(|end| end == "zip");
        let files = if is_zip {
            let zip = pack.zip().map_err(|error| Failure::software(&error))?;
            vec![(self.output.clone(), zip)]
        } else {
            let files = pack.files.iter();
            let files = files.map(|(name, bytes)| (self.output.join(name), bytes.clone()));
            files.collect()
        };
        for (path, bytes) in files {
            // It names organisations and keys.
            let file = desk.write_file(&path, true).await?;
            file.write(bytes).await?;
            file.end().await?;
        }
        let said = format!(
            "  wrote {} files: {}\n  report SHA-256 {}\n  signed by {}\n",
            pack.files.len(),
            self.output.display(),
            pack.manifest.snapshot,
            pack.manifest.signer
        );
        desk.print(said).await
    }
}

fn no_pack(error: PacksError) -> Failure {
    match error {
        PacksError::Report(error) => refused(error),
        PacksError::Signer(error) => signing_key::refused(error),
        PacksError::Pack(error) => Failure::software(&error),
    }
}
