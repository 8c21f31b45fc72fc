//! Why what is known now of the time before a period differs from what was reported.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use varde_core::registers::RowId;
use varde_xapi::{StatementId, Stored};

use super::amount::minus;
use super::key::ReportKey;
use super::reached::{KeyStand, Keys, LeftOut};

/// A key that counts otherwise than it was reported. The amounts of an indicator's corrections
/// together are its correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The key.
    pub key: ReportKey,
    /// By how much it counts more, or less where negative.
    pub amount: Decimal,
    /// Why.
    pub cause: Cause,
    /// The same in a sentence.
    pub sentence: String,
    /// The statements that the key rested on and those that it rests on.
    pub statements: Vec<StatementId>,
    /// The register rows that brought the change.
    pub rows: Vec<RowId>,
}

/// Why a key counts otherwise than it was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cause {
    /// A statement that it rested on was voided.
    Voided {
        /// The statement.
        statement: StatementId,
        /// The one that voided it.
        by: StatementId,
        /// When that became known.
        known: Stored,
    },
    /// A statement that it rested on was erased.
    Erased {
        /// The statement.
        statement: StatementId,
    },
    /// The person counts for another one.
    Merged {
        /// The other, by id.
        into: String,
    },
    /// What it rested on counts under another key.
    CountsAs {
        /// The other key.
        key: ReportKey,
    },
    /// What it rests on counted under another key.
    CountedAs {
        /// The other key.
        key: ReportKey,
    },
    /// A condition holds no more.
    LeftOut {
        /// Which, in a word.
        reason: String,
    },
    /// A statement became known only after the report.
    LateStatement {
        /// The statement.
        statement: StatementId,
        /// When it became known.
        known: Stored,
    },
    /// Rows that came to the registers after the report.
    Registers,
    /// No report that was accepted could hold it yet.
    NotReported,
    /// The indicator set is another version.
    Definition,
    /// It counts another amount.
    Amount {
        /// What was reported.
        then: Decimal,
        /// What is known now.
        now: Decimal,
        /// The statement that made the difference, where one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Box<Cause>>,
    },
    /// None of these.
    Unknown,
}

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is known since an instant, and valid.
    Valid(Stored),
    /// Another one voided it.
    Voided { by: StatementId, known: Stored },
    /// It was erased.
    Erased,
}

/// What was reported, and what is known beside it.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    /// The keys as reported.
    pub(super) then: &'a Keys,
    /// The keys as known now of the same time.
    pub(super) now: &'a Keys,
    /// What is left out now.
    pub(super) left_out: &'a [LeftOut],
    /// As known when it was reported, and the last day that the report spoke of; `None` where
    /// nothing was reported here before.
    pub(super) since: Option<(Stored, Date)>,
    /// Whether another version of the indicator set counts now.
    pub(super) another_definition: bool,
    /// What became of the statements of keys that differ.
    pub(super) fates: BTreeMap<StatementId, Fate>,
    /// Of persons of lost keys: for whom they count now, and the rows that say so.
    pub(super) merged: BTreeMap<String, (String, Vec<RowId>)>,
    /// Of keys that differ: the register rows that came after the report and concern them.
    pub(super) news: BTreeMap<ReportKey, Vec<RowId>>,
}

/// A key of which two amounts differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference<'a> {
    pub(super) key: &'a ReportKey,
    pub(super) then: Option<&'a KeyStand>,
    pub(super) now: Option<&'a KeyStand>,
}

impl Difference<'_> {
    fn amount(&self) -> Decimal {
        let of = |stand: Option<&KeyStand>| stand.map_or(Decimal::ZERO, |stand| stand.amount);
        minus(of(self.now), of(self.then))
    }
}

/// Returns the keys of which two amounts differ, in the order of the keys.
pub(super) fn differences<'a>(then: &'a Keys, now: &'a Keys) -> Vec<Difference<'a>> {
    let keys: BTreeSet<&ReportKey> = then.keys().chain(now.keys()).collect();
    let each = keys.into_iter().map(|key| Difference {
        key,
        then: then.get(key),
        now: now.get(key),
    });
    each.filter(|difference| !difference.amount().is_zero())
        .collect()
}

