//! The use case: packs of the reports of a store, and the keys that sign them.
//!
//! The private key is one file beside the store, never in a record and so in no backup. Of every key
//! that ever signed here the public half is a record, so that old packs can be checked for as long as
//! the store is kept.

use std::fmt::Debug;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_core::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Records, StoreError,
};
use varde_core::{Caller, Clock, Entropy};
use varde_xapi::Stored;

use crate::pack::{Fingerprint, Language, Pack, PackError, PublicKey, SigningKey};
use crate::reports::{ReportError, ReportQuery, Reports};

/// fingerprint → [`Kept`].
const SIGNERS: Collection = Collection("report-signer");
/// The most keys that are listed: one a day for years.
const LISTED_MAX: usize = 10_000;

/// Where the private key is kept.
pub trait SignerFile: Debug + Send + Sync + 'static {
    /// Reads the private key as PEM; `None` where there is none.
    fn read(&self) -> Result<Option<String>, SignerUnread>;

    /// Puts a private key there in the place of one that is there: whole and lasting, or not at all.
    fn write(&self, pem: &str) -> Result<(), SignerUnread>;
}

/// Why the private key was not read or written. It never quotes the key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct SignerUnread(pub String);

/// Why a key does not sign.
#[derive(Debug, Error)]
pub enum SignerError {
    /// There is none.
    #[error("there is no signing key: make one with `varde signing-key make`")]
    Absent,
    /// There is one already.
    #[error(
        "there is a signing key already, {0}: `varde signing-key rotate` puts a new one in its place"
    )]
    Present(Fingerprint),
    /// The file cannot be used.
    #[error("the signing key cannot be used: {0}")]
    Unread(#[from] SignerUnread),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no pack.
#[derive(Debug, Error)]
pub enum PacksError {
    /// The report is not there, or not for this caller.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Nothing signs.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A file cannot be written.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// A key that signs here, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The fingerprint, as the annex has it.
    pub fingerprint: Fingerprint,
    /// Since when it is known here.
    pub since: Stored,
    /// Whether it signs now.
    pub in_use: bool,
    /// The public key as PEM.
    pub public: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    since: Stored,
    public: String,
}

/// The keys that sign packs of a store.
#[derive(Debug, Clone)]
pub struct Signers {
    file: Arc<dyn SignerFile>,
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Signers {
    /// Keeps public keys in a store's records and the private one in a file beside it.
    pub fn new(
        file: Arc<dyn SignerFile>,
        records: Arc<dyn Records>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            file,
            records,
            clock,
            entropy,
        }
    }

    /// Makes the first key.
    pub async fn make(&self) -> Result<Signer, SignerError> {
        match self.read()? {
            Some(key) => Err(SignerError::Present(key.public().fingerprint())),
            None => self.put_new().await,
        }
    }

    /// Makes a key in the place of the one in use. That one signs no more; its public half stays.
    pub async fn rotate(&self) -> Result<Signer, SignerError> {
        self.current().await?;
        self.put_new().await
    }

    /// Returns the key that signs, once its public half is on record.
    pub async fn current(&self) -> Result<SigningKey, SignerError> {
        let key = self.read()?.ok_or(SignerError::Absent)?;
        self.keep(&key.public()).await?;
        Ok(key)
    }

    /// Lists the keys that sign here or did, in the order in which they became known.
    pub async fn list(&self) -> Result<Vec<Signer>, SignerError> {
        let in_use = match self.current().await {
            Ok(key) => Some(key.public().fingerprint()),
            Err(SignerError::Absent) => None,
            Err(error) => return Err(error),
        };
        let all = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: LISTED_MAX,
        };
        let mut signers = Vec::new();
        for record in self.records.range(SIGNERS, &all).await? {
            let kept: Kept = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
            let public: PublicKey = kept.public.parse().map_err(StoreError::failed)?;
            signers.push(signer(&public, kept.since, in_use.as_ref()));
        }
        signers.sort_by_key(|signer| signer.since);
        Ok(signers)
    }

    async fn put_new(&self) -> Result<Signer, SignerError> {
        let pem = SigningKey::generate(&*self.entropy);
        self.file.write(&pem)?;
        let public = self.current().await?.public();
        let since = self.clock.now();
        Ok(signer(&public, since, Some(&public.fingerprint())))
    }

    fn read(&self) -> Result<Option<SigningKey>, SignerError> {
        let Some(pem) = self.file.read()? else {
            return Ok(None);
        };
        let key = pem.parse().map_err(|error: crate::pack::KeyTextError| {
            SignerError::Unread(SignerUnread(error.to_string()))
        });
        key.map(Some)
    }

    /// Puts a public key on record, where it is not yet.
    async fn keep(&self, public: &PublicKey) -> Result<(), StoreError> {
        let key = public.fingerprint().to_string().into_bytes();
        if self.records.get(SIGNERS, &key).await?.is_some() {
            return Ok(());
        }
        let kept = Kept {
            since: self.clock.now(),
            public: public.pem(),
        };
        let change = Change {
            collection: SIGNERS,
            key,
            value: Some(serde_json::to_vec(&kept).map_err(StoreError::failed)?),
            expected: Expected::Absent,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            // Somebody else has kept the same a moment ago.
            Ok(_) | Err(CommitError::Conflict { .. }) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::failed(error)),
        }
    }
}

fn signer(public: &PublicKey, since: Stored, in_use: Option<&Fingerprint>) -> Signer {
    let fingerprint = public.fingerprint();
    Signer {
        in_use: in_use == Some(&fingerprint),
        fingerprint,
        since,
        public: public.pem(),
    }
}

/// Makes the packs of the reports of a store.
#[derive(Debug, Clone)]
pub struct Packs {
    reports: Reports,
    signers: Signers,
}

impl Packs {
    /// Packs reports and signs by the keys of the same store.
    pub fn new(reports: Reports, signers: Signers) -> Self {
        Self { reports, signers }
    }

    /// Makes the pack of a report that was submitted, for who may read the report.
    pub async fn pack(&self, caller: &Caller, query: &ReportQuery) -> Result<Pack, PacksError> {
        self.made(caller, query, &Language::EACH).await
    }

    /// Returns since when a key is known that signs here, or did; `None` of another's key.
    pub async fn signs_here(
        &self,
        fingerprint: &Fingerprint,
    ) -> Result<Option<Stored>, StoreError> {
        let key = fingerprint.to_string().into_bytes();
        let Some(record) = self.signers.records.get(SIGNERS, &key).await? else {
            return Ok(None);
        };
        let kept: Kept = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
        Ok(Some(kept.since))
    }

    /// Makes the pack in some languages.
    pub(crate) async fn made(
        &self,
        caller: &Caller,
        query: &ReportQuery,
        languages: &[Language],
    ) -> Result<Pack, PacksError> {
        let (report, _) = self.reports.file(caller, query).await?;
        let key = self.signers.current().await?;
        Ok(Pack::make_in(&report, &key, languages)?)
    }
}
