//! `varde signing-key make | rotate | list | public`: the keys that sign packs of reports.

use std::path::PathBuf;

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_interreg::pack::Fingerprint;
use varde_interreg::packs::{Signer, SignerError};

use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// Work with signing keys.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum SigningKey {
    /// Makes the key that signs packs.
    Make(SigningKeyMakeArgs),
    /// Makes a new key in the place of the one in use, whose public half stays on record.
    Rotate(SigningKeyRotateArgs),
    /// Lists the keys that sign here or did.
    List(SigningKeyListArgs),
    /// Writes a public key, to be handed to those who check packs.
    Public(SigningKeyPublicArgs),
}

/// The flags of `varde signing-key make`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct SigningKeyMakeArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
}

/// The flags of `varde signing-key rotate`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct SigningKeyRotateArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
}

/// The flags of `varde signing-key list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct SigningKeyListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Prints the list as JSON, with the public keys.
    #[arg(long)]
    json: bool,
}

/// The flags of `varde signing-key public`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct SigningKeyPublicArgs {
    /// The key, by its fingerprint [default: the one in use].
    #[arg(value_name = "FINGERPRINT", value_parser = fingerprint)]
    key: Option<Fingerprint>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// The file to write, or `-` for standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

fn fingerprint(text: &str) -> Result<Fingerprint, String> {
    text.parse()
        .map_err(|error: varde_interreg::pack::KeyTextError| error.to_string())
}

/// Says why nothing was done with a signing key.
pub(super) fn refused(error: SignerError) -> Failure {
    let exit = match error {
        SignerError::Store(error) => return error.into(),
        SignerError::Absent => Exit::NoInput,
        SignerError::Present(_) => Exit::CannotCreate,
        SignerError::Unread(_) => Exit::Io,
    };
    Failure::new(exit, error.to_string())
}

fn made(signer: &Signer) -> String {
    format!(
        "  made the signing key {}\n  it lies beside the key-encryption key and is in no backup; \
         hand the public half to those who check packs: `varde signing-key public`\n",
        signer.fingerprint
    )
}

#[async_trait]
impl StoreCommand for SigningKeyMakeArgs {
    fn name(&self) -> &'static str {
        "signing-key make"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open().await?;
        let signer = parts.signers.make().await.map_err(refused)?;
        desk.print(made(&signer)).await
    }
}

#[async_trait]
impl StoreCommand for SigningKeyRotateArgs {
    fn name(&self) -> &'static str {
        "signing-key rotate"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let signer = parts.signers.rotate().await.map_err(refused)?;
        desk.print(made(&signer)).await
    }
}

#[async_trait]
impl StoreCommand for SigningKeyListArgs {
    fn name(&self) -> &'static str {
        "signing-key list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let signers = parts.signers.list().await.map_err(refused)?;
        let said = if self.json {
            format!("{}\n", json!({ "signing_keys": signers }))
        } else {
            as_text(&signers)
        };
        desk.print(said).await
    }
}

fn as_text(signers: &[Signer]) -> String {
    if signers.is_empty() {
        return "  no signing key yet; make one with `varde signing-key make`\n".to_owned();
    }
    let head = ["Fingerprint", "Since", "In use"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(signers.iter().map(|signer| {
        vec![
            signer.fingerprint.to_string(),
            signer.since.to_string(),
            if signer.in_use { "yes" } else { "no" }.to_owned(),
        ]
    }));
    columns(&rows, &[])
}

#[async_trait]
impl StoreCommand for SigningKeyPublicArgs {
    fn name(&self) -> &'static str {
        "signing-key public"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let signers = parts.signers.list().await.map_err(refused)?;
        let mut signers = signers.into_iter();
        let found = signers.find(|signer| match &self.key {
            Some(key) => signer.fingerprint == *key,
            None => signer.in_use,
        });
        let found = found.ok_or_else(|| match &self.key {
            Some(_) => Failure::new(Exit::NoInput, "no key of this fingerprint ever signed here"),
            None => refused(SignerError::Absent),
        })?;
        let file = desk.write_file(&self.output, false).await?;
        file.write(found.public).await?;
        file.end().await
    }
}
