//! Periods and reports: what a project hands in for each of its periods.
//!
//! - [`Reports`]: the use case. A report is opened, worked at as a draft with the figures of the
//!   present, submitted (frozen, under a hash), and returned or accepted.
//! - [`Figures`]: `previous + new + correction = total`. What differs from what was reported before
//!   is a [`Correction`], key by key, with its [`Cause`].
//! - [`OpeningBalance`]: what a project had reported before its first report here.
//! - [`ManualLine`]: what people decided beside what is counted. It stands apart from the keys.
//! - [`Exhibit`]: an evidence file, by its hash.
//!
//! # How a report is kept
//!
//! All that may change of a project's reports is one record: whoever changes it has seen it. A frozen
//! body stands apart in pieces, which are written before the record names them; what a submit that
//! was cut short has left is removed by the next one.

mod amount;
mod body;
mod book;
mod calendar;
mod changing;
mod checking;
mod compute;
mod correction;
mod error;
mod evidence;
mod figures;
mod keeping;
mod key;
mod lines;
mod open_periods;
mod opening;
mod pieces;
mod reached;
mod reading;
mod submitting;
mod text;
mod witness;

use std::sync::Arc;

use varde_core::Clock;
use varde_core::audit::Audit;
use varde_core::keys::Keys;
use varde_core::ports::{Records, StatementLog};

pub(crate) use self::body::sha256;
pub use self::body::{
    ManualLine, OpeningUsed, Period, Reference, ReportBody, ReportHash, ReportedIndicator,
    ReportedKey,
};
pub use self::book::{Act, Deed, State};
pub use self::calendar::DatedPeriod;
pub use self::changing::Place;
pub use self::checking::{Check, Obstacle, Warning};
pub use self::correction::{Cause, Correction};
pub use self::error::ReportError;
pub use self::evidence::{
    EVIDENCE_BYTES_MAX, EXHIBITS_MAX, EvidencePage, Exhibit, Link, NewEvidence,
};
pub use self::figures::{Figures, Manual, Reported};
pub(crate) use self::keeping::Happening;
pub use self::key::ReportKey;
pub use self::lines::NewLine;
pub use self::opening::OpeningBalance;
pub use self::reached::{KeyStand, LeftOut};
pub use self::reading::{Listed, ReportQuery, ReportView};
pub use self::text::amount;
use crate::Indicators;

/// Makes, keeps and shows the reports of projects.
#[derive(Debug, Clone)]
pub struct Reports {
    indicators: Indicators,
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    keys: Arc<Keys>,
    audit: Audit,
    clock: Arc<dyn Clock>,
}

impl Reports {
    /// Works on one store; the indicators and the keys must be those of the same.
    pub fn new(
        indicators: Indicators,
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        keys: Arc<Keys>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            indicators,
            log,
            audit: Audit::new(Arc::clone(&records)),
            records,
            keys,
            clock,
        }
    }
}
