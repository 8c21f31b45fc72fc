//! Somebody who reads every release and works hidden numbers out, by trying every world that the
//! releases leave possible: what is shown is as it is shown, cells add up to totals and regions to
//! countries, parts are no more than wholes, and numbers only grow.

mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value, json};
use varde_interreg::publication::{
    Choice, Dimension, Finding, Number, Release, ReleasedIndicator, released,
};
use varde_interreg::reports::{ReportBody, ReportHash};

use self::worlds::{Worlds, value};

/// The least number that may be told.
const K: i64 = 5;
const WHOLE: &str = "RCO85";
const PART: &str = "RCR81";
const CODES: [&str; 2] = [WHOLE, PART];
const GENDERS: [&str; 3] = ["female", "male", "other"];
const REGIONS: [&str; 4] = ["NO020", "NO060", "SE321", "SE322"];
const ENDS: [&str; 3] = ["2025-06-30", "2025-12-31", "2026-06-30"];
/// How many sets of releases are attacked.
const SETS: usize = 1_000;

/// One participation: who, where, from which period on, completed from which.
struct Key {
    gender: usize,
    region: usize,
    begun: usize,
    completed: usize,
}

/// What really is.
struct Truth(Vec<Key>);

fn below(rng: &mut TestRng, bound: u64) -> usize {
    usize::try_from(rng.next_u64() % bound).unwrap()
}

impl Truth {
    /// Few in some cells, more in others.
    fn random(rng: &mut TestRng) -> Self {
        let keys = 4 + below(rng, 60);
        let skew = below(rng, 3);
        let keys = (0..keys).map(|_| {
            let begun = below(rng, 3);
            Key {
                gender: [below(rng, 3), below(rng, 2), below(rng, 20) / 9][skew],
                region: [below(rng, 4), below(rng, 20) / 6, below(rng, 2) * 2][skew],
                begun,
                completed: begun + below(rng, 5),
            }
        });
        Self(keys.collect())
    }

    fn count(&self, part: usize, period: usize, is: impl Fn(&Key) -> bool) -> i64 {
        let counts = |key: &&Key| {
            let since = if part == 0 { key.begun } else { key.completed };
            since <= period && is(key)
        };
        i64::try_from(self.0.iter().filter(counts).count()).unwrap()
    }

    fn cell(&self, part: usize, period: usize, table: Table, cell: usize) -> i64 {
        self.count(part, period, |key| match table {
            Table::Genders => key.gender == cell,
            Table::Regions => key.region == cell,
        })
    }

    /// Returns the report of a period, as far as a release reads it.
    fn report(&self, period: usize) -> ReportBody {
        let indicator = |part: usize| {
            let cells = |table: Table| -> BTreeMap<&str, i64> {
                let names = table.names().iter().enumerate();
                let cells = names.map(|(at, name)| (*name, self.cell(part, period, table, at)));
                cells.filter(|(_, count)| *count > 0).collect()
            };
            let regions = cells(Table::Regions);
            let mut countries: BTreeMap<&str, i64> = BTreeMap::new();
            for (region, count) in &regions {
                *countries.entry(&region[..2]).or_default() += count;
            }
            let name = json!({ "nb": "x", "sv": "x", "en": "x" });
            json!({
                "code": CODES[part], "name": name, "unit": name, "measure": "count",
                "value": self.count(part, period, |_| true),
                "breakdowns": {
                    "gender": cells(Table::Genders), "nuts3": regions, "country": countries,
                },
                "figures": null, "opening": null, "manual": null, "reported": null, "keys": [],
                "corrections": [], "excluded": {}, "left_out": [], "comment": null,
            })
        };
        let body = json!({
            "format": "varde-report/1", "project": "sing", "number": period + 1,
            "period": { "after": null, "end": ENDS[period] }, "zone": "Europe/Oslo", "revision": 1,
            "definition": "sing@1", "definition_hash": "aa", "previous": null,
            "known_at": "2026-07-01T00:00:00.000000Z", "lines": [], "evidence": [],
            "indicators": [indicator(0), indicator(1)],
        });
        serde_json::from_value(body).expect("a report")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Genders,
    Regions,
}

impl Table {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Genders => &GENDERS,
            Self::Regions => &REGIONS,
        }
    }
}

fn day(period: usize) -> Date {
    ENDS[period].parse().unwrap()
}

fn as_release(body: &ReportBody, number: u32, indicators: Vec<ReleasedIndicator>) -> Release {
    Release {
        project: body.project.clone(),
        title: None,
        number,
        published: body.known_at,
        by: None,
        period: body.period.end,
        zone: body.zone.clone(),
        snapshot: ReportHash(String::new()),
        known_at: body.known_at,
        rule_set: body.definition.clone(),
        rule_set_hash: body.definition_hash.clone(),
        threshold: 5,
        indicators,
    }
}

