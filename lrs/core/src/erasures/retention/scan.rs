//! One look through the log: what is released, and who is named in what stays.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use varde_xapi::{Statement, Stored};

use super::{OpenPeriods, ReleasedRecords};
use crate::Position;
use crate::erasures::duty::{Keeping, Released, keeping};
use crate::erasures::reapply::agents;
use crate::erasures::{ErasureError, Erasures};
use crate::people::{IdentityKind, IdentityName};
use crate::ports::{Happened, LogEvent, StoreError, StoredStatement};
use crate::registers::{RegisterView, Registers};

/// How many events are read at a time.
const EVENTS_AT_A_TIME: usize = 500;

/// Somebody who is named in statements that are released.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// The identifier, where a statement still says it.
    pub(super) text: Option<String>,
    /// Whether there are documents of theirs.
    pub(super) has_documents: bool,
    /// The projects that the statements belonged to.
    pub(super) projects: BTreeSet<String>,
}

/// What a look through the log found.
pub(super) struct Scan {
    pub(super) registers: Arc<Registers>,
    pub(super) today: Date,
    /// The statements that are released, with their projects.
    pub(in crate::erasures) released: BTreeMap<Position, BTreeSet<String>>,
    /// How many of them each rule kept.
    pub(super) rules: BTreeMap<(&'static str, Date, String), ReleasedRecords>,
    /// By the keyed hash of the identifier, who is named in them.
    pub(super) traces: BTreeMap<String, Trace>,
    /// The keyed hashes of who is named in what stays.
    pub(super) named: BTreeSet<String>,
    /// How many statements are released and wait.
    pub(super) waiting: usize,
    /// The projects with the open periods.
    pub(super) waiting_for: BTreeSet<String>,
}

impl Scan {
    /// Looks through the log.
    pub(super) async fn of(
        erasures: &Erasures,
        open: &OpenPeriods,
        today: Date,
    ) -> Result<Self, ErasureError> {
        let registers = erasures.registers.refresh().await?;
        let mut scan = Self {
            registers,
            today,
            released: BTreeMap::new(),
            rules: BTreeMap::new(),
            traces: BTreeMap::new(),
            named: BTreeSet::new(),
            waiting: 0,
            waiting_for: BTreeSet::new(),
        };
        let mut keyed = Keyed {
            erasures,
            known: HashMap::new(),
        };
        let mut after = Position(0);
        loop {
            let events = erasures.log.follow(after, EVENTS_AT_A_TIME).await?;
            let Some(last) = events.last() else {
                return Ok(scan);
            };
            after = last.position;
            for event in &events {
                scan.see(erasures, event, open, &mut keyed).await?;
            }
        }
    }

    async fn see(
        &mut self,
        erasures: &Erasures,
        event: &LogEvent,
        open: &OpenPeriods,
        keyed: &mut Keyed<'_>,
    ) -> Result<(), ErasureError> {
        let Happened::Statement(stored) = &event.what else {
            return Ok(());
        };
        let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
        let released = self.released(erasures, event, stored, &statement).await?;
        let released = released.filter(|released| !self.waits(stored, released, open));
        for text in agents(&statement) {
            let hash = keyed.of(&text)?;
            let Some(released) = &released else {
                self.named.insert(hash);
                continue;
            };
            let trace = self.traces.entry(hash).or_default();
            trace.text = Some(text);
            trace.projects.extend(released.projects.clone());
        }
        if let Some(Released { duty, projects }) = released {
            let until = duty.last_day().unwrap_or(Date::MAX);
            let rule = (duty.class.name(), until, duty.source.clone());
            let kept = self.rules.entry(rule).or_insert(ReleasedRecords {
                class: Some(duty.class),
                until: duty.last_day(),
                rule: duty.source,
                held: false,
                statements: 0,
            });
            kept.statements += 1;
            self.released.insert(event.position, projects);
        }
        Ok(())
    }

    /// Returns how a statement is released, if it is.
    async fn released(
        &self,
        erasures: &Erasures,
        event: &LogEvent,
        stored: &StoredStatement,
        statement: &Statement,
    ) -> Result<Option<Released>, ErasureError> {
        let as_counted = |counts| {
            let when = (counts, self.today);
            keeping(&self.registers, &stored.space, statement, when)
        };
        // What a statement counts as takes long to tell, so it is asked only where it may matter.
        let either = [as_counted(false)?, as_counted(true)?];
        if !either.iter().any(|one| matches!(one, Keeping::Released(_))) {
            return Ok(None);
        }
        let facts = erasures.runner.erased_facts(event, &HashMap::new()).await?;
        let [uncounted, counted] = either;
        let keeping = if facts.is_some() { counted } else { uncounted };
        Ok(match keeping {
            Keeping::Released(released) => Some(released),
            Keeping::Kept(_) | Keeping::Unruled => None,
        })
    }

    /// Tells whether a report is still to tell of a statement, and notes that it waits.
    fn waits(&mut self, stored: &StoredStatement, released: &Released, open: &OpenPeriods) -> bool {
        let view = RegisterView::new(&self.registers, Stored(i64::MAX));
        let mut waiting_for = released.projects.iter().filter(|code| {
            let day = view.local_day(code, stored.happened());
            let period = open.get(*code);
            period.is_some_and(|period| period.holds(day, stored.stored))
        });
        let Some(project) = waiting_for.next() else {
            return false;
        };
        self.waiting += 1;
        self.waiting_for.insert(project.clone());
        true
    }
}

/// The keyed hashes of identifiers that were met.
struct Keyed<'a> {
    erasures: &'a Erasures,
    known: HashMap<String, String>,
}

impl Keyed<'_> {
    fn of(&mut self, text: &str) -> Result<String, StoreError> {
        if let Some(keyed) = self.known.get(text) {
            return Ok(keyed.clone());
        }
        let name = IdentityName::of(IdentityKind::Agent, text);
        let keyed = self.erasures.registers.identities().keyed(&name)?;
        self.known.insert(text.to_owned(), keyed.clone());
        Ok(keyed)
    }
}
