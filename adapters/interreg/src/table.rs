//! What the ledger says of a set, laid out for people.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use varde_core::ProjectCode;
use varde_core::definitions::DefinitionHash;
use varde_core::disclosure::Rows;
use varde_core::ledger::LedgerRow;
use varde_core::registers::{EntityKind, PersonId, RegisterView, RowId};
use varde_xapi::{StatementId, Stored};

use crate::IndicatorCode;
use crate::conclusion::{Conclusion, Reason, Standing};
use crate::group::{AMBIGUOUS, GroupKey, JOINT_STAGE, KEY};
use crate::rulebook::conclusion;
use crate::set::{Baseline, Indicator, Measure, Names};

/// Stands in a breakdown where nothing is known.
pub const UNKNOWN: &str = "unknown";
/// Stands for a person who belongs to several organisations at once.
const SEVERAL: &str = "several";

/// The indicators of one or more projects, as of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndicatorReport {
    /// The local day that values are as of.
    pub as_of: Date,
    /// A table for each indicator set.
    pub tables: Vec<IndicatorTable>,
}

/// The indicators of one set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndicatorTable {
    /// The project.
    pub project: ProjectCode,
    /// The set, as `id@version`.
    pub definition: String,
    /// The set's identity.
    pub hash: DefinitionHash,
    /// The local day that values are as of.
    pub as_of: Date,
    /// The instant that values are as known at.
    pub known_at: Stored,
    /// Everything stored up to this instant is counted.
    pub complete_through: Stored,
    /// The indicators, in the order of the set.
    pub indicators: Vec<IndicatorValue>,
}

/// One indicator with everything that its value rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndicatorValue {
    /// Its code.
    pub code: IndicatorCode,
    /// Its name.
    pub name: Names,
    /// What it counts.
    pub unit: Names,
    /// How keys become the value.
    pub measure: Measure,
    /// Where it stood before, of result indicators only.
    pub baseline: Option<Baseline>,
    /// The value to be reached on the way.
    pub milestone: Option<u64>,
    /// The value to be reached by the end.
    pub target: u64,
    /// Where milestone and target are decided.
    pub source: String,
    /// The number of keys that count on or before the day.
    pub value: u64,
    /// How many of them are of persons whom no register row explains.
    pub unresolved: u64,
    /// By dimension, how many keys have which value; each dimension sums to the value.
    pub breakdowns: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// The keys, in the order of schemes and persons.
    pub keys: Vec<CountedKey>,
    /// How many things were left out, by reason.
    pub excluded: BTreeMap<Reason, u64>,
    /// What was left out, in the same order.
    pub exclusions: Vec<Exclusion>,
}

/// One counted key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountedKey {
    /// The scheme's IRI.
    pub scheme: String,
    /// The person: the register's pseudonym, or the random id of an identifier not in it.
    pub person: String,
    /// The person's id, by which use cases look further.
    #[serde(skip)]
    pub(crate) id: PersonId,
    /// Whether a register row stands behind the person.
    pub resolved: bool,
    /// The local day from which it counts.
    pub day: Date,
    /// What is known of the key on that day.
    pub breakdowns: Breakdowns,
    /// The statements that it rests on.
    pub statements: Vec<StatementId>,
    /// Those of them that were erased before the set was installed. What they count as is carried
    /// over from an earlier version of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<StatementId>,
    /// The register rows that it rests on.
    pub rows: Vec<RowId>,
}

/// What is known of a key on its day; `unknown` where nothing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breakdowns {
    /// The person's country, from the NUTS 3 code.
    pub country: String,
    /// The person's NUTS 3 region.
    pub nuts3: String,
    /// The person's gender.
    pub gender: String,
    /// The person's age, as the band of birth years that the register keeps.
    pub birth_year_band: String,
    /// The organisation that the statement names, else the one the person belongs to.
    pub organisation: String,
    /// The scheme.
    pub scheme: String,
}