/// Some tables of both indicators, or of one.
fn some_tables(rng: &mut TestRng) -> BTreeSet<Choice> {
    let dimensions = [Dimension::Gender, Dimension::Country, Dimension::Nuts3];
    let mut chosen = BTreeSet::new();
    let codes = [&CODES[..], &CODES[..1], &CODES[1..], &CODES[..]][below(rng, 4)];
    for code in codes {
        for dimension in dimensions {
            if below(rng, 3) > 0 {
                let code = code.parse().unwrap();
                chosen.insert(Choice { code, dimension });
            }
        }
    }
    chosen
}

/// Publishes at some period ends what may be published of some tables.
fn releases(truth: &Truth, rng: &mut TestRng) -> Vec<Release> {
    let mut releases: Vec<Release> = Vec::new();
    let first = some_tables(rng);
    for period in 0..ENDS.len() {
        if below(rng, 4) == 0 {
            continue;
        }
        let body = truth.report(period);
        let tables = if below(rng, 3) == 0 {
            some_tables(rng)
        } else {
            first.clone()
        };
        if tables.is_empty() {
            continue;
        }
        if let Ok(indicators) = released(&body, &releases, &tables) {
            let number = u32::try_from(releases.len()).unwrap() + 1;
            releases.push(as_release(&body, number, indicators));
        }
    }
    releases
}

/// Hides what is small and nothing beside it, and compares with nothing.
fn releases_without_control(truth: &Truth) -> Vec<Release> {
    let mut releases = Vec::new();
    for period in 0..ENDS.len() {
        let body = truth.report(period);
        let shown = |count: i64| (count >= K).then(|| number(count, period));
        let indicators = body.indicators.iter().enumerate().map(|(part, one)| {
            let mut tables: BTreeMap<Dimension, BTreeMap<String, Option<Number>>> = BTreeMap::new();
            for (dimension, table) in [
                (Dimension::Gender, Table::Genders),
                (Dimension::Nuts3, Table::Regions),
            ] {
                let cells = table.names().iter().enumerate();
                let cells = cells.map(|(at, name)| (*name, truth.cell(part, period, table, at)));
                let cells = cells.filter(|(_, count)| *count > 0);
                let cells = cells.map(|(name, count)| (name.to_owned(), shown(count)));
                tables.insert(dimension, cells.collect());
            }
            ReleasedIndicator {
                code: one.code.clone(),
                name: one.name.clone(),
                unit: one.unit.clone(),
                total: number(truth.count(part, period, |_| true), period),
                tables,
            }
        });
        releases.push(as_release(&body, 1, indicators.collect()));
    }
    releases
}

fn number(count: i64, period: usize) -> Number {
    Number {
        value: u64::try_from(count).unwrap(),
        as_of: day(period),
    }
}

/// Returns how many small numbers there are, and those that cannot be any other.
fn attack(truth: &Truth, releases: &[Release]) -> (usize, Vec<String>) {
    let (mut small, mut found) = (0, Vec::new());
    let periods: Vec<usize> = releases
        .iter()
        .map(|release| {
            ENDS.iter()
                .position(|end| *end == release.period.to_string())
                .unwrap()
        })
        .collect();
    for table in [Table::Genders, Table::Regions] {
        let mut worlds = Worlds::new(table);
        worlds.read(releases);
        let mut really = vec![0; worlds.low.len()];
        for period in 0..ENDS.len() {
            for part in [0, 1] {
                for cell in 0..table.names().len() {
                    let at = worlds.at(part, period, cell);
                    really[at] = truth.cell(part, period, table, cell);
                }
            }
        }
        let mut others: Vec<Vec<i64>> = Vec::new();
        for secret in worlds.secrets(&periods) {
            let number = value(&secret, &really);
            if !(1..K).contains(&number.abs()) {
                continue;
            }
            small += 1;
            if others.iter().any(|other| value(&secret, other) != number) {
                continue;
            }
            match worlds.other(&secret, &really) {
                Some(other) => others.push(other),
                None => found.push(format!("{table:?} {secret:?} = {number}")),
            }
        }
    }
    (small, found)
}

fn rng(seed: u8) -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32])
}

#[test]
fn nothing_small_can_be_worked_out_from_a_thousand_random_sets_of_releases() {
    let mut rng = rng(1);
    let (mut sets, mut small, mut several) = (0, 0, 0);
    while sets < SETS {
        let truth = Truth::random(&mut rng);
        let releases = releases(&truth, &mut rng);
        if releases.is_empty() {
            continue;
        }
        sets += 1;
        several += usize::from(releases.len() > 1);
        let (own, found) = attack(&truth, &releases);
        small += own;
        assert_eq!(found, Vec::<String>::new(), "{releases:#?}");
    }
    // There was something to find, and something to find it by.
    assert!(small > SETS && several > SETS / 20, "{small} {several}");
}

