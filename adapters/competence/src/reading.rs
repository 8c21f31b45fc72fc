//! Items of persons, read from the ledgers of the current rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use varde_core::definitions::{Definition, DefinitionHash};
use varde_core::disclosure::{Rows, Seen};
use varde_core::ledger::{Grounds, Ledger, LedgerRow, Remembered, Snapshot, Stretch};
use varde_core::registers::{Entity, EntityKind, PersonId, RegisterBook, RegisterView, Registers};
use varde_core::{Caller, ProjectCode, StoreError};
use varde_xapi::Stored;

use crate::EvidenceRule;
use crate::cohorts::{Dimension, UNKNOWN};
use crate::composite::{ByRule, Composite};
use crate::finding::{Basis, Finding};
use crate::group::{Of, competence_prefix};
use crate::item::Item;
use crate::rule::{Claim, Rule};

/// Whose items are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose<'a> {
    Everybody,
    /// A person's, by pseudonym or id.
    Person(&'a str),
    /// Those of whoever may be in one of these cohorts; of others too.
    Cohorts(Dimension, &'a [&'a str]),
}

/// Whose items are read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Persons {
    Everybody,
    /// Nobody's where a pseudonym is nobody's.
    These(BTreeSet<PersonId>),
}

/// Which items are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Selection<'a> {
    pub(crate) whose: Whose<'a>,
    /// Only those of this project.
    pub(crate) project: Option<&'a ProjectCode>,
    /// Only those of this competence.
    pub(crate) competence: Option<&'a str>,
    /// Only those on this basis.
    pub(crate) basis: Option<Basis>,
    /// The day on which a merged person is asked for.
    pub(crate) as_of: Date,
    /// As known at this instant; the latest complete one where absent or later than that.
    pub(crate) known_at: Option<Stored>,
}

impl Selection<'_> {
    fn is_of(&self, project: &ProjectCode) -> bool {
        self.project.is_none_or(|asked| asked == project)
    }
}

/// Person, competence and basis.
pub(crate) type Key = (PersonId, String, Basis);

/// Items of persons.
pub(crate) type Items = BTreeMap<Key, Vec<Item>>;

/// The most items of everybody that are kept, some 1 KiB each.
const REMEMBERED_MAX: usize = 100_000;

/// What was asked of everybody: everything that makes items what they are, beside the ledgers and the
/// registers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    projects: Vec<ProjectCode>,
    seen: Seen,
    competence: Option<String>,
    basis: Option<Basis>,
}

impl Question {
    fn of(caller: &Caller, rows: Rows<'_>, selection: &Selection<'_>) -> Self {
        let is_asked = |project: &&ProjectCode| selection.is_of(project);
        let projects: BTreeSet<_> = caller.projects.iter().filter(is_asked).collect();
        Self {
            projects: projects.into_iter().cloned().collect(),
            seen: rows.into(),
            competence: selection.competence.map(str::to_owned),
            basis: selection.basis,
        }
    }
}

/// Items, all as known at one instant.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) items: Arc<Items>,
    /// The person who was asked for by name.
    pub(crate) person: Option<PersonId>,
    pub(crate) registers: Arc<Registers>,
    /// `None` while no rule is current.
    pub(crate) known_at: Option<Stored>,
    /// `None` while no rule is current.
    pub(crate) complete_through: Option<Stored>,
}

impl Found {
    /// Views the registers as known at the same instant.
    pub(crate) fn view(&self) -> RegisterView<'_> {
        RegisterView::new(&self.registers, self.known_at.unwrap_or(Stored(0)))
    }
}

/// Reads items of one store.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) ledger: Ledger,
    pub(crate) registers: Arc<RegisterBook>,
    /// What current rules say, read once.
    meanings: Arc<Mutex<HashMap<DefinitionHash, Arc<Meaning>>>>,
    remembered: Arc<Remembered<Question, Arc<Items>>>,
}

/// What is read for whom.
struct Read<'a> {
    caller: &'a Caller,
    rows: Rows<'a>,
    selection: &'a Selection<'a>,
    /// The rules that are needed, all read as known at one instant.
    rules: &'a [&'a Current],
    registers: &'a Arc<Registers>,
}

/// A current rule with its ledger.
struct Current {
    snapshot: Snapshot,
    meaning: Arc<Meaning>,
}

/// What a rule says.
#[derive(Debug)]
struct Meaning {
    claim: Claim,
    /// What it is made of, where it is made of other rules.
    composite: Option<Composite>,
}

impl Meaning {
    /// Reads a rule. What one that no longer compiles said of statements stands.
    fn of(definition: &Definition) -> Option<Self> {
        let composite = match Rule::compile(definition) {
            Ok(Rule::Composite(composite)) => Some(composite),
            Ok(Rule::Evidence(_)) | Err(_) => None,
        };
        let claim = Claim::read(definition)?;
        Some(Self { claim, composite })
    }
}

impl Current {
    fn claim(&self) -> &Claim {
        &self.meaning.claim
    }

