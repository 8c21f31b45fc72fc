//! Erasure and restriction: what is held of a person goes, and no number moves (GDPR Art. 17, 18); and
//! what that is, for the person who asks (Art. 15).
//!
//! A person is named by the office's pseudonym or by an agent's identifier. Statements of the
//! person alone become tombstones that keep their anonymous facts; in the statements of others an
//! anonymous account stands in the person's place; documents, repeats, activity definitions,
//! register values, identities and the person's key go. Where a duty to keep runs ([`Duty`]), the
//! statement itself is *held*: taken out all the same, and kept apart under the person's key until
//! the duty ends. A restriction on request holds everything so and closes the person's key, until it
//! is lifted or its last day has passed. Statements that a duty kept whose last day has
//! passed are erased without anybody's asking ([`RetentionReceipt`]). A [`Receipt`] tells what was done, an [`ErasureList`] outside backups lets a
//! restored store do it again.

mod belongings;
mod cells;
mod duty;
mod held;
mod lift;
mod list;
mod reapply;
mod receipt;
mod record;
mod restriction;
mod retention;
mod rows;
mod statements;
mod whom;
mod work;

use std::sync::Arc;

use thiserror::Error;

pub(crate) use duty::KEEP;
pub use duty::{Duty, RecordClass, Until};
pub(crate) use held::is_held;
pub use held::{Held, HeldStatement};
pub use lift::Lifted;
pub use list::{ErasureList, ListUnread, ListedErasure};
pub use receipt::{ErasureId, Left, Receipt, Restricted};
pub use record::{PersonDocument, PersonReading, PersonRecord, PersonRow, PersonStatement};
pub use retention::{OpenPeriod, OpenPeriods, ReleasedRecords, RetentionReceipt};
pub use whom::Whom;
pub(crate) use whom::{names_of, naming};

use crate::activities::Activities;
use crate::keys::Keys;
use crate::ledger::{Runner, UntoldFacts};
use crate::ports::{Attachments, EraseError, Records, StatementLog, StoreError};
use crate::registers::RegisterBook;
use crate::{Clock, Entropy, Forbidden};

/// Why nobody was erased, or not to the end. What was done stays; doing it again finishes it.
#[derive(Debug, Error)]
pub enum ErasureError {
    /// No person of the register has the pseudonym or id.
    #[error(
        "found no person of the register by this name; expected a pseudonym or an id as `varde people find` prints it, or an identifier on standard input"
    )]
    Unknown,
    /// The identifier was several persons' in turn.
    #[error(
        "found an identifier that the register gives to several persons; expected the pseudonym of the one who is meant"
    )]
    Ambiguous,
    /// The person is restricted.
    #[error(
        "the person is restricted, so not everything that is held would be found; lift the restriction first with `varde people restrict --lift`, whose id `varde people held` tells"
    )]
    Restricted,
    /// There is no such restriction.
    #[error(
        "found no restriction {erasure} in force; expected the id that `varde people held` tells"
    )]
    NotRestricted {
        /// The id that was given.
        erasure: ErasureId,
    },
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The list of erasures outside the store cannot be read or written.
    #[error("the list of erasures is out of reach: {0}")]
    List(#[from] ListUnread),
    /// Others changed the same records each time it was tried.
    #[error("others are changing the same records; try again when they are done")]
    Busy,
    /// What a statement counts as could not be told.
    #[error(transparent)]
    Facts(#[from] UntoldFacts),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<EraseError> for ErasureError {
    fn from(error: EraseError) -> Self {
        use crate::ports::CommitError;
        match error {
            EraseError::Commit(CommitError::Conflict { .. }) => Self::Busy,
            EraseError::Commit(CommitError::Store(error)) => Self::Store(error),
            other => Self::Store(StoreError::failed(other)),
        }
    }
}

/// What an erasure works on.
#[derive(Debug, Clone)]
pub struct Erasures {
    /// The log.
    pub log: Arc<dyn StatementLog>,
    /// The records.
    pub records: Arc<dyn Records>,
    /// The data of attachments.
    pub attachments: Arc<dyn Attachments>,
    /// The API keys, whose spaces are all there are.
    pub keys: Arc<Keys>,
    /// The registers and the identities behind them.
    pub registers: Arc<RegisterBook>,
    /// What is known of activities.
    pub activities: Activities,
    /// Tells what a statement counts as. Nobody else may run it while an erasure is carried out.
    pub runner: Arc<Runner>,
    /// The list of erasures, kept outside of backups.
    pub list: Arc<dyn ErasureList>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random ids.
    pub entropy: Arc<dyn Entropy>,
}

/// How an erasure treats what it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manner {
    /// What a duty to keep covers is held, the rest goes.
    Erase,
    /// Everything is held until a day, or until further notice, for a reason, and can be lifted.
    Restrict(Until),
}

impl Erasures {
    /// Tells what an erasure would do, and changes nothing.
    pub async fn plan(&self, whom: &Whom, manner: &Manner) -> Result<Receipt, ErasureError> {
        let person = self.named(whom).await?;
        self.act(person, manner, true).await
    }

    /// Erases a person, or holds what must be kept. Takes as long as copying the store.
    ///
    /// What was begun for the person and cut short is first brought to its end, as it was begun; where
    /// that is what is asked for, it is all that is done.
    pub async fn carry_out(&self, whom: &Whom, manner: &Manner) -> Result<Receipt, ErasureError> {
        if let Some(begun) = self.begun(whom).await? {
            let asked = matches!(manner, Manner::Restrict(_));
            let is_asked = begun.restricted.is_some() == asked;
            let receipt = self.finish(begun).await?;
            if is_asked {
                return Ok(receipt);
            }
        }
        let person = self.named(whom).await?;
        self.act(person, manner, false).await
    }
}