impl Breakdowns {
    /// Returns each dimension with its value.
    pub fn each(&self) -> [(&'static str, &str); 6] {
        [
            ("country", &self.country),
            ("nuts3", &self.nuts3),
            ("gender", &self.gender),
            ("birth_year_band", &self.birth_year_band),
            ("organisation", &self.organisation),
            ("scheme", &self.scheme),
        ]
    }

    /// Looks up what the registers know of a key on its day.
    fn of(conclusion: &Conclusion, scheme: &str, registers: &RegisterView<'_>, day: Date) -> Self {
        let person = conclusion.person.as_str();
        let known = |field| registers.value(EntityKind::Person, person, field, day);
        let text = |value: Option<&str>| value.unwrap_or(UNKNOWN).to_owned();
        let nuts3 = known("nuts3");
        Self {
            // The first two letters of a NUTS code are the country's.
            country: text(nuts3.and_then(|code| code.get(..2))),
            nuts3: text(nuts3),
            gender: text(known("gender")),
            birth_year_band: text(known("birth-year-band")),
            organisation: conclusion
                .team
                .clone()
                .unwrap_or_else(|| organisation(person, registers, day)),
            scheme: scheme.to_owned(),
        }
    }
}

fn organisation(person: &str, registers: &RegisterView<'_>, day: Date) -> String {
    const ORGANISATION: &str = "organisation:";
    let fields = registers.values(EntityKind::Person, person, ORGANISATION, day);
    let mut ids = fields
        .iter()
        .filter_map(|(field, _)| field.strip_prefix(ORGANISATION));
    match (ids.next(), ids.next()) {
        (Some(id), None) => id.to_owned(),
        (Some(_), Some(_)) => SEVERAL.to_owned(),
        (None, _) => UNKNOWN.to_owned(),
    }
}

/// Something that was considered and not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// The schemes: one, or the several that are equally near.
    pub schemes: Vec<String>,
    /// The person: the register's pseudonym, or the random id of an identifier not in it.
    pub person: String,
    /// The local day of the statement that asks to be counted.
    pub day: Date,
    /// Why it does not count.
    pub reason: Reason,
    /// The same in a sentence.
    pub sentence: &'static str,
    /// The statements.
    pub statements: Vec<StatementId>,
    /// Those of them that were erased before the set was installed. What they count as is carried
    /// over from an earlier version of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<StatementId>,
    /// The register rows.
    pub rows: Vec<RowId>,
}

/// The register rows that make each scheme joint, by scheme.
#[derive(Debug, Default)]
pub(crate) struct JointRows<'a>(BTreeMap<&'a str, &'a [RowId]>);

impl<'a> JointRows<'a> {
    /// Reads them from the ledger rows of the joint stage.
    pub(crate) fn of(rows: &'a [LedgerRow]) -> Self {
        let joint = rows.iter().filter(|row| row.group.stage == JOINT_STAGE);
        let rows = joint.filter_map(|row| match GroupKey::parse(&row.group.key)? {
            GroupKey::Joint(scheme) => Some((scheme, row.entry.rows.as_slice())),
            GroupKey::Ambiguous(..) | GroupKey::Key(..) => None,
        });
        Self(rows.collect())
    }

    fn with(&self, scheme: &str, more: impl IntoIterator<Item = RowId>) -> Vec<RowId> {
        let joint = self.0.get(scheme).copied().unwrap_or_default();
        let rows: BTreeSet<RowId> = joint.iter().copied().chain(more).collect();
        rows.into_iter().collect()
    }
}

/// The beginnings of the groups that hold keys and exclusions.
pub(crate) const PREFIXES: [&str; 2] = [KEY, AMBIGUOUS];

/// How the rows of indicators are laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout<'a> {
    pub(crate) joint: &'a JointRows<'a>,
    pub(crate) registers: &'a RegisterView<'a>,
    /// The last day that counts.
    pub(crate) as_of: Date,
    /// Which rows are seen; the others are left out altogether.
    pub(crate) seen: Rows<'a>,
}