    /// Returns where some persons' groups are in the rule's ledger.
    fn stretches(&self, persons: &Persons) -> Vec<Stretch<'_>> {
        let stretch = |prefix| Stretch {
            snapshot: &self.snapshot,
            stage: 0,
            prefix,
        };
        match persons {
            Persons::Everybody => vec![stretch(String::new())],
            Persons::These(persons) => {
                let competence = &self.claim().competence;
                let prefixes = persons.iter().map(|one| competence_prefix(one, competence));
                prefixes.map(stretch).collect()
            }
        }
    }
}

impl Reader {
    /// Reads one store.
    pub(crate) fn of(ledger: Ledger, registers: Arc<RegisterBook>) -> Self {
        Self {
            ledger,
            registers,
            meanings: Arc::default(),
            remembered: Arc::new(Remembered::new(REMEMBERED_MAX)),
        }
    }

    /// Returns the current rules; one that cannot be read at all says nothing.
    async fn rules(&self, known_at: Option<Stored>) -> Result<Vec<Current>, StoreError> {
        let snapshots = self.ledger.current(EvidenceRule::KIND, known_at).await?;
        let mut known = self.meanings.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are current no more are let go of.
        let mut kept = HashMap::with_capacity(snapshots.len());
        let mut rules = Vec::with_capacity(snapshots.len());
        for snapshot in snapshots {
            let read = || Meaning::of(&snapshot.definition).map(Arc::new);
            if let Some(meaning) = known.remove(&snapshot.hash).or_else(read) {
                kept.insert(snapshot.hash, Arc::clone(&meaning));
                rules.push(Current { snapshot, meaning });
            }
        }
        *known = kept;
        Ok(rules)
    }

    /// Returns the items of the caller's projects that are among these rows.
    pub(crate) async fn items(
        &self,
        caller: &Caller,
        rows: Rows<'_>,
        selection: &Selection<'_>,
    ) -> Result<Found, StoreError> {
        let mut rules = self.rules(selection.known_at).await?;
        let known_at = rules.iter().map(|rule| rule.snapshot.known_at).min();
        let through = rules.iter().map(|rule| rule.snapshot.complete_through);
        let complete_through = through.min();
        // Asked for after the snapshots: every row that they know is in it.
        let registers = self.registers.refresh().await?;
        let needed = needed(&rules, selection);
        for rule in &mut rules {
            rule.snapshot.known_at = known_at.unwrap_or(rule.snapshot.known_at);
        }
        let needed = rules
            .iter()
            .filter(|rule| needed.contains(&rule.claim().id));
        let needed: Vec<&Current> = needed.collect();
        let (person, whose) = self.persons(&needed, &registers, selection).await?;
        let read = Read {
            caller,
            rows,
            selection,
            rules: &needed,
            registers: &registers,
        };
        let items = match &whose {
            Persons::Everybody => self.of_everybody(&read).await?,
            Persons::These(_) => Arc::new(self.of_persons(&read, &whose).await?),
        };
        Ok(Found {
            items,
            person,
            registers,
            known_at,
            complete_through,
        })
    }

    /// Returns the items of everybody, or those that were read before where they still hold.
    async fn of_everybody(&self, read: &Read<'_>) -> Result<Arc<Items>, StoreError> {
        let question = Question::of(read.caller, read.rows, read.selection);
        let snapshots: Vec<_> = read.rules.iter().map(|rule| &rule.snapshot).collect();
        let grounds = Grounds {
            snapshots: &snapshots,
            // Who sees all rows sees them whatever the registers say of persons and units.
            registers: (read.rows != Rows::All).then_some(read.registers),
        };
        if let Some(items) = self.remembered.get(&question, grounds) {
            return Ok(items);
        }
        let items = Arc::new(self.of_persons(read, &Persons::Everybody).await?);
        let number = items.values().map(Vec::len).sum();
        self.remembered
            .put(question, grounds, Arc::clone(&items), number);
        Ok(items)
    }

    /// Reads items from the ledgers.
    async fn of_persons(&self, read: &Read<'_>, whose: &Persons) -> Result<Items, StoreError> {
        let rules = read.rules.iter();
        let stretches: Vec<_> = rules.flat_map(|rule| rule.stretches(whose)).collect();
        let found = self
            .ledger
            .rows_of::<Finding>(read.caller, &stretches)
            .await?;
        let ids = read.rules.iter();
        let ids = ids.map(|rule| (rule.snapshot.hash, &rule.claim().id));
        let ids: BTreeMap<_, _> = ids.collect();
        let known_at = read.rules.first().map(|rule| rule.snapshot.known_at);
        let view = RegisterView::new(read.registers, known_at.unwrap_or(Stored(0)));
        let mut persons: BTreeMap<PersonId, ByRule> = BTreeMap::new();
        for row in found {
            let Some(id) = ids.get(&row.hash) else {
                continue;
            };
            let LedgerRow {
                entry,
                hash,
                carried,
                ..
            } = row;
            let finding = &entry.body;
            let is_seen =
                || (read.rows).include(&view, &finding.person, &finding.units, finding.day);
            if read.selection.is_of(&entry.project) && is_seen() {
                let of_person = persons.entry(finding.person.clone()).or_default();
                let of_rule = of_person.entry((*id).clone()).or_default();
                of_rule.push(Item {
                    finding: entry.body,
                    statements: entry.statements,
                    carried,
                    definition: hash,
                });
            }
        }
        Ok(by_competence(persons, read.rules, read.selection))
    }

