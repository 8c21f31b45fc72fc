//! What became of the statements and the register entries that keys rested on.

use std::collections::{BTreeMap, BTreeSet};

use varde_core::Space;
use varde_core::ports::{Happened, PageQuery, Position, Standing, StoreError, TermKey};
use varde_core::registers::{Entity, EntityKind, PersonId, RegisterView, Registers, RowId};
use varde_xapi::{Place, StatementId, Stored, Term};

use super::Reports;
use super::correction::{Difference, Fate};
use super::key::ReportKey;
use crate::vocabulary::VOIDED;

/// How many voiding statements are read at a time.
const VOIDING_AT_A_TIME: usize = 500;

impl Reports {
    /// Finds what became of statements between two instants, as known at the later one.
    pub(super) async fn fates(
        &self,
        statements: &BTreeSet<StatementId>,
        (since, until): (Stored, Stored),
    ) -> Result<BTreeMap<StatementId, Fate>, StoreError> {
        let mut fates = BTreeMap::new();
        if statements.is_empty() {
            return Ok(fates);
        }
        for space in self.spaces().await? {
            let mut voided = None;
            for statement in statements {
                let Some(fate) = self.fate(&space, *statement).await? else {
                    continue;
                };
                let is_valid = matches!(fate, Fate::Valid(_));
                if is_valid && self.is_voided(&space, *statement).await? {
                    if voided.is_none() {
                        voided = Some(self.voided(&space, statements, (since, until)).await?);
                    }
                    let by = voided.as_ref().and_then(|all| all.get(statement));
                    fates.insert(*statement, by.copied().unwrap_or(fate));
                } else {
                    fates.insert(*statement, fate);
                }
            }
        }
        Ok(fates)
    }

    /// Returns the live spaces that statements may stand in: those of keys and of projects.
    async fn spaces(&self) -> Result<BTreeSet<Space>, StoreError> {
        let registers = self.indicators.registers.refresh().await?;
        let projects = registers.entities(EntityKind::Project).into_iter();
        let of_projects = projects.filter_map(|project| Space::live(&project.id).ok());
        let of_keys = self.keys.all().await?.into_iter().map(|key| key.space);
        let all = of_projects.chain(of_keys);
        Ok(all.filter(|space| !space.is_test()).collect())
    }

    async fn fate(
        &self,
        space: &Space,
        statement: StatementId,
    ) -> Result<Option<Fate>, StoreError> {
        let Some(Position(position)) = self.log.position(space, statement).await? else {
            return Ok(None);
        };
        let before = Position(position.saturating_sub(1));
        let found = self.log.follow(before, 1).await?.into_iter().next();
        Ok(found.map(|event| match event.what {
            Happened::Erased(_) => Fate::Erased,
            Happened::Statement(_) | Happened::Event(..) => Fate::Valid(event.stored),
        }))
    }

    async fn is_voided(&self, space: &Space, statement: StatementId) -> Result<bool, StoreError> {
        let spaces = [space.clone()];
        let voided = self.log.get(&spaces, statement, Standing::Voided).await?;
        Ok(voided.is_some())
    }

    /// Finds which statements were voided in a space between two instants, and by what.
    async fn voided(
        &self,
        space: &Space,
        statements: &BTreeSet<StatementId>,
        (since, until): (Stored, Stored),
    ) -> Result<BTreeMap<StatementId, Fate>, StoreError> {
        let verb = Term {
            place: Place::Verb,
            value: VOIDED.to_owned(),
        };
        let mut query = PageQuery {
            spaces: vec![space.clone()],
            scope: vec![vec![TermKey::space(space)]],
            filters: vec![vec![TermKey::of(space, &verb)]],
            since: Some(since),
            until: Some(until),
            ascending: true,
            limit: VOIDING_AT_A_TIME,
            after: None,
            through: None,
            voided: true,
        };
        let mut found = BTreeMap::new();
        loop {
            let page = self.log.page(&query).await?;
            for one in &page.statements {
                let target = one.voids.filter(|target| statements.contains(target));
                let (by, known) = (one.id, one.stored);
                if let Some(target) = target {
                    found.entry(target).or_insert(Fate::Voided { by, known });
                }
            }
            query.after = page.statements.last().map(|last| last.position);
            if !page.more || query.after.is_none() {
                return Ok(found);
            }
            query.through = Some(page.through);
        }
    }
}

/// Returns, of persons of keys that are lost, for whom they count as known at an instant, with the
/// rows that say so.
pub(super) fn merged(
    registers: &Registers,
    known_at: Stored,
    differences: &[Difference<'_>],
) -> BTreeMap<String, (String, Vec<RowId>)> {
    let view = RegisterView::new(registers, known_at);
    let mut merged = BTreeMap::new();
    for one in differences {
        let (Some(then), None, Some(named)) = (one.then, one.now, &one.key.person) else {
            continue;
        };
        let Some(person) = PersonId::parse(named) else {
            continue;
        };
        view.take_looked_up();
        let into = view.merged(&person, then.day);
        if into != person {
            merged.insert(named.clone(), (into.to_string(), view.take_rows()));
        }
    }
    merged
}

/// Returns, of keys that differ, the register rows that came between two instants and concern them:
/// those that the key rests on now, else all of the things that it names or rested on.
pub(super) fn news(
    registers: &Registers,
    (since, until): (Stored, Stored),
    differences: &[Difference<'_>],
) -> BTreeMap<ReportKey, Vec<RowId>> {
    let is_new = |known: Stored| since < known && known <= until;
    let of_key = |one: &Difference<'_>| -> Vec<RowId> {
        let own = one.now.iter().flat_map(|now| &now.rows).copied();
        let is_own = |id: &RowId| registers.row(*id).is_some_and(|row| is_new(row.known_from));
        let own: BTreeSet<RowId> = own.filter(is_own).collect();
        if !own.is_empty() {
            return own.into_iter().collect();
        }
        let entities = concerned(registers, one).into_iter();
        let rows = entities.flat_map(|entity| {
            registers
                .rows(&entity)
                .iter()
                .map(|row| (row.id, row.known_from))
                .collect::<Vec<_>>()
        });
        let rows: BTreeSet<RowId> = rows
            .filter(|(_, known)| is_new(*known))
            .map(|(id, _)| id)
            .collect();
        rows.into_iter().collect()
    };
    let each = differences.iter().map(|one| (one.key.clone(), of_key(one)));
    each.filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Returns what a key names and what the rows speak of that it rested on.
fn concerned(registers: &Registers, one: &Difference<'_>) -> BTreeSet<Entity> {
    let key = one.key;
    let named = [
        (EntityKind::Activity, &key.unit),
        (EntityKind::Person, &key.person),
        (EntityKind::Organisation, &key.organisation),
    ];
    let named = named
        .into_iter()
        .filter_map(|(kind, id)| Some(Entity::new(kind, id.clone()?)));
    let stands = [one.then, one.now].into_iter().flatten();
    let rows = stands.flat_map(|stand| &stand.rows);
    let rested = rows.filter_map(|id| Some(registers.row(*id)?.row.entity.clone()));
    named.chain(rested).collect()
}
