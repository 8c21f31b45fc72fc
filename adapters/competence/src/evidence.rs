//! A rule over statements: what each of them shows.

use std::collections::{BTreeSet, HashMap};

use jiff::ZonedDateTime;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use varde_core::ProjectCode;
use varde_core::classes::{Class, may_be};
use varde_core::ledger::{Entry, KnownFact, Witness};
use varde_core::registers::{EntityKind, RegisterView, Unit};
use varde_xapi::StatementId;

use crate::closing::Closing;
use crate::counting::{Several, Window};
use crate::fact::{Said, What, is_derived};
use crate::finding::{Closed, Comparison, Finding, Missing, Verdict};
use crate::group::Of;
use crate::levels::Level;
use crate::matching::Match;
use crate::measure::{Measure, Measured};
use crate::period::Period;
use crate::rule::Claim;
use crate::validity::Expiry;

/// The zone of days where the project's register names none.
const ZONE: &str = "Europe/Oslo";
/// The kind of unit between whose beginning and end there is a gain.
const SCHEME: &str = "training-scheme";

/// A rule over statements.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(crate) claim: Claim,
    pub(crate) matching: Match,
    pub(crate) measure: Measure,
    /// How many statements it takes; one where absent.
    pub(crate) several: Option<Several>,
    pub(crate) valid_for: Option<Period>,
}

/// What one statement shows, and what decided.
#[derive(Debug)]
pub(crate) struct Judged {
    level: Option<Level>,
    comparison: Comparison,
    statements: Vec<StatementId>,
}

/// The statements of a person that more than one statement's evidence takes.
#[derive(Debug)]
pub(crate) enum Counter {
    /// Each statement shows for itself.
    None,
    /// All are in one window.
    One(Window),
    /// For each level a window of those that reach it.
    Each(Vec<Window>),
}

/// What ends evidence: the statements that came behind it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ended<'a> {
    undone: Option<&'a KnownFact>,
    closed: Option<(&'a KnownFact, Closing)>,
}

impl Evidence {
    /// Tells whether the rule can look at a statement with this verb.
    pub(crate) fn wants(&self, verb: &str) -> bool {
        let takes_back = matches!(self.measure, Measure::Completion(_));
        self.matching.wants(verb)
            || Closing::of_verb(verb).is_some()
            || (takes_back && may_be(verb, &[Class::Undone]))
    }

    /// Returns what a statement says to the rule.
    pub(crate) fn said(&self, witness: &Witness<'_>) -> Option<Said> {
        let statement = witness.statement;
        if is_derived(statement) {
            return None;
        }
        let what = if self.matching.holds(statement) {
            What::Measured(self.measure.of(statement))
        } else if let Some(closing) = Closing::of(statement, &self.claim.competence)
            && self.matching.is_vouched_for(statement)
        {
            What::Closed(closing)
        } else if matches!(self.measure, Measure::Completion(_))
            && self.matching.is_undone_by(statement)
        {
            What::Undone
        } else {
            return None;
        };
        Said::of(witness, what)
    }

    pub(crate) fn counter(&self) -> Counter {
        let Some(several) = &self.several else {
            return Counter::None;
        };
        let window = || Window::new(several.window.as_ref());
        match self.measure {
            Measure::Count(_) | Measure::Duration(_) => Counter::One(window()),
            _ => Counter::Each((0..self.measure.levels()).map(|_| window()).collect()),
        }
    }

    /// Returns the entries of a group from all its facts, in their order.
    pub(crate) fn settle(
        &self,
        of: &Of,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let said: Vec<_> = facts
            .iter()
            .filter_map(|fact| Some((fact, Said::read(fact)?)))
            .collect();
        let mut ends = Ends::default();
        // From the last to the first, so that what ends evidence is known before it.
        let mut ended: Vec<_> = said
            .iter()
            .rev()
            .map(|(fact, said)| ends.before(fact, said))
            .collect();
        ended.reverse();
        let mut counter = self.counter();
        let each = said.iter().zip(ended);
        each.filter_map(|((fact, said), ended)| {
            let ended = ended?;
            self.entry(of, &mut counter, (fact, said), ended, registers)
        })
        .collect()
    }

