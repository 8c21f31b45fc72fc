//! The project office's files: registers, and facts that are no learning events.
//!
//! - [`Imports`]: the use case, as a dry run or for good.
//! - [`FactTable`], [`FACT_TABLES`]: the tables of facts and their columns; register tables are
//!   those of [`varde_core::registers::files`].
//! - [`ImportReport`]: the verdict on each line.
//! - [`templates`]: the tables to be filled in, empty or with examples.
//!
//! One line of a fact table is one statement of the `interreg` profile. Its id is made of the
//! table, the natural key of the fact and the number of a revision: a line that says what is known
//! is stored once, a line that was changed voids the revision before it and adds the next, and a
//! line that is gone voids its own where the import replaces. What an earlier import did is read
//! from the log, where the statements of a table are found by an activity that all of them name;
//! nothing else is kept.
//!
//! Everything is judged before anything is changed. Then the registers are added in one commit,
//! and all statements of the import in one append.

mod actors;
mod fact_row;
mod known;
mod office;
mod plan;
mod statement;
mod tables;
pub mod templates;
mod verdict;
mod warnings;

use std::sync::Arc;

use jiff::civil::Date;
use thiserror::Error;
use varde_core::registers::files::{FileFaults, RegisterFile};
use varde_core::registers::{self, RegisterBook, RegisterView, judge};
use varde_core::statements::{RefusedStatements, Statements, UnreadStatements};
use varde_core::{Caller, Clock, Forbidden, Need, StoreError};
use varde_xapi::{Family, Stored};

use self::actors::Actors;
use self::fact_row::Reading;
use self::office::Office;
pub use self::office::registers_of;
use self::plan::{Plan, Planning};
pub use self::tables::{FACT_TABLES, FactTable};
pub use self::verdict::{ImportReport, JudgedRow, RowVerdict};

/// How often an import starts over because another came in between.
const TRIES: usize = 5;

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The caller may not import.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Something is wrong with the files.
    #[error(transparent)]
    Refused(#[from] FileFaults),
    /// More than one import may hold.
    #[error(
        "an import of {bytes} bytes of statements is over the bound of 64 MiB; split the files"
    )]
    TooLarge {
        /// How many bytes the statements take.
        bytes: usize,
    },
    /// The registers were not added.
    #[error(transparent)]
    Registers(#[from] registers::ImportError),
    /// Another import came in between too often.
    #[error("other imports are under way; try again when they are done")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UnreadStatements> for ImportError {
    fn from(unread: UnreadStatements) -> Self {
        match unread {
            UnreadStatements::Forbidden(forbidden) => forbidden.into(),
            UnreadStatements::More(error) => StoreError::failed(error).into(),
            UnreadStatements::Store(error) => error.into(),
        }
    }
}

/// Takes the project office's files in.
#[derive(Debug, Clone)]
pub struct Imports {
    statements: Statements,
    registers: Arc<RegisterBook>,
    clock: Arc<dyn Clock>,
}

