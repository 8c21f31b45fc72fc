//! `varde verify`: whether what is kept is whole.

use std::fmt::Write as _;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use varde_core::Position;
use varde_core::audit::Audit;
use varde_core::ports::StatementLog as _;
use varde_embedded::EmbeddedStore;
use varde_embedded::care::{self, EntryPlace, Finding, TABLES, What};
use varde_xapi::Stored;
use varde_xapi::attachment::Digester;

use super::rebuild::{CheckedLedger, Rebuilt, compare, rebuild};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;
use crate::wiring::Parts;

/// The most findings that are listed.
const LISTED_MAX: usize = 1_000;
/// How many names of attachments are read at once.
const NAMES: usize = 500;

/// The flags of `varde verify`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct VerifyArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Makes anew what is derived from the log, where it is found to lack something.
    #[arg(long)]
    pub(crate) repair: bool,
    /// Builds the ledgers again that are not what the log says; or that of one definition,
    /// `id@version`, whatever it says.
    #[arg(long, value_name = "DEFINITION", num_args = 0..=1, default_missing_value = "")]
    pub(crate) rebuild: Option<String>,
    /// Prints the findings as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a section of the check came to.
#[derive(Debug, Default)]
struct Section {
    /// What was checked.
    name: &'static str,
    /// How much of it.
    checked: u64,
    /// What was found, the first of it.
    listed: Vec<Listed>,
    /// How much was found.
    found: usize,
}

/// A finding, ready to be shown.
#[derive(Debug)]
struct Listed {
    /// The finding's stable name.
    kind: &'static str,
    /// The place in the log, where it concerns one.
    position: Option<u64>,
    /// The statement's id, where it concerns one.
    statement: Option<String>,
    /// What was found, with its place.
    sentence: String,
    /// What mends it.
    mend: &'static str,
}

impl Section {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    fn take(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.list(Listed {
                kind: finding.what.name(),
                position: finding.position.map(|position| position.0),
                statement: finding.statement.map(|id| id.to_string()),
                sentence: finding.to_string(),
                mend: finding.what.mend(),
            });
        }
    }

    fn take_ledger(&mut self, ledger: CheckedLedger) {
        let CheckedLedger { record, compared } = ledger;
        let Some(compared) = compared else {
            let name = record.definition.name();
            return self.list(Listed {
                kind: "definition-stopped",
                position: None,
                statement: None,
                sentence: format!("the definition {name} no longer compiles"),
                mend: "See `varde rules list`, and activate a later version of it.",
            });
        };
        self.checked += compared.rows as u64;
        let untold = compared.found - compared.differences.len();
        for difference in compared.differences {
            self.list(Listed {
                kind: "ledger-row",
                position: None,
                statement: None,
                sentence: difference.to_string(),
                mend: "Keep this output, for it shows a defect; `varde verify --rebuild` builds the ledger again from the log.",
            });
        }
        self.found += untold;
    }

    fn list(&mut self, listed: Listed) {
        self.found += 1;
        if self.listed.len() < LISTED_MAX {
            self.listed.push(listed);
        }
    }
}

#[async_trait]
impl StoreCommand for VerifyArgs {
    fn name(&self) -> &'static str {
        "verify"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Checks everything, shows what was found, and fails when anything was.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = match desk.open_existing().await {
            Ok(parts) => parts,
            Err(failure) => return self.unopened(desk, failure).await,
        };
        let mut sections = database(desk, &parts).await?;
        if self.repair
            && sections.iter().any(|section| section.found > 0)
            && let Some(store) = parts.store.embedded()
        {
            repair(desk, store).await?;
            sections = database(desk, &parts).await?;
        }
        let rebuilt = match self.beyond(desk, &parts, &mut sections).await {
            Ok(rebuilt) => rebuilt,
            Err(failure) => return self.cut_short(desk, &sections, failure).await,
        };
        let sealed = sealed(&parts).await?;
        self.show(desk, &sections, &rebuilt, sealed).await?;
        match sections.iter().map(|section| section.found).sum() {
            0 => Ok(()),
            1 => Err(Failure::new(Exit::Data, "1 finding")),
            found => Err(Failure::new(Exit::Data, format!("{found} findings"))),
        }
    }
}