#[test]
fn without_the_control_the_attacker_finds_small_numbers() {
    let mut rng = rng(2);
    let mut broken = 0;
    for _ in 0..40 {
        let truth = Truth::random(&mut rng);
        let (_, found) = attack(&truth, &releases_without_control(&truth));
        broken += usize::from(!found.is_empty());
    }
    assert!(broken > 20, "{broken} of 40");
}

fn truth(keys: &[(usize, usize, usize, usize)]) -> Truth {
    let keys = keys.iter().flat_map(|(count, gender, begun, completed)| {
        (0..*count).map(|at| Key {
            gender: *gender,
            region: (at % 2) * 2,
            begun: *begun,
            completed: *completed,
        })
    });
    Truth(keys.collect())
}

fn choose(tables: &[(&str, Dimension)]) -> BTreeSet<Choice> {
    let choice = |(code, dimension): &(&str, Dimension)| Choice {
        code: code.parse().unwrap(),
        dimension: *dimension,
    };
    tables.iter().map(choice).collect()
}

fn findings(
    truth: &Truth,
    period: usize,
    earlier: &[Release],
    tables: &[(&str, Dimension)],
) -> Vec<Finding> {
    let refused = released(&truth.report(period), earlier, &choose(tables));
    refused.err().unwrap_or_default()
}

#[test]
fn what_a_release_would_reveal_is_named() {
    use Dimension::{Country, Gender};
    let code = |text: &str| text.parse().unwrap();
    let threshold = 5;
    // Twenty began, of whom eighteen completed; then two more began.
    let keys = truth(&[(10, 0, 0, 0), (8, 1, 0, 0), (2, 1, 0, 9), (2, 0, 1, 1)]);
    assert_eq!(
        findings(&keys, 0, &[], &[(WHOLE, Gender), (PART, Gender)]),
        [Finding::SmallRest {
            whole: code(WHOLE),
            part: code(PART),
            threshold
        }]
    );
    let first = released(&keys.report(0), &[], &choose(&[(WHOLE, Gender)])).expect("released");
    let first = [as_release(&keys.report(0), 1, first)];
    assert_eq!(
        findings(&keys, 1, &first, &[(WHOLE, Gender)]),
        [Finding::SmallTotal {
            code: code(WHOLE),
            threshold
        }]
    );
    let more = truth(&[(10, 0, 0, 0), (8, 1, 0, 0), (2, 1, 0, 9), (20, 0, 1, 1)]);
    let other = findings(&more, 1, &first, &[(WHOLE, Gender), (PART, Country)]);
    assert!(
        matches!(&other[..], [Finding::OtherKin { .. }, ..]),
        "{other:?}"
    );
    assert!(other[0].to_string().contains("release 1"), "{}", other[0]);
    let (release, period) = (1, day(0));
    let again = findings(&keys, 0, &first, &[(WHOLE, Gender)]);
    assert_eq!(again, [Finding::Earlier { release, period }]);
    assert_eq!(
        findings(&truth(&[(3, 0, 0, 0)]), 0, &[], &[(WHOLE, Gender)]).len(),
        1
    );
    let none = findings(&keys, 0, &[], &[(WHOLE, Dimension::Nace)]);
    assert!(matches!(&none[..], [Finding::NoTable { .. }]), "{none:?}");
}

#[test]
fn a_cell_that_is_held_back_takes_another_with_it_and_moves_on_later() {
    let tables = [(WHOLE, Dimension::Gender)];
    let keys = truth(&[
        (12, 0, 0, 9),
        (7, 1, 0, 9),
        (2, 2, 0, 9),
        (9, 2, 1, 9),
        (9, 1, 1, 9),
    ]);
    let first = released(&keys.report(0), &[], &choose(&tables)).expect("released");
    let shown = |one: &ReleasedIndicator| -> Value {
        serde_json::to_value(&one.tables[&Dimension::Gender]).unwrap()
    };
    assert_eq!(
        shown(&first[0]),
        json!({ "female": { "value": 12, "as_of": ENDS[0] }, "male": null, "other": null })
    );
    let earlier = [as_release(&keys.report(0), 1, first)];
    let second = released(&keys.report(1), &earlier, &choose(&tables)).expect("released");
    assert_eq!(
        shown(&second[0]),
        json!({
            "female": { "value": 12, "as_of": ENDS[1] },
            "male": { "value": 16, "as_of": ENDS[1] },
            "other": { "value": 11, "as_of": ENDS[1] },
        })
    );
}