    /// Returns the entry of one statement; those that count beside it must have been taken before.
    pub(crate) fn entry(
        &self,
        of: &Of,
        counter: &mut Counter,
        (fact, said): (&KnownFact, &Said),
        ended: Ended<'_>,
        registers: &RegisterView<'_>,
    ) -> Option<Entry> {
        let What::Measured(measured) = &said.what else {
            return None;
        };
        // What was asked for others: the entry names the register rows of its own facts.
        registers.take_rows();
        let local = local(fact, registers);
        let day = local.date();
        registers.person(said.learner, day);
        let unit = unit(said, day, registers);
        counts_for(fact, said, (&unit, day), registers);
        let Judged {
            level,
            comparison,
            mut statements,
        } = self.judge(counter, fact, said, measured, &local);
        let verdict = match level {
            None => Verdict::NearMiss,
            Some(level) => {
                let enders = [ended.undone, ended.closed.map(|(fact, _)| fact)];
                statements.extend(enders.into_iter().flatten().map(|fact| fact.statement));
                self.verdict(level, said, &local, ended, registers)
            }
        };
        let finding = Finding {
            person: of.person.clone(),
            competence: self.claim.competence.clone(),
            rule: self.claim.name.clone(),
            basis: self.claim.basis,
            phase: self.claim.phase,
            scheme: scheme(said, day, registers),
            instant: fact.happened,
            day,
            units: unit.iris().to_vec(),
            comparison,
            verdict,
        };
        Some(Entry {
            key: fact.statement.to_string(),
            project: of.project.clone(),
            body: serde_json::to_value(finding).expect("a finding is plain data"),
            statements,
            rows: registers.take_rows(),
        })
    }

    fn verdict(
        &self,
        Level { level, name }: Level,
        said: &Said,
        local: &ZonedDateTime,
        ended: Ended<'_>,
        registers: &RegisterView<'_>,
    ) -> Verdict {
        let day_of = |fact| self::local(fact, registers).date();
        let valid_for = self.valid_for.as_ref();
        let lapses = valid_for.and_then(|p| p.after(local)).map(|end| end.date());
        let says = said.expires.and_then(|expires| expires.day(local));
        Verdict::Evidence {
            level,
            level_name: name,
            expires: lapses.into_iter().chain(says).min(),
            undone: ended.undone.map(day_of),
            closed: ended.closed.map(|(fact, how)| Closed {
                day: day_of(fact),
                how,
            }),
        }
    }

    /// Judges a statement; those that count beside it must have been judged before.
    pub(crate) fn judge(
        &self,
        counter: &mut Counter,
        fact: &KnownFact,
        said: &Said,
        measured: &Measured,
        local: &ZonedDateTime,
    ) -> Judged {
        let judged = if said.expires == Some(Expiry::Unread) {
            Err(Missing::Expiry)
        } else {
            match (counter, &self.several) {
                (Counter::One(window), Some(several)) => {
                    self.add_up(window, several, (fact, said), measured, local)
                }
                (Counter::Each(windows), Some(several)) => {
                    self.gather(windows, several, (fact, said), measured, local)
                }
                _ => self.alone(fact, measured),
            }
        };
        judged.unwrap_or_else(|what| Judged {
            level: None,
            comparison: Comparison::Missing { what },
            statements: vec![fact.statement],
        })
    }

    /// Judges a statement that shows for itself.
    fn alone(&self, fact: &KnownFact, measured: &Measured) -> Result<Judged, Missing> {
        let place = self.measure.reached(measured)?.checked_sub(1);
        Ok(Judged {
            level: place.and_then(|place| self.measure.level(place)).cloned(),
            comparison: self
                .measure
                .compared(measured, place.unwrap_or(0), place.is_some()),
            statements: vec![fact.statement],
        })
    }