impl VerifyArgs {
    /// Checks what is beyond the database's own tables, and builds the ledgers again that are to be.
    async fn beyond(
        &self,
        desk: &Desk,
        parts: &Parts,
        sections: &mut Vec<Section>,
    ) -> Result<Vec<Rebuilt>, Failure> {
        sections.push(attachments(desk, parts).await?);
        sections.push(audit(desk, parts).await?);
        let mut ledgers = compare(desk, parts).await?;
        let mut rebuilt = Vec::new();
        if let Some(named) = &self.rebuild {
            rebuilt = rebuild(desk, parts, &ledgers, named).await?;
            ledgers = compare(desk, parts).await?;
        }
        let mut rows_of_ledgers = Section::new("rows of ledgers");
        for ledger in ledgers {
            rows_of_ledgers.take_ledger(ledger);
        }
        sections.push(rows_of_ledgers);
        Ok(rebuilt)
    }

    /// Prints what was found, as a table or as JSON.
    async fn show(
        &self,
        desk: &Desk,
        sections: &[Section],
        rebuilt: &[Rebuilt],
        sealed: usize,
    ) -> Result<(), Failure> {
        let shown = if self.json {
            as_json(sections, rebuilt, sealed)
        } else {
            as_text(sections, rebuilt, sealed)
        };
        desk.print(shown).await
    }

    /// Shows what was found before the check met what it cannot get past.
    async fn cut_short(
        &self,
        desk: &Desk,
        sections: &[Section],
        failure: Failure,
    ) -> Result<(), Failure> {
        if sections.iter().all(|section| section.found == 0) {
            return Err(failure);
        }
        self.show(desk, sections, &[], 0).await?;
        let sentence = format!("the rest was not checked: {failure}");
        Err(Failure::new(Exit::Data, sentence))
    }

    /// Names the pages because of which a store cannot be opened; fails as the opening did where there
    /// are none.
    async fn unopened(&self, desk: &Desk, failure: Failure) -> Result<(), Failure> {
        let folder = desk.config().store.data()?;
        let mut section = Section::new("tables of the database");
        section.checked = TABLES as u64;
        section.take(care::check_unopened(folder).unwrap_or_default());
        self.cut_short(desk, &[section], failure).await
    }
}

/// Returns how many persons cannot be read because a key is missing. That is no damage: what is
/// kept of them is whole, and is read again once the key is back.
async fn sealed(parts: &Parts) -> Result<usize, Failure> {
    let vault = parts.identities.vault();
    if vault.is_sealed() {
        return Ok(vault.persons().await?);
    }
    let registers = parts.registers.refresh().await?;
    // Whoever is restricted is closed on purpose.
    let closed = vault.closed().await?;
    let sealed = registers.sealed_persons();
    Ok(sealed.filter(|person| !closed.contains(person)).count())
}

/// Checks what is in the database, but for the ledgers. Files, indexes and counters of MongoDB are
/// in the hands of its own tools.
async fn database(desk: &Desk, parts: &Parts) -> Result<Vec<Section>, Failure> {
    let Some(store) = parts.store.embedded() else {
        return Ok(vec![rows(desk, parts).await?]);
    };
    Ok(vec![
        pages(desk, store).await?,
        rows(desk, parts).await?,
        entries(desk, store).await?,
        counters(store).await?,
    ])
}

/// Makes anew what is derived from the log.
async fn repair(desk: &Desk, store: &EmbeddedStore) -> Result<(), Failure> {
    desk.progress("making the index anew from the log", 0, 1)?;
    let left = store.make_index_anew().await?;
    if left && let Err(error) = store.scrub().await {
        // Why the file cannot be copied is named by the check that follows.
        tracing::warn!(%error, "pages of the old index stay in the file, unused");
    }
    Ok(())
}

async fn pages(desk: &Desk, store: &EmbeddedStore) -> Result<Section, Failure> {
    let mut section = Section::new("tables of the database");
    desk.progress("checking the pages of tables", 0, TABLES as u64)?;
    section.take(store.check_pages().await?);
    section.checked = TABLES as u64;
    Ok(section)
}

async fn entries(desk: &Desk, store: &EmbeddedStore) -> Result<Section, Failure> {
    let mut section = Section::new("entries of the index, and records");
    let mut place = Some(EntryPlace::default());
    while let Some(from) = place {
        let (tables, of) = from.tables();
        let what = format!("checking the index, {} entries, tables", section.checked);
        desk.progress(&what, tables, of)?;
        let checked = store.check_entries(from).await?;
        section.checked += checked.checked;
        section.take(checked.findings);
        place = checked.next;
    }
    Ok(section)
}