impl Comparison<'_> {
    /// Explains each key that counts otherwise than reported.
    pub(super) fn corrections(&self) -> Vec<Correction> {
        let differences = differences(self.then, self.now).into_iter();
        differences.map(|one| self.correction(&one)).collect()
    }

    fn correction(&self, one: &Difference<'_>) -> Correction {
        let (cause, rows) = match (one.then, one.now) {
            (Some(then), None) => self.lost(one.key, then),
            (Some(then), Some(now)) => (self.amount(then, now), self.news_of(one.key)),
            (_, now) => self.gained(one.key, now),
        };
        let stands = [one.then, one.now].into_iter().flatten();
        let statements: BTreeSet<_> = stands.flat_map(|stand| stand.statements.clone()).collect();
        Correction {
            key: one.key.clone(),
            amount: one.amount(),
            sentence: cause.sentence(self.left_out),
            cause,
            statements: statements.into_iter().collect(),
            rows,
        }
    }

    fn news_of(&self, key: &ReportKey) -> Vec<RowId> {
        self.news.get(key).cloned().unwrap_or_default()
    }

    fn lost(&self, key: &ReportKey, then: &KeyStand) -> (Cause, Vec<RowId>) {
        if let Some(cause) = self.taken_back(then) {
            return (cause, Vec::new());
        }
        let person = key
            .person
            .as_deref()
            .and_then(|person| self.merged.get(person));
        if let Some((into, rows)) = person {
            return (Cause::Merged { into: into.clone() }, rows.clone());
        }
        if let Some(key) = holder(self.now, self.then, &then.statements) {
            let key = key.clone();
            let news = self.news_of(&key);
            return (Cause::CountsAs { key }, news);
        }
        let shares = |out: &&LeftOut| {
            out.statements
                .iter()
                .any(|one| then.statements.contains(one))
        };
        if let Some(out) = self.left_out.iter().find(shares) {
            let reason = out.reason.clone();
            return (Cause::LeftOut { reason }, self.news_of(key));
        }
        self.otherwise(key)
    }

    /// Returns the statement that was voided or erased, of those that a key rested on.
    fn taken_back(&self, then: &KeyStand) -> Option<Cause> {
        then.statements.iter().find_map(|statement| {
            let statement = *statement;
            match *self.fates.get(&statement)? {
                Fate::Voided { by, known } => Some(Cause::Voided {
                    statement,
                    by,
                    known,
                }),
                Fate::Erased => Some(Cause::Erased { statement }),
                Fate::Valid(_) => None,
            }
        })
    }

    /// Explains a key that counts another amount.
    fn amount(&self, then: &KeyStand, now: &KeyStand) -> Cause {
        let late = self.since.and_then(|(since, _)| self.late(now, since));
        Cause::Amount {
            then: then.amount,
            now: now.amount,
            because: self.taken_back(then).or(late).map(Box::new),
        }
    }

    /// Returns the statement that came after the report, of those that a key rests on.
    fn late(&self, now: &KeyStand, since: Stored) -> Option<Cause> {
        now.statements.iter().find_map(|statement| {
            let statement = *statement;
            match *self.fates.get(&statement)? {
                Fate::Valid(known) if known > since => {
                    Some(Cause::LateStatement { statement, known })
                }
                _ => None,
            }
        })
    }

    fn gained(&self, key: &ReportKey, now: Option<&KeyStand>) -> (Cause, Vec<RowId>) {
        let Some(((since, last), now)) = self.since.zip(now) else {
            return (Cause::NotReported, Vec::new());
        };
        if now.day > last {
            return (Cause::NotReported, Vec::new());
        }
        if let Some(key) = holder(self.then, self.now, &now.statements) {
            return (Cause::CountedAs { key: key.clone() }, self.news_of(key));
        }
        if let Some(late) = self.late(now, since) {
            return (late, Vec::new());
        }
        self.otherwise(key)
    }

    fn otherwise(&self, key: &ReportKey) -> (Cause, Vec<RowId>) {
        let news = self.news_of(key);
        match () {
            () if !news.is_empty() => (Cause::Registers, news),
            () if self.another_definition => (Cause::Definition, news),
            () => (Cause::Unknown, news),
        }
    }
}

/// Finds a key of some, which the others have not, that rests on one of the statements.
fn holder<'k>(some: &'k Keys, others: &Keys, statements: &[StatementId]) -> Option<&'k ReportKey> {
    let mut some = some.iter();
    let found = some.find(|(key, stand)| !others.contains_key(*key) && stand.shares(statements));
    found.map(|(key, _)| key)
}

