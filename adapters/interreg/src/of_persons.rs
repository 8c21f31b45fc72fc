//! The use case: what counts persons, found by who they are and not by reading every key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use varde_core::audit::Told;
use varde_core::ledger::{Group, LedgerRow, Snapshot, Stretch};
use varde_core::registers::{EntityKind, PersonId, RegisterView, Registers};
use varde_core::{Caller, Need, StoreError};
use varde_xapi::Stored;

use crate::adapter::{self, KIND};
use crate::conclusion::Conclusion;
use crate::group::{GroupKey, JOINT_STAGE, KEY_STAGE};
use crate::indicators::{Found, IndicatorError, Indicators};
use crate::set::IndicatorSet;
use crate::table::{IndicatorReport, IndicatorTable};

impl Indicators {
    /// Returns the indicators of the caller's projects as far as these persons are in them: each value
    /// counts their keys alone, and what is left out is theirs. Breaches and candidates are those of
    /// whole projects and left out.
    ///
    /// It looks at the groups that ever asked the registers for one of them, so the size of the project
    /// does not matter.
    pub async fn of_persons(
        &self,
        caller: &Caller,
        persons: &[PersonId],
        as_of: Date,
    ) -> Result<IndicatorReport, IndicatorError> {
        caller.may(Need::ReadResults)?;
        let snapshots = self.ledger.current(KIND, None).await?;
        // Asked for after the snapshots: every row that they know is in it.
        let registers = self.registers.refresh().await?;
        let mut tables = Vec::new();
        for snapshot in snapshots {
            let set = adapter::read(&snapshot.definition).map_err(StoreError::failed)?;
            if caller.projects.contains(&set.project) {
                let of = (&snapshot, &set);
                tables.push(
                    self.theirs(caller, of, &registers, (persons, as_of))
                        .await?,
                );
            }
        }
        let indicators = tables.iter().flat_map(|table| &table.indicators);
        let rows = indicators.map(|indicator| indicator.keys.len() + indicator.exclusions.len());
        let told = Told {
            known_at: tables.iter().map(|table| table.known_at).min(),
            persons: persons.to_vec(),
            ..Told::new("indicators", &[("person", true)], rows.sum())
        };
        self.ledger.told(caller, &told).await?;
        Ok(IndicatorReport { as_of, tables })
    }

    /// Returns what the registers call the activities that keys of a report are about, by IRI.
    pub async fn titles(
        &self,
        report: &IndicatorReport,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let registers = self.registers.refresh().await?;
        let view = RegisterView::new(&registers, registers.newest().unwrap_or(Stored(0)));
        let indicators = report.tables.iter().flat_map(|table| &table.indicators);
        let keys = indicators.flat_map(|indicator| &indicator.keys);
        let units: BTreeSet<_> = keys.filter_map(|key| key.unit.as_deref()).collect();
        let titled = units.into_iter().filter_map(|unit| {
            let title = view.title(EntityKind::Activity, unit, report.as_of)?;
            Some((unit.to_owned(), title.to_owned()))
        });
        Ok(titled.collect())
    }

    async fn theirs(
        &self,
        caller: &Caller,
        (snapshot, set): (&Snapshot, &IndicatorSet),
        registers: &Registers,
        (persons, as_of): (&[PersonId], Date),
    ) -> Result<IndicatorTable, StoreError> {
        let groups = self.groups_of(snapshot, persons).await?;
        let stretches = groups.iter().map(|group| Stretch {
            snapshot,
            stage: group.stage,
            prefix: group.key.clone(),
        });
        let stretches: Vec<_> = stretches.collect();
        let mut rows: Vec<LedgerRow<Conclusion>> = self.ledger.rows_of(caller, &stretches).await?;
        // A key may begin as another does.
        rows.retain(|row| {
            let person = row.entry.body.person.as_ref();
            groups.contains(&row.group) && person.is_some_and(|person| persons.contains(person))
        });
        let conditions = self.ledger.rows(caller, snapshot, JOINT_STAGE, "").await?;
        let found = Found {
            conditions,
            rows,
            indicators: set.indicators.iter().collect(),
        };
        let view = RegisterView::new(registers, snapshot.known_at);
        let mut indicators = found.values(&view, as_of, caller.rows());
        for indicator in &mut indicators {
            indicator.candidates.clear();
        }
        Ok(IndicatorTable {
            project: set.project.clone(),
            definition: snapshot.definition.name(),
            hash: snapshot.hash,
            as_of,
            known_at: snapshot.known_at,
            complete_through: snapshot.complete_through,
            breaches: Vec::new(),
            indicators: indicators.into_iter().map(Arc::new).collect(),
        })
    }

    /// Returns the groups that hold keys of some persons.
    async fn groups_of(
        &self,
        snapshot: &Snapshot,
        persons: &[PersonId],
    ) -> Result<BTreeSet<Group>, StoreError> {
        let mut groups = BTreeSet::new();
        for person in persons {
            let entity = person.entity();
            let asked = self.ledger.askers(snapshot, KEY_STAGE, &entity).await?;
            let theirs = |group: &Group| {
                let key = GroupKey::parse(&group.key);
                key.and_then(GroupKey::person) == Some(person.as_str())
            };
            groups.extend(asked.into_iter().filter(theirs));
        }
        Ok(groups)
    }
}