    /// Judges what the units in a window amount to.
    fn add_up(
        &self,
        window: &mut Window,
        several: &Several,
        (fact, said): (&KnownFact, &Said),
        measured: &Measured,
        local: &ZonedDateTime,
    ) -> Result<Judged, Missing> {
        let amount = measured.amount()?;
        let unit = several.distinct.unit(fact.statement, said)?;
        window.add(&unit, fact.statement, local, amount);
        let number = window.number();
        let together = match measured {
            Measured::Seconds(_) => Measured::seconds(window.sum()),
            _ => Measured::Number(number),
        };
        let place = self.measure.reached(&together)?.checked_sub(1);
        let compared = self
            .measure
            .compared(&together, place.unwrap_or(0), place.is_some());
        let enough = number >= several.least;
        let level = place.and_then(|place| self.measure.level(place));
        let statements = match (place, &together) {
            (Some(place), _) if enough => {
                let sum = self.measure.amount_of(place);
                window.deciding(several.least, sum)
            }
            _ => vec![fact.statement],
        };
        let comparison = match &together {
            Measured::Seconds(_) if several.least > 1 && place.is_some() => {
                Comparison::several(compared, number, several.least)
            }
            _ => compared,
        };
        Ok(Judged {
            level: level.filter(|_| enough).cloned(),
            comparison,
            statements,
        })
    }

    /// Judges which level enough units in a window reach, this statement's among them.
    fn gather(
        &self,
        windows: &mut [Window],
        several: &Several,
        (fact, said): (&KnownFact, &Said),
        measured: &Measured,
        local: &ZonedDateTime,
    ) -> Result<Judged, Missing> {
        let reached = self.measure.reached(measured)?;
        let unit = several.distinct.unit(fact.statement, said)?;
        let reaching = windows.iter_mut().take(reached);
        for window in reaching {
            window.add(&unit, fact.statement, local, 1);
        }
        let mut reaching = windows.iter().take(reached).enumerate().rev();
        let Some((place, window)) = reaching
            .find(|(_, window)| window.number() >= several.least)
            .or_else(|| windows.first().filter(|_| reached > 0).map(|w| (0, w)))
        else {
            return self.alone(fact, measured);
        };
        let number = window.number();
        let enough = number >= several.least;
        let compared = self.measure.compared(measured, place, true);
        let level = self.measure.level(place).filter(|_| enough);
        let statements = if enough {
            window.deciding(several.least, 0)
        } else {
            vec![fact.statement]
        };
        Ok(Judged {
            level: level.cloned(),
            comparison: Comparison::several(compared, number, several.least),
            statements,
        })
    }
}

/// What ends evidence, gathered from the last fact to the first.
#[derive(Debug, Default)]
struct Ends<'a> {
    /// By object.
    undone: HashMap<Option<String>, &'a KnownFact>,
    closed: Option<(&'a KnownFact, Closing)>,
}

impl<'a> Ends<'a> {
    /// Returns what ends a fact's evidence; `None` for a fact that shows nothing itself.
    fn before(&mut self, fact: &'a KnownFact, said: &Said) -> Option<Ended<'a>> {
        match &said.what {
            What::Measured(_) => Some(Ended {
                undone: self.undone.get(&said.object).copied(),
                closed: self.closed,
            }),
            What::Undone => {
                self.undone.insert(said.object.clone(), fact);
                None
            }
            What::Closed(closing) => {
                self.closed = Some((fact, *closing));
                None
            }
        }
    }
}

/// Returns the programme activity that a statement is about.
pub(crate) fn unit(said: &Said, day: Date, registers: &RegisterView<'_>) -> Unit {
    registers.unit(&said.named(), |_| true, day)
}

/// Returns the projects that a fact counts for, by the programme activity that it is about.
pub(crate) fn counts_for(
    fact: &KnownFact,
    said: &Said,
    (unit, day): (&Unit, Date),
    registers: &RegisterView<'_>,
) -> BTreeSet<ProjectCode> {
    registers.counts_for(unit, &said.named(), &fact.space, day)
}

/// Returns the training scheme that a statement belongs to, where it is a single one.
fn scheme(said: &Said, day: Date, registers: &RegisterView<'_>) -> Option<String> {
    match registers.unit(&said.named(), |kind| kind == SCHEME, day) {
        Unit::One(scheme) => Some(scheme),
        Unit::None | Unit::Ambiguous(_) => None,
    }
}

/// Returns when a fact happened in the time zone of its space's project.
pub(crate) fn local(fact: &KnownFact, registers: &RegisterView<'_>) -> ZonedDateTime {
    let utc_day = fact.happened.to_zoned_datetime(TimeZone::UTC).date();
    let zone = registers.value(EntityKind::Project, fact.space.project(), "zone", utc_day);
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
    fact.happened.to_zoned_datetime(zone.unwrap_or_else(|| {
        TimeZone::get(ZONE).expect("the time zone database is part of the program")
    }))
}
