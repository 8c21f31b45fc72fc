//! What an import has to do, by what the log holds.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use varde_core::statements::Statements;
use varde_core::{Caller, StoreError};
use varde_xapi::{Family, Received, StatementId};

use super::ImportError;
use super::actors::Actors;
use super::known::{Known, Latest, Voided};
use super::office::{FactRow, Office};
use super::statement::{self, NaturalKey, voiding};
use super::tables::FactTable;
use super::verdict::{JudgedRow, RowVerdict};
use crate::vocabulary;

/// The most bytes of statements that one import may add.
const BYTES_MAX: usize = 64 * 1024 * 1024;

const BY_HAND: &str = "the statement of this line was voided by hand and is not stored again; change \
                       the line to say it anew";
const BY_HAND_BEFORE: &str = "an earlier statement of this line was voided by hand";
const ERASED: &str = "the statement of this line was erased from this record, or its id is taken; it is \
                      not stored again";

/// The statements to be appended as one, and the verdict on each line of facts.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) batch: Vec<Received>,
    pub(super) rows: Vec<JudgedRow>,
    /// The latest statements of lines.
    kept: HashSet<StatementId>,
    bytes: usize,
}

/// What a plan is made by.
pub(super) struct Planning<'a> {
    pub(super) statements: &'a Statements,
    pub(super) caller: &'a Caller,
    pub(super) actors: &'a Actors,
    pub(super) zone: jiff::tz::TimeZone,
    pub(super) replace: bool,
}

impl Planning<'_> {
    /// Compares the facts of files with the log.
    pub(super) async fn plan(&self, office: &Office) -> Result<Plan, ImportError> {
        let mut known: HashMap<FactTable, Known> = HashMap::new();
        for table in tables(office, self.replace) {
            let marker = vocabulary::table(table.name());
            let history = self.statements.history(self.caller, &marker).await?;
            known.entry(table).or_default().add(history);
        }
        let mut plan = Plan::default();
        let voider: Value =
            serde_json::from_str(&self.caller.authority).map_err(StoreError::failed)?;
        for row in &office.facts {
            let known = known.entry(row.table).or_default();
            self.row(row, known, &voider, &mut plan).await?;
        }
        if self.replace {
            for table in &office.whole {
                let known = known.entry(*table).or_default();
                for gone in known.others(&plan.kept) {
                    plan.take_back(gone, &voider)?;
                    plan.rows.push(JudgedRow::removed(table.name(), gone));
                }
            }
        }
        if plan.bytes > BYTES_MAX {
            return Err(ImportError::TooLarge { bytes: plan.bytes });
        }
        Ok(plan)
    }

    async fn row(
        &self,
        row: &FactRow,
        known: &Known,
        voider: &Value,
        plan: &mut Plan,
    ) -> Result<(), ImportError> {
        let mut judged = row.judged();
        let code = self.caller.space.project_code();
        let Some((who, actor)) = self.actors.of(&row.who) else {
            // Nobody was told of them before, so there is no statement of theirs.
            plan.rows.push(judged);
            return Ok(());
        };
        let key = NaturalKey {
            space: self.caller.space.clone(),
            table: row.table,
            who,
            rest: row.deed.key.clone(),
        };
        let fact = statement::statement((row.table, &row.deed), &actor, code, &self.zone);
        let new = |number: u32| -> Result<Received, ImportError> {
            let mut fact = fact.clone();
            fact.insert("id".to_owned(), key.revision(number).to_string().into());
            received(&Value::Object(fact))
        };
        let id = match known.latest(&key) {
            None => {
                let new = new(1)?;
                let id = key.revision(1);
                if self.statements.was_here(self.caller, id).await? {
                    judged.withhold(ERASED);
                } else {
                    plan.add(new);
                }
                id
            }
            Some(latest) => {
                let new = new(latest.revision + 1)?;
                let id = decide(&latest, new, &mut judged, voider, plan)?;
                id.unwrap_or_else(|| key.revision(latest.revision + 1))
            }
        };
        plan.kept.insert(id);
        judged.statement = Some(id.to_string());
        plan.rows.push(judged);
        Ok(())
    }
}

/// Decides on a line of which something is known. Returns the id that stays, `None` where the new
/// statement takes its place.
fn decide(
    latest: &Latest<'_>,
    new: Received,
    judged: &mut JudgedRow,
    voider: &Value,
    plan: &mut Plan,
) -> Result<Option<StatementId>, ImportError> {
    let id = latest.statement.id;
    let same = latest.says(&new.body)?;
    match latest.voided {
        None if same => judged.verdict = RowVerdict::Unchanged,
        Some(Voided::ByHand) if same => judged.withhold(BY_HAND),
        before => {
            match before {
                None => {
                    judged.verdict = RowVerdict::Changed;
                    plan.take_back(id, voider)?;
                }
                Some(Voided::ByImport) => judged.verdict = RowVerdict::New,
                Some(Voided::ByHand) => {
                    judged.verdict = RowVerdict::Changed;
                    judged.warnings.push(BY_HAND_BEFORE.to_owned());
                }
            }
            plan.add(new);
            return Ok(None);
        }
    }
    Ok(Some(id))
}

impl Plan {
    fn add(&mut self, statement: Received) {
        self.bytes += statement.body.len();
        self.batch.push(statement);
    }

    fn take_back(&mut self, target: StatementId, voider: &Value) -> Result<(), ImportError> {
        self.add(received(&voiding(target, voider))?);
        Ok(())
    }
}

/// Checks a statement by the standard's rules.
fn received(statement: &Value) -> Result<Received, ImportError> {
    let text = statement.to_string();
    let received = varde_xapi::receive_one(text.as_bytes(), Family::V2);
    // What cells hold was checked; a statement that breaks a rule all the same is a mistake here.
    received.map_err(|faults| StoreError::failed(faults.to_string()).into())
}

/// The tables whose history is read.
fn tables(office: &Office, replace: bool) -> HashSet<FactTable> {
    let told = office.facts.iter().map(|row| row.table);
    let whole = office.whole.iter().copied().filter(|_| replace);
    told.chain(whole).collect()
}

impl FactRow {
    /// Begins the verdict on a line: new, as far as is known.
    fn judged(&self) -> JudgedRow {
        JudgedRow {
            file: Some(self.place.file.clone()),
            sheet: self.place.sheet.clone(),
            line: self.place.line,
            table: Some(self.table.name()),
            verdict: RowVerdict::New,
            fields: Vec::new(),
            why: Vec::new(),
            warnings: Vec::new(),
            statement: None,
        }
    }
}

impl JudgedRow {
    fn withhold(&mut self, why: &str) {
        self.verdict = RowVerdict::Withheld;
        self.why.push(why.to_owned());
    }
}