    /// Returns the person who is asked for by name, and whose items are to be read.
    async fn persons(
        &self,
        rules: &[&Current],
        registers: &Registers,
        selection: &Selection<'_>,
    ) -> Result<(Option<PersonId>, Persons), StoreError> {
        Ok(match selection.whose {
            Whose::Everybody => (None, Persons::Everybody),
            Whose::Person(named) => {
                let person = self.registers.person(named).await?;
                let known_at = rules
                    .first()
                    .map_or(Stored(0), |rule| rule.snapshot.known_at);
                let view = RegisterView::new(registers, known_at);
                let person = person.map(|person| view.merged(&person, selection.as_of));
                let these = person.iter().cloned().collect();
                (person, Persons::These(these))
            }
            Whose::Cohorts(Dimension::Scheme, schemes) if !schemes.contains(&UNKNOWN) => {
                let these = self.in_schemes(rules, schemes).await?;
                (None, Persons::These(these))
            }
            Whose::Cohorts(by, values) => {
                let these = by.candidates(registers, values);
                (None, these.map_or(Persons::Everybody, Persons::These))
            }
        })
    }

    /// Returns whoever ever had evidence in one of some training schemes, and maybe others. What a
    /// scheme says of an item was looked up in the registers, so the ledgers know who asked.
    async fn in_schemes(
        &self,
        rules: &[&Current],
        schemes: &[&str],
    ) -> Result<BTreeSet<PersonId>, StoreError> {
        let mut persons = BTreeSet::new();
        for Current { snapshot, .. } in rules {
            for scheme in schemes {
                let scheme = Entity::new(EntityKind::Activity, *scheme);
                let groups = self.ledger.askers(snapshot, 0, &scheme).await?;
                let of = groups.iter().filter_map(Of::group);
                persons.extend(of.map(|of| of.person));
            }
        }
        Ok(persons)
    }
}

fn is_asked_for(claim: &Claim, selection: &Selection<'_>) -> bool {
    let competence = selection.competence;
    let basis = selection.basis;
    competence.is_none_or(|asked| asked == claim.competence)
        && basis.is_none_or(|asked| asked == claim.basis)
}

/// Returns the ids of the rules that are asked for, and of those that they are made of.
fn needed(rules: &[Current], selection: &Selection<'_>) -> BTreeSet<String> {
    let asked = rules.iter().map(Current::claim);
    let asked = asked.filter(|claim| is_asked_for(claim, selection));
    let mut needed: BTreeSet<String> = BTreeSet::new();
    let mut new: Vec<String> = asked.map(|claim| claim.id.clone()).collect();
    while let Some(id) = new.pop() {
        if !needed.insert(id.clone()) {
            continue;
        }
        let of_id = rules.iter().filter(|current| current.claim().id == id);
        for composite in of_id.filter_map(|current| current.meaning.composite.as_ref()) {
            new.extend(composite.rules().cloned());
        }
    }
    needed
}

/// Adds what rules made of other rules say, and sorts what is asked for by competence and basis.
fn by_competence(
    persons: BTreeMap<PersonId, ByRule>,
    rules: &[&Current],
    selection: &Selection<'_>,
) -> Items {
    let order = in_order(rules);
    let asked = rules.iter().map(|rule| rule.claim());
    let asked: Vec<_> = asked
        .filter(|claim| is_asked_for(claim, selection))
        .collect();
    let mut items = Items::new();
    for (person, mut by_rule) in persons {
        for (composite, snapshot) in &order {
            let shown = composite.items(&by_rule, snapshot.hash);
            by_rule.insert(composite.claim.id.clone(), shown);
        }
        for claim in &asked {
            let shown = by_rule.remove(&claim.id).unwrap_or_default();
            if !shown.is_empty() {
                let key = (person.clone(), claim.competence.clone(), claim.basis);
                items.entry(key).or_default().extend(shown);
            }
        }
    }
    items
}

/// Returns the composite rules, each behind those that it is made of. One that is made of itself,
/// over whatever detour, has no place and shows nothing.
fn in_order<'a>(rules: &[&'a Current]) -> Vec<(&'a Composite, &'a Snapshot)> {
    let composites = rules
        .iter()
        .filter_map(|current| Some((current.meaning.composite.as_ref()?, &current.snapshot)));
    let mut waiting: Vec<_> = composites.collect();
    let mut order = Vec::new();
    loop {
        let ids: BTreeSet<_> = waiting.iter().map(|(c, _)| c.claim.id.clone()).collect();
        let is_ready = |(c, _): &(&Composite, &Snapshot)| !c.rules().any(|id| ids.contains(id));
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        if ready.is_empty() {
            return order;
        }
        order.extend(ready);
        waiting = rest;
    }
}