impl Cause {
    /// Says it in a sentence for the project office.
    fn sentence(&self, left_out: &[LeftOut]) -> String {
        match self {
            Self::Voided {
                statement,
                by,
                known,
            } => format!("the statement {statement} was voided by {by}, known since {known}"),
            Self::Erased { statement } => {
                format!("the statement {statement} was erased, and counts for nobody")
            }
            Self::Merged { into } => {
                format!("the person counts for the person {into}, as one with them")
            }
            Self::CountsAs { key } => format!("what it rested on counts as {key}"),
            Self::CountedAs { key } => format!("what it rests on was reported as {key}"),
            Self::LeftOut { reason } => {
                let out = left_out.iter().find(|out| out.reason == *reason);
                out.map_or_else(|| reason.clone(), |out| out.sentence.clone())
            }
            Self::LateStatement { statement, known } => {
                format!("the statement {statement} came after the report, at {known}")
            }
            Self::Registers => {
                "the registers say otherwise since rows that came after the report".to_owned()
            }
            Self::NotReported => "no accepted report and no opening balance held it yet".to_owned(),
            Self::Definition => "another version of the indicator set counts now".to_owned(),
            Self::Amount { then, now, because } => {
                let because = because.as_ref().map(|cause| cause.sentence(left_out));
                let because = because.map_or_else(String::new, |cause| format!(": {cause}"));
                format!("{then} was reported, and {now} is known now{because}")
            }
            Self::Unknown => "no cause was found".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest};
    use uuid::Uuid;

    use super::*;
    use crate::reports::amount::sum;
    use crate::reports::figures::Figures;

    fn statement(number: u64) -> StatementId {
        StatementId(Uuid::from_u128(number.into()))
    }

    fn key(unit: &str, person: &str) -> ReportKey {
        ReportKey {
            unit: Some(unit.to_owned()),
            person: Some(person.to_owned()),
            organisation: None,
        }
    }

    fn stand(day: &str, amount: i64, statements: &[u64]) -> KeyStand {
        KeyStand {
            day: day.parse().unwrap(),
            amount: Decimal::new(amount, 2),
            provisional: false,
            statements: statements.iter().copied().map(statement).collect(),
            carried: Vec::new(),
            rows: Vec::new(),
        }
    }

    const LAST: &str = "2025-06-30";
    const SINCE: Stored = Stored(1_000);

    fn comparison<'a>(then: &'a Keys, now: &'a Keys) -> Comparison<'a> {
        Comparison {
            then,
            now,
            left_out: &[],
            since: Some((SINCE, LAST.parse().unwrap())),
            another_definition: false,
            fates: BTreeMap::new(),
            merged: BTreeMap::new(),
            news: BTreeMap::new(),
        }
    }

    fn one(key_and_stand: (ReportKey, KeyStand)) -> Keys {
        BTreeMap::from([key_and_stand])
    }

    fn keys() -> impl Strategy<Value = Keys> {
        let name = (0..4_u8, 0..6_u8).prop_map(|(u, p)| key(&format!("u{u}"), &format!("p{p}")));
        let stand = (0..400_i64, vec(0..20_u64, 1..3), 1..28_u8)
            .prop_map(|(a, s, day)| stand(&format!("2025-06-{day:02}"), a, &s));
        btree_map(name, stand, 0..20)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_corrections_of_any_two_sets_of_keys_add_up_to_the_correction(
            then in keys(), now in keys(), opening in any::<i32>(), new in 0..1000_i64,
        ) {
            let opening = Decimal::new(opening.into(), 2);
            let total = |keys: &Keys| sum(keys.values().map(|stand| stand.amount)) + opening;
            let end = total(&now) + Decimal::new(new, 2);
            let figures = Figures::of(total(&then), total(&now), end);
            let corrections = comparison(&then, &now).corrections();
            prop_assert_eq!(sum(corrections.iter().map(|one| one.amount)), figures.correction);
            prop_assert!(corrections.iter().all(|one| !one.sentence.is_empty()));
            let named: BTreeSet<_> = corrections.iter().map(|one| one.key.clone()).collect();
            prop_assert_eq!(named.len(), corrections.len(), "each key once");
        }

        #[test]
        fn equal_sets_of_keys_need_no_correction(keys in keys()) {
            prop_assert_eq!(comparison(&keys, &keys).corrections(), []);
        }
    }

    #[test]
    fn a_lost_key_names_what_took_it_back() {
        let then = one((key("a", "p"), stand("2025-03-01", 100, &[1, 2])));
        let now = Keys::new();
        let of = |change: &dyn Fn(&mut Comparison<'_>)| {
            let mut comparison = comparison(&then, &now);
            change(&mut comparison);
            let corrections = comparison.corrections();
            assert_eq!(corrections[0].amount, Decimal::NEGATIVE_ONE);
            corrections[0].cause.clone()
        };
        let (by, known) = (statement(9), Stored(2_000));
        let voided = Fate::Voided { by, known };
        let cause = of(&|one| one.fates = [(statement(2), voided)].into());
        let statement_2 = statement(2);
        assert_eq!(
            cause,
            Cause::Voided {
                statement: statement_2,
                by,
                known
            }
        );
        let cause = of(&|one| one.fates = [(statement_2, Fate::Erased)].into());
        assert_eq!(
            cause,
            Cause::Erased {
                statement: statement_2
            }
        );
        let cause = of(&|one| one.merged = [("p".to_owned(), ("q".to_owned(), vec![]))].into());
        assert_eq!(
            cause,
            Cause::Merged {
                into: "q".to_owned()
            }
        );
        let cause = of(&|one| one.another_definition = true);
        assert_eq!(cause, Cause::Definition);
        assert_eq!(of(&|_| {}), Cause::Unknown);
    }

    #[test]
    fn a_condition_that_holds_no_more_is_named_with_its_reason() {
        let then = one((key("a", "p"), stand("2025-03-01", 100, &[1])));
        let now = Keys::new();
        let left_out = [LeftOut {
            units: vec!["a".to_owned()],
            day: "2025-03-01".parse().unwrap(),
            reason: "not-joint".to_owned(),
            sentence: "one country only".to_owned(),
            statements: vec![statement(1)],
            rows: Vec::new(),
        }];
        let mut comparison = comparison(&then, &now);
        comparison.left_out = &left_out;
        let found = comparison.corrections();
        let reason = "not-joint".to_owned();
        assert_eq!(found[0].cause, Cause::LeftOut { reason });
        assert_eq!(found[0].sentence, "one country only");
    }

    #[test]
    fn what_counts_as_another_key_is_taken_from_one_and_given_to_the_other() {
        let then = one((key("a", "p"), stand("2025-03-01", 100, &[1])));
        let now = one((key("a", "q"), stand("2025-03-01", 100, &[1])));
        let found = comparison(&then, &now).corrections();
        let causes: Vec<_> = found
            .iter()
            .map(|one| (one.amount, one.cause.clone()))
            .collect();
        let (p, q) = (key("a", "p"), key("a", "q"));
        assert_eq!(
            causes,
            [
                (Decimal::NEGATIVE_ONE, Cause::CountsAs { key: q }),
                (Decimal::ONE, Cause::CountedAs { key: p }),
            ]
        );
    }

    #[test]
    fn a_gained_key_names_the_late_statement_or_that_no_report_could_hold_it() {
        let then = Keys::new();
        let now = one((key("a", "p"), stand("2025-03-01", 100, &[1])));
        let mut late = comparison(&then, &now);
        let known = Stored(2_000);
        late.fates = [(statement(1), Fate::Valid(known))].into();
        let statement_1 = statement(1);
        assert_eq!(
            late.corrections()[0].cause,
            Cause::LateStatement {
                statement: statement_1,
                known
            }
        );
        let mut early = comparison(&then, &now);
        early.fates = [(statement_1, Fate::Valid(Stored(500)))].into();
        assert_eq!(early.corrections()[0].cause, Cause::Unknown);
        let row = RowId {
            position: varde_core::Position(7),
            row: 0,
        };
        early.news = [(key("a", "p"), vec![row])].into();
        let found = early.corrections();
        assert_eq!(
            (&found[0].cause, &found[0].rows[..]),
            (&Cause::Registers, &[row][..])
        );
        let mut first = comparison(&then, &now);
        first.since = None;
        assert_eq!(first.corrections()[0].cause, Cause::NotReported);
        let behind = one((key("a", "p"), stand("2025-07-01", 100, &[1])));
        let found = comparison(&then, &behind).corrections();
        assert_eq!(found[0].cause, Cause::NotReported);
    }

    #[test]
    fn another_amount_is_told_with_both_and_what_made_the_difference() {
        let then = one((key("a", "p"), stand("2025-03-01", 150, &[1])));
        let now = one((key("a", "p"), stand("2025-03-01", 75, &[2])));
        let mut changed = comparison(&then, &now);
        changed.fates = [(statement(2), Fate::Valid(Stored(2_000)))].into();
        let found = changed.corrections();
        assert_eq!(found[0].amount, Decimal::new(-75, 2));
        assert_eq!(found[0].statements, [statement(1), statement(2)]);
        let Cause::Amount { then, now, because } = &found[0].cause else {
            panic!("{found:?}");
        };
        assert_eq!((*then, *now), (Decimal::new(150, 2), Decimal::new(75, 2)));
        let because = because.as_deref();
        assert!(matches!(because, Some(Cause::LateStatement { .. })));
    }
}
