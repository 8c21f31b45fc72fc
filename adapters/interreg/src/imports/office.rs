//! The project office's files, taken apart into registers and facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use varde_core::registers::files::{
    self, Cells, Columns, FileFault, FileFaults, FileKind, REGISTER_TABLES, RegisterFile,
    RegisterFiles, Sheet, Table,
};

use super::fact_row::{Deed, Reading, Who};
use super::tables::{FACT_TABLES, FactTable};

/// The most lines of facts that one import may hold.
pub(super) const ROWS_MAX: usize = 50_000;

/// One line of a fact table.
pub(super) struct FactRow {
    /// Where it stands, as a fault without a sentence: what is found wrong with the actor later is
    /// told by it.
    pub(super) place: FileFault,
    pub(super) table: FactTable,
    pub(super) who: Who,
    pub(super) deed: Deed,
}

/// What the office's files say.
#[derive(Default)]
pub(super) struct Office {
    pub(super) registers: RegisterFiles,
    pub(super) facts: Vec<FactRow>,
    /// The tables that say all there is, where an import replaces.
    pub(super) whole: BTreeSet<FactTable>,
    pub(super) faults: FileFaults,
}

/// The files by what is in them.
#[derive(Debug, Default)]
struct Sorted {
    documents: Vec<RegisterFile>,
    registers: Vec<Table>,
    facts: Vec<(FactTable, Table)>,
    faults: Vec<FileFault>,
}

/// Reads the register tables and project files of a set, and refuses tables of facts.
pub fn registers_of(given: &[RegisterFile]) -> (RegisterFiles, FileFaults) {
    let sorted = sort(given);
    let (registers, mut faults) = files::examine_tables(&sorted.documents, &sorted.registers);
    faults.0.splice(0..0, sorted.faults);
    faults.0.extend(sorted.facts.iter().map(|(table, sheet)| {
        let sentence = format!(
            "found {}, a table of facts; expected registers: `varde import office` takes both",
            table.name()
        );
        FileFault {
            file: sheet.file().to_owned(),
            sheet: sheet.sheet().map(str::to_owned),
            sentence,
            ..FileFault::default()
        }
    }));
    (registers, faults)
}

/// Reads everything, or gathers everything that is wrong.
pub(super) fn read(given: &[RegisterFile], reading: Reading<'_>) -> Office {
    let sorted = sort(given);
    let (registers, mut faults) = files::examine_tables(&sorted.documents, &sorted.registers);
    faults.0.splice(0..0, sorted.faults);
    let mut office = Office {
        registers,
        faults,
        ..Office::default()
    };
    for (table, sheet) in &sorted.facts {
        // An empty sheet of a workbook was not filled in; an empty file was emptied.
        if sheet.sheet().is_none() || sheet.lines().len() > 0 {
            office.whole.insert(*table);
        }
        office.lines_of(*table, sheet, reading);
    }
    office.check();
    office
}

fn sort(given: &[RegisterFile]) -> Sorted {
    let known: Vec<&'static Columns> = REGISTER_TABLES.iter().chain(&FACT_TABLES).collect();
    let mut sorted = Sorted::default();
    for file in given {
        if files::is_document(&file.bytes) {
            sorted.documents.push(file.clone());
            continue;
        }
        let sheets = Sheet::read(file).unwrap_or_else(|faults| {
            sorted.faults.extend(faults);
            Vec::new()
        });
        for sheet in sheets {
            match Table::read(sheet, &known) {
                Ok(table) if FileKind::of(table.columns).is_some() => sorted.registers.push(table),
                Ok(table) => {
                    let of = FactTable::of(table.columns);
                    sorted.facts.extend(of.map(|of| (of, table)));
                }
                Err(faults) => sorted.faults.extend(faults),
            }
        }
    }
    sorted
}

impl Office {
    fn lines_of(&mut self, table: FactTable, sheet: &Table, reading: Reading<'_>) {
        let actor = match table {
            FactTable::Attendance => "pseudonym",
            _ => "orgnr",
        };
        for line in sheet.lines() {
            let faults = &mut self.faults.0;
            if let Some((who, deed)) = reading.line(table, Cells { line, faults }) {
                self.facts.push(FactRow {
                    place: line.fault(actor, String::new()),
                    table,
                    who,
                    deed,
                });
            }
        }
    }

    /// Finds lines that speak of one fact, and too many lines.
    fn check(&mut self) {
        let mut first: HashMap<(FactTable, &Who, &[String]), &FileFault> = HashMap::new();
        let mut repeated = Vec::new();
        for row in &self.facts {
            let key = (row.table, &row.who, row.deed.key.as_slice());
            if let Some(before) = first.get(&key) {
                let place = place_of(before);
                let sentence =
                    format!("found the same fact as in {place}; expected one line for it");
                repeated.push(row.fault(sentence));
            } else {
                first.insert(key, &row.place);
            }
        }
        let rows = self.facts.len();
        self.faults.0.extend(repeated);
        if rows > ROWS_MAX {
            let sentence = format!(
                "found {rows} lines of facts; expected at most 50,000 in one import: split the files"
            );
            let file = self.facts.first().map(|row| row.place.file.clone());
            self.faults.0.push(FileFault {
                file: file.unwrap_or_default(),
                sentence,
                ..FileFault::default()
            });
        }
    }

    /// Returns the fault of each line, all sentences of it together.
    pub(super) fn refused(&self) -> BTreeMap<Place, Vec<String>> {
        let mut lines: BTreeMap<Place, Vec<String>> = BTreeMap::new();
        for fault in &self.faults.0 {
            let column = fault.column.iter().map(|column| match &fault.cell {
                Some(cell) => format!("{column} ({cell}): "),
                None => format!("{column}: "),
            });
            let why = column.chain([fault.sentence.clone()]).collect();
            let place = (fault.file.clone(), fault.sheet.clone(), fault.line);
            lines.entry(place).or_default().push(why);
        }
        lines
    }
}

/// A file, its sheet and a line.
pub(super) type Place = (String, Option<String>, Option<u64>);

fn place_of(fault: &FileFault) -> String {
    let sheet = fault.sheet.iter().map(|sheet| format!(", sheet {sheet}"));
    let line = fault.line.iter().map(|line| format!(", line {line}"));
    let file = std::iter::once(fault.file.clone());
    file.chain(sheet).chain(line).collect()
}

impl FactRow {
    /// Says what is wrong with the line as a whole.
    pub(super) fn fault(&self, sentence: String) -> FileFault {
        FileFault {
            column: None,
            cell: None,
            sentence,
            ..self.place.clone()
        }
    }

    /// Says what is wrong with the cell that names the actor.
    pub(super) fn actor_fault(&self, sentence: String) -> FileFault {
        FileFault {
            sentence,
            ..self.place.clone()
        }
    }
}