impl Imports {
    /// Works on one store.
    pub fn new(
        statements: Statements,
        registers: Arc<RegisterBook>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            statements,
            registers,
            clock,
        }
    }

    /// Tells what an import into the caller's space would do with each line, and changes nothing.
    pub async fn examine(
        &self,
        caller: &Caller,
        files: &[RegisterFile],
        replace: bool,
    ) -> Result<ImportReport, ImportError> {
        caller.may(Need::ImportFacts)?;
        let office = self.read(caller, files).await?;
        let actors = Actors::known(&office.facts, &self.registers).await?;
        let planning = self.planning(caller, &actors, replace).await?;
        let plan = planning.plan(&office).await?;
        self.report(true, &office, plan, &actors).await
    }

    /// Imports files into the caller's space: registers first, then facts. With one fault anywhere
    /// nothing is changed.
    pub async fn import(
        &self,
        caller: &Caller,
        files: &[RegisterFile],
        replace: bool,
    ) -> Result<ImportReport, ImportError> {
        caller.may(Need::ImportFacts)?;
        caller.may(Need::WriteStatements)?;
        let office = self.read(caller, files).await?;
        if !office.faults.0.is_empty() {
            return Err(office.faults.into());
        }
        let mut actors = Actors::known(&office.facts, &self.registers).await?;
        let planning = self.planning(caller, &actors, replace).await?;
        let plan = planning.plan(&office).await?;
        // Judged beside what is known before the import.
        let mut report = self.report(false, &office, plan, &actors).await?;
        self.registers.import(office.registers.rows.clone()).await?;
        if !office.facts.is_empty() {
            actors = Actors::known(&office.facts, &self.registers).await?;
            self.registers.import(actors.accounts()?).await?;
            actors.acquaint(&office.facts, &self.registers).await?;
        }
        let planning = self.planning(caller, &actors, replace).await?;
        let facts = append(&planning, &office).await?;
        report.name_statements(&facts);
        Ok(report)
    }

    /// Reads the files, and finds who in them is nobody.
    async fn read(&self, caller: &Caller, files: &[RegisterFile]) -> Result<Office, ImportError> {
        let reading = Reading {
            project: caller.space.project_code(),
            today: self.today(caller).await?,
        };
        let mut office = office::read(files, reading);
        let actors = Actors::known(&office.facts, &self.registers).await?;
        let faults = warnings::unknown_persons(&office, &actors);
        office.faults.0.extend(faults);
        if caller.space.is_test() {
            let sentence = "found registers; expected facts only, as a test space has no registers \
                            of its own";
            let verdict = office.registers.verdicts.first();
            let fault = verdict.map(|verdict| varde_core::registers::files::FileFault {
                file: verdict.file.clone(),
                sheet: verdict.sheet.clone(),
                sentence: sentence.to_owned(),
                ..Default::default()
            });
            office.faults.0.extend(fault);
        }
        Ok(office)
    }

    async fn today(&self, caller: &Caller) -> Result<Date, StoreError> {
        let registers = self.registers.refresh().await?;
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        Ok(view.local_day(caller.space.project(), self.clock.now().instant()))
    }

    async fn planning<'a>(
        &'a self,
        caller: &'a Caller,
        actors: &'a Actors,
        replace: bool,
    ) -> Result<Planning<'a>, StoreError> {
        let registers = self.registers.refresh().await?;
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        Ok(Planning {
            statements: &self.statements,
            caller,
            actors,
            zone: view.zone(caller.space.project()),
            replace,
        })
    }

    /// Puts the verdicts on all lines together.
    async fn report(
        &self,
        dry_run: bool,
        office: &Office,
        plan: Plan,
        actors: &Actors,
    ) -> Result<ImportReport, ImportError> {
        let mut rows = self.register_rows(office).await?;
        rows.extend(warnings::refused(office));
        let mut facts = plan.rows;
        let registers = self.registers.refresh().await?;
        warnings::warn(&mut facts, office, actors, &registers);
        let refused: std::collections::HashSet<_> = (rows.iter())
            .filter(|row| row.verdict == RowVerdict::Refused)
            .map(JudgedRow::place)
            .collect();
        facts.retain(|row| !refused.contains(&row.place()));
        rows.extend(facts);
        // What is in no file comes last.
        rows.sort_by_key(|row| (row.file.is_none(), row.place()));
        Ok(ImportReport::of(dry_run, rows, office.faults.clone()))
    }

    async fn register_rows(&self, office: &Office) -> Result<Vec<JudgedRow>, StoreError> {
        let news = self.registers.examine(&office.registers.rows).await?;
        let mut rest = office.registers.rows.iter().zip(news);
        let rows = office.registers.verdicts.iter().map(|verdict| {
            let said = rest.by_ref().take(verdict.rows);
            let said: Vec<_> = said.map(|(row, news)| (row.field.clone(), news)).collect();
            let (news, fields) = judge(&said);
            JudgedRow {
                file: Some(verdict.file.clone()),
                sheet: verdict.sheet.clone(),
                line: verdict.line,
                table: Some(verdict.kind.name()),
                verdict: news.into(),
                fields,
                why: Vec::new(),
                warnings: verdict.warnings.clone(),
                statement: None,
            }
        });
        Ok(rows.collect())
    }
}

/// Appends the statements of an import in one batch, planned anew where another import came in
/// between. Returns the verdicts on the facts.
async fn append(planning: &Planning<'_>, office: &Office) -> Result<Vec<JudgedRow>, ImportError> {
    // The office's tables are checked by the office, and the next import is compared with what is
    // stored: what a key lays down for front ends changes nothing of them.
    let caller = Caller {
        ingest: planning.caller.ingest.flagging(),
        ..planning.caller.clone()
    };
    for _ in 0..TRIES {
        let Plan { batch, rows, .. } = planning.plan(office).await?;
        if batch.is_empty() {
            return Ok(rows);
        }
        let stored = planning.statements.store(&caller, Family::V2, batch).await;
        match stored {
            Ok(_) => return Ok(rows),
            Err(
                RefusedStatements::Conflict { .. }
                | RefusedStatements::Erased { .. }
                | RefusedStatements::Overtaken,
            ) => {}
            Err(RefusedStatements::Forbidden(forbidden)) => return Err(forbidden.into()),
            Err(RefusedStatements::Invalid(faults)) => {
                return Err(StoreError::failed(faults).into());
            }
            Err(RefusedStatements::Store(error)) => return Err(error.into()),
        }
    }
    Err(ImportError::Busy)
}

impl JudgedRow {
    fn place(&self) -> (Option<String>, Option<String>, Option<u64>) {
        (self.file.clone(), self.sheet.clone(), self.line)
    }
}

impl ImportReport {
    /// Names the statements of lines whose actors had no id before.
    fn name_statements(&mut self, facts: &[JudgedRow]) {
        let named: std::collections::HashMap<_, _> = facts
            .iter()
            .filter(|row| row.file.is_some())
            .map(|row| (row.place(), row.statement.clone()))
            .collect();
        for row in &mut self.rows {
            if row.statement.is_none()
                && let Some(statement) = named.get(&row.place())
            {
                row.statement.clone_from(statement);
            }
        }
    }
}
