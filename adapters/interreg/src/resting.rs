//! The use case: what one statement counts for.

use std::sync::Arc;

use varde_core::audit::Told;
use varde_core::{Caller, Need};
use varde_xapi::StatementId;

use crate::indicators::{IndicatorError, IndicatorQuery, Indicators, told};
use crate::table::{IndicatorReport, IndicatorValue};

impl Indicators {
    /// Answers as [`Indicators::query`] does, with those indicators only of which a key or something left
    /// out rests on a statement, and with nothing else of their rows. The values are those of the whole.
    pub async fn resting_on(
        &self,
        caller: &Caller,
        query: &IndicatorQuery,
        statement: StatementId,
    ) -> Result<IndicatorReport, IndicatorError> {
        caller.may(Need::ReadResults)?;
        let mut report = self.reached(caller, query).await?;
        for table in &mut report.tables {
            let each = table.indicators.iter();
            let resting = each.filter_map(|value| value.resting_on(statement));
            table.indicators = resting.map(Arc::new).collect();
            table.breaches.clear();
        }
        report.tables.retain(|table| !table.indicators.is_empty());
        let told = told(query, &report);
        let told = Told {
            query: told
                .query
                .replacen("indicators", "indicators of a statement", 1),
            ..told
        };
        self.ledger.told(caller, &told).await?;
        Ok(report)
    }
}

impl IndicatorValue {
    /// Returns the value with those of its rows that rest on a statement; `None` where none does.
    fn resting_on(&self, statement: StatementId) -> Option<Self> {
        let keys = self.keys.iter();
        let keys = keys.filter(|key| key.statements.contains(&statement));
        let keys: Vec<_> = keys.cloned().collect();
        let exclusions = self.exclusions.iter();
        let exclusions = exclusions.filter(|one| one.statements.contains(&statement));
        let exclusions: Vec<_> = exclusions.cloned().collect();
        (!keys.is_empty() || !exclusions.is_empty()).then(|| Self {
            keys,
            exclusions,
            ..self.without_rows()
        })
    }

    /// Returns the value without the rows that it rests on.
    fn without_rows(&self) -> Self {
        Self {
            code: self.code.clone(),
            name: self.name.clone(),
            unit: self.unit.clone(),
            measure: self.measure,
            baseline: self.baseline.clone(),
            milestone: self.milestone,
            target: self.target,
            source: self.source.clone(),
            value: self.value,
            parts: self.parts.clone(),
            series: self.series.clone(),
            provisional: self.provisional,
            unresolved: self.unresolved,
            breakdowns: self.breakdowns.clone(),
            keys: Vec::new(),
            excluded: self.excluded.clone(),
            exclusions: Vec::new(),
            candidates: Vec::new(),
        }
    }
}
