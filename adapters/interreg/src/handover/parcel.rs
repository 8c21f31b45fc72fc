//! What is handed over: files for who takes files, and a message for who is called.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use varde_core::outbox::DeliveryId;
use varde_core::ports::StoreError;
use varde_xapi::Stored;

use super::occasion::Delivery;
use crate::pack::{MANIFEST, Pack, REPORT, SIGNER, SigningKey};
use crate::publication::Release;
use crate::reports::sha256;

/// The file of a release.
const RELEASE: &str = "release.json";
/// Its signature: 64 bytes.
const RELEASE_SIGNATURE: &str = "release.json.sig";

/// What a target is handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The delivery: who is handed one twice tells it by this.
    pub delivery: DeliveryId,
    /// When it is sent.
    pub sent: Stored,
    /// What the folder of the files is called: every delivery has another.
    pub name: String,
    /// The file whose bytes every attempt has alike.
    pub main: &'static str,
    /// By name, with the folder before it.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The message, as JSON.
    pub message: Vec<u8>,
}

/// The delivery, when it is sent, and the address of this Varde.
pub(super) type Sending<'s> = (&'s Delivery, Stored, &'s str);

impl Parcel {
    /// Hands over the pack of a report.
    pub(super) fn of_report(sending: Sending<'_>, pack: Pack) -> Result<Self, StoreError> {
        let (delivery, sent, url) = sending;
        let (project, period) = (&delivery.subject.project, delivery.subject.period);
        let manifest = &pack.manifest;
        let at = format!(
            "project={project}&period={period}&revision={}",
            delivery.subject.number
        );
        let said = json!({
            "delivery": delivery.id,
            "project": project,
            "number": manifest.number,
            "period": manifest.period,
            "revision": delivery.subject.number,
            "report_sha256": delivery.subject.snapshot,
            "manifest_sha256": pack.files.get(MANIFEST).map(|bytes| sha256(bytes)),
            "signer": manifest.signer,
            "links": {
                "report": format!("{url}/api/v1/reports/file?{at}"),
                "pack": format!("{url}/api/v1/reports/pack?{at}"),
            },
        });
        Ok(Self {
            delivery: delivery.id,
            sent,
            name: format!(
                "{project}-{period}-revision-{}-{}",
                delivery.subject.number,
                short(delivery)
            ),
            main: REPORT,
            message: message("report.submitted", delivery, &said)?,
            files: pack.files,
        })
    }

    /// Hands over a release, signed.
    pub(super) fn of_release(
        sending: Sending<'_>,
        release: &Release,
        key: &SigningKey,
    ) -> Result<Self, StoreError> {
        let (delivery, sent, url) = sending;
        let project = &delivery.subject.project;
        let bytes = serde_json_canonicalizer::to_vec(release).map_err(StoreError::failed)?;
        let public = key.public();
        let said = json!({
            "delivery": delivery.id,
            "project": project,
            "period": { "end": delivery.subject.period },
            "release": delivery.subject.number,
            "report_sha256": delivery.subject.snapshot,
            "release_sha256": sha256(&bytes),
            "signer": public.fingerprint(),
            "links": {
                "releases": format!("{url}/api/v1/releases?project={project}"),
                "page": format!("{url}/public/{project}"),
            },
        });
        let files = [
            (RELEASE_SIGNATURE, key.sign(&bytes)),
            (SIGNER, public.pem().into_bytes()),
            (RELEASE, bytes),
        ];
        Ok(Self {
            delivery: delivery.id,
            sent,
            name: format!(
                "{project}-release-{}-{}",
                delivery.subject.number,
                short(delivery)
            ),
            main: RELEASE,
            message: message("release.published", delivery, &said)?,
            files: files.map(|(name, bytes)| (name.to_owned(), bytes)).into(),
        })
    }
}

/// Begins an id, enough to tell folders of one project apart.
fn short(delivery: &Delivery) -> String {
    let id = delivery.id.0.simple().to_string();
    id.chars().take(12).collect()
}

/// Writes a message in the form of Standard Webhooks.
fn message(of: &str, delivery: &Delivery, said: &Value) -> Result<Vec<u8>, StoreError> {
    let message = json!({ "type": of, "timestamp": delivery.happened, "data": said });
    serde_json_canonicalizer::to_vec(&message).map_err(StoreError::failed)
}