impl Layout<'_> {
    /// Lays out one indicator from the ledger rows, in which those of the others are too.
    pub(crate) fn value(&self, indicator: &Indicator, rows: &[LedgerRow]) -> IndicatorValue {
        let mut value = empty(indicator);
        let code = indicator.code.to_string();
        for row in rows.iter().filter(|row| row.entry.key == code) {
            let Some(conclusion) = conclusion(&row.entry.body) else {
                continue;
            };
            if conclusion.code != indicator.code || self.as_of < conclusion.occurred {
                continue;
            }
            let reason = match conclusion.standing {
                Standing::CountedFrom(day) if day <= self.as_of => {
                    if self.sees(&conclusion, day) {
                        value.count(self.counted(&conclusion, day, row));
                    }
                    continue;
                }
                Standing::CountedFrom(_) => Reason::CountsLater,
                Standing::Excluded(reason) => reason,
            };
            if self.sees(&conclusion, conclusion.occurred) {
                value.exclude(excluded(conclusion, row, reason, self.registers));
            }
        }
        // The ledger's order is that of ids, which says nothing to people.
        value
            .keys
            .sort_by(|a, b| (&a.scheme, &a.person).cmp(&(&b.scheme, &b.person)));
        let order = |exclusion: &Exclusion| (exclusion.schemes.clone(), exclusion.person.clone());
        value.exclusions.sort_by_cached_key(order);
        value
    }

    fn sees(&self, conclusion: &Conclusion, day: Date) -> bool {
        let (person, units) = (&conclusion.person, &conclusion.schemes);
        self.seen.include(self.registers, person, units, day)
    }

    fn counted(&self, conclusion: &Conclusion, day: Date, row: &LedgerRow) -> CountedKey {
        let entry = &row.entry;
        let scheme = conclusion.schemes.first().map_or("", String::as_str);
        let person = self.registers.shown(&conclusion.person);
        self.registers.take_looked_up();
        let breakdowns = Breakdowns::of(conclusion, scheme, self.registers, day);
        let known = self.registers.take_looked_up().rows;
        CountedKey {
            scheme: scheme.to_owned(),
            person,
            id: conclusion.person.clone(),
            resolved: conclusion.person.is_registered(),
            day,
            breakdowns,
            statements: entry.statements.clone(),
            carried: row.carried.clone(),
            rows: self
                .joint
                .with(scheme, entry.rows.iter().copied().chain(known)),
        }
    }
}

fn excluded(
    conclusion: Conclusion,
    row: &LedgerRow,
    reason: Reason,
    registers: &RegisterView<'_>,
) -> Exclusion {
    Exclusion {
        schemes: conclusion.schemes,
        person: registers.shown(&conclusion.person),
        day: conclusion.occurred,
        reason,
        sentence: reason.sentence(),
        statements: row.entry.statements.clone(),
        carried: row.carried.clone(),
        rows: row.entry.rows.clone(),
    }
}

fn empty(indicator: &Indicator) -> IndicatorValue {
    IndicatorValue {
        code: indicator.code.clone(),
        name: indicator.name.clone(),
        unit: indicator.unit.clone(),
        measure: indicator.measure,
        baseline: indicator.baseline.clone(),
        milestone: indicator.milestone,
        target: indicator.target,
        source: indicator.source.clone(),
        value: 0,
        unresolved: 0,
        breakdowns: BTreeMap::new(),
        keys: Vec::new(),
        excluded: BTreeMap::new(),
        exclusions: Vec::new(),
    }
}

impl IndicatorValue {
    fn count(&mut self, key: CountedKey) {
        self.value += 1;
        self.unresolved += u64::from(!key.resolved);
        for (dimension, value) in key.breakdowns.each() {
            let cells = self.breakdowns.entry(dimension).or_default();
            *cells.entry(value.to_owned()).or_default() += 1;
        }
        self.keys.push(key);
    }

    fn exclude(&mut self, exclusion: Exclusion) {
        *self.excluded.entry(exclusion.reason).or_default() += 1;
        self.exclusions.push(exclusion);
    }
}