async fn counters(store: &EmbeddedStore) -> Result<Section, Failure> {
    let mut section = Section::new("counters");
    section.take(store.check_counters().await?);
    section.checked = 2;
    Ok(section)
}

async fn audit(desk: &Desk, parts: &Parts) -> Result<Section, Failure> {
    let mut section = Section::new("lines of the audit log");
    desk.progress("checking the audit log", 0, 1)?;
    let report = Audit::new(parts.records.clone()).verify().await?;
    section.checked = report.lines;
    for fault in report.faults {
        section.list(Listed {
            kind: "audit-line",
            position: None,
            statement: None,
            sentence: fault.to_string(),
            mend: "find out who could write to the database; a backup shows what the line was",
        });
    }
    Ok(section)
}

async fn rows(desk: &Desk, parts: &Parts) -> Result<Section, Failure> {
    let mut section = Section::new("events of the log");
    let mut after = Position(0);
    loop {
        let checked = parts.store.check(after).await?;
        section.take(checked.findings);
        desk.progress("checking the log", checked.through.0, checked.head.0)?;
        section.checked = checked.through.0;
        if checked.through >= checked.head {
            return Ok(section);
        }
        after = checked.through;
    }
}

async fn attachments(desk: &Desk, parts: &Parts) -> Result<Section, Failure> {
    let mut section = Section::new("attachments");
    let Some(store) = parts.store.embedded() else {
        return kept(parts, section).await;
    };
    let files = store.attachment_files().await?;
    for file in &files {
        section.take(store.check_attachment(file).await?);
        section.checked += 1;
        desk.progress("checking attachments", section.checked, files.len() as u64)?;
    }
    Ok(section)
}

/// Reads every attachment of a database, and compares it with its name.
async fn kept(parts: &Parts, mut section: Section) -> Result<Section, Failure> {
    let attachments = parts.store.attachments();
    let mut after = None;
    loop {
        let kept = attachments.kept_before(Stored(i64::MAX), after.as_ref(), NAMES);
        let names = kept.await?;
        for name in &names {
            section.checked += 1;
            let mut digester = Digester::of(&name.sha2);
            let mut reader = attachments.read(name).await?;
            while let Some(reader) = &mut reader
                && let Some(bytes) = reader.next().await?
            {
                digester.update(&bytes);
            }
            let found = digester.finish();
            if reader.is_some() && found != name.sha2 {
                section.take([Finding {
                    what: What::Attachment,
                    position: None,
                    statement: None,
                    detail: format!(
                        "{} in {}: the bytes have the digest {found}",
                        name.sha2, name.space
                    ),
                }]);
            }
        }
        after = match names.into_iter().next_back() {
            None => return Ok(section),
            last => last,
        };
    }
}

fn as_json(sections: &[Section], rebuilt: &[Rebuilt], sealed: usize) -> String {
    let checked = |section: &Section| json!({ "what": section.name, "checked": section.checked, "found": section.found });
    let checked: Vec<_> = sections.iter().map(checked).collect();
    let listed = sections.iter().flat_map(|section| &section.listed);
    let findings: Vec<Value> = listed
        .map(|finding| {
            json!({
                "kind": finding.kind,
                "position": finding.position,
                "statement": finding.statement,
                "sentence": finding.sentence,
                "mend": finding.mend,
            })
        })
        .collect();
    format!(
        "{}\n",
        json!({ "sections": checked, "findings": findings, "rebuilt": rebuilt, "sealed": sealed })
    )
}

fn as_text(sections: &[Section], rebuilt: &[Rebuilt], sealed: usize) -> String {
    let mut table = vec![["Checked", "", "Found"].map(str::to_owned).to_vec()];
    table.extend(sections.iter().map(|section| {
        let found = match section.found {
            0 => "whole".to_owned(),
            1 => "1 finding".to_owned(),
            found => format!("{found} findings"),
        };
        vec![section.checked.to_string(), section.name.to_owned(), found]
    }));
    let mut text = columns(&table, &[0]);
    for Listed { sentence, mend, .. } in sections.iter().flat_map(|section| &section.listed) {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {sentence}\n    {mend}");
    }
    for Rebuilt {
        definition,
        found,
        differences,
    } in rebuilt
    {
        let _ = writeln!(
            text,
            "  {definition} was built again: {found} rows differed"
        );
        for difference in differences {
            let _ = writeln!(text, "    {difference}");
        }
    }
    if sealed > 0 {
        let _ = writeln!(text, "  sealed: {sealed}");
    }
    text
}
