//! The use case: an indicator opened down to the statements and register rows that it rests on.

use std::collections::BTreeSet;

use varde_core::registers::{KnownRow, RowId};
use varde_core::{Caller, Need};

use crate::indicators::{IndicatorError, IndicatorQuery, Indicators};
use crate::table::{IndicatorReport, IndicatorValue};

/// Indicators with the content of every register row that they name.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage {
    /// The indicators: values, keys, statements, what was left out.
    pub report: IndicatorReport,
    /// The register rows, in the order of their ids.
    pub rows: Vec<KnownRow>,
}

impl Indicators {
    /// Answers as [`Indicators::query`] does, with what the register rows say.
    pub async fn lineage(
        &self,
        caller: &Caller,
        query: &IndicatorQuery,
    ) -> Result<Lineage, IndicatorError> {
        // Rows are those of single persons.
        caller.may(Need::ReadReports)?;
        let report = self.query(caller, query).await?;
        let registers = self.registers.refresh().await?;
        let values = report.tables.iter().flat_map(|table| &table.indicators);
        let ids: BTreeSet<RowId> = values.flat_map(|value| rows(value)).collect();
        let rows = ids.into_iter().filter_map(|id| registers.row(id).cloned());
        Ok(Lineage {
            rows: rows.collect(),
            report,
        })
    }
}

fn rows(value: &IndicatorValue) -> impl Iterator<Item = RowId> {
    let keys = value.keys.iter().flat_map(|key| &key.rows);
    let left_out = value.exclusions.iter().flat_map(|one| &one.rows);
    keys.chain(left_out).copied()
}
