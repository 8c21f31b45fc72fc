//! Keys of what organisations develop together and adopt: strategies, pilot actions, solutions.

use jiff::civil::Date;
use varde_core::ledger::{Entry, KnownFact};
use varde_core::registers::RegisterView;

use crate::conclusion::{Conclusion, Reason, Standing};
use crate::counting_rule::{CountingRule, Family};
use crate::deed::{Deed, Does};
use crate::joint::two_countries;
use crate::placing::{any_unit, kind};
use crate::rulebook::{Rules, Seen};

type Facts<'f, 'a> = Vec<&'f Seen<'a, Deed>>;

/// What is concluded of an object.
struct Finding<'f, 'a> {
    deciding: Facts<'f, 'a>,
    standing: Standing,
}

impl<'f, 'a> Finding<'f, 'a> {
    fn excluded(deciding: Facts<'f, 'a>, reason: Reason) -> Self {
        Self {
            deciding,
            standing: Standing::Excluded(reason),
        }
    }

    /// Leaves out what counts only from a day too late.
    fn within(self, counts: impl Fn(Date) -> Standing) -> Self {
        match self.standing {
            Standing::CountedFrom(day) => Self {
                standing: counts(day),
                ..self
            },
            Standing::Excluded(_) => self,
        }
    }

    /// Joins a further condition, which a fact fulfils.
    fn and(self, fact: Option<&&'f Seen<'a, Deed>>, otherwise: Reason) -> Self {
        let Standing::CountedFrom(day) = self.standing else {
            return self;
        };
        let Some(fact) = fact else {
            return Self::excluded(self.deciding, otherwise);
        };
        Self {
            deciding: [*fact].into_iter().chain(self.deciding).collect(),
            standing: Standing::CountedFrom(day.max(fact.day)),
        }
    }
}

/// An object and what is known of it.
struct Object<'o, 'a> {
    seen: &'o [Seen<'a, Deed>],
    kind: Option<String>,
}

impl Rules {
    /// Concludes on an object.
    pub(crate) fn object(
        &self,
        iri: &str,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen: Vec<Seen<'_, Deed>> = self.seen(facts, registers);
        let said = seen.iter().find_map(|fact| fact.said.object_kind.clone());
        let registered = || {
            let first = seen.first()?;
            kind(iri, registers, first.day).map(str::to_owned)
        };
        let object = Object {
            seen: &seen,
            kind: said.or_else(registered),
        };
        let entries = self.of(Family::Object).filter_map(|counted| {
            let within = |months, day| self.last_day(months, registers, day).standing(day);
            let counts = |rule| move |day| within(self.months(rule), day);
            let finding = match counted.rule {
                CountingRule::StrategiesTakenUp => {
                    object.taken_up_strategy(counts(CountingRule::Strategies))
                }
                CountingRule::SolutionsTakenUp => {
                    object.taken_up_solution(counts(CountingRule::Solutions))
                }
                rule => object.made(rule),
            };
            let finding = finding?.within(|day| within(counted.months_after_end, day));
            let Finding { deciding, standing } = finding;
            let asking = *deciding.first()?;
            let unit = |deed: &Deed, day| any_unit(deed, registers, day);
            self.rest_on(&deciding, unit, registers);
            kind(iri, registers, asking.day);
            let conclusion = Conclusion {
                units: vec![iri.to_owned()],
                organisation: (counted.rule == CountingRule::SolutionsTakenUp)
                    .then(|| asking.said.by.clone()),
                partners: object.partners(),
                kind: object.kind.clone(),
                ..Conclusion::new(&counted.code, asking.day, standing)
            };
            let deciding = deciding.iter().map(|fact| fact.known);
            self.entry(counted.code_text.clone(), &conclusion, deciding, registers)
        });
        entries.collect()
    }
}

impl<'o, 'a> Object<'o, 'a> {
    /// Concludes on what organisations made together.
    fn made(&self, rule: CountingRule) -> Option<Finding<'o, 'a>> {
        match rule {
            CountingRule::Strategies if self.is_strategy() => self.developed(),
            CountingRule::PilotActions if self.is("pilot-action") => self.carried_out(),
            CountingRule::Solutions if self.is("solution") => self.solution(),
            _ => None,
        }
    }

    /// A strategy that counts, and that an organisation adopted.
    fn taken_up_strategy(&self, counts: impl Fn(Date) -> Standing) -> Option<Finding<'o, 'a>> {
        let developed = self.is_strategy().then(|| self.developed())?;
        self.adopted(developed.map(|developed| developed.within(counts)))
    }

    /// A solution that counts, and that an organisation took up.
    fn taken_up_solution(&self, counts: impl Fn(Date) -> Standing) -> Option<Finding<'o, 'a>> {
        let solution = self.is("solution").then(|| self.solution())?;
        let adopted = self.adopted(solution.map(|solution| solution.within(counts)))?;
        let legal = self.seen.iter().any(|fact| fact.said.legal);
        Some(if legal {
            Finding::excluded(adopted.deciding, Reason::LegalOrAdministrative)
        } else {
            adopted
        })
    }

    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    fn is_strategy(&self) -> bool {
        self.is("strategy") || self.is("action-plan")
    }

    fn facts(&self, does: Does) -> Facts<'o, 'a> {
        self.seen
            .iter()
            .filter(|fact| fact.said.does == does)
            .collect()
    }

    fn partners(&self) -> Vec<String> {
        let mut partners: Vec<String> = self.seen.iter().map(|fact| fact.said.by.clone()).collect();
        partners.sort();
        partners.dedup();
        partners
    }

    /// It counts from the day on which the second country is on record.
    fn developed(&self) -> Option<Finding<'o, 'a>> {
        let developed = self.facts(Does::Developed);
        Some(match two_countries(&developed) {
            Some((first, second)) => Finding {
                deciding: vec![second, first],
                standing: Standing::CountedFrom(second.day),
            },
            None => Finding::excluded(vec![developed.first()?], Reason::NotJointlyDeveloped),
        })
    }

    /// And that it is completed.
    fn carried_out(&self) -> Option<Finding<'o, 'a>> {
        let completed = self.facts(Does::Completed);
        Some(
            self.developed()?
                .and(completed.first(), Reason::NotFinished),
        )
    }

    /// And that the actions are named that its uptake needs.
    fn solution(&self) -> Option<Finding<'o, 'a>> {
        let mut named = self.facts(Does::Developed);
        named.retain(|fact| fact.said.uptake);
        Some(
            self.developed()?
                .and(named.first(), Reason::NoUptakeActions),
        )
    }

    /// An adoption counts once it is documented and what is adopted counts.
    fn adopted(&self, developed: Option<Finding<'o, 'a>>) -> Option<Finding<'o, 'a>> {
        let adoptions = self.facts(Does::Adopted);
        let first = *adoptions.first()?;
        let documented = adoptions.iter().find(|fact| fact.said.evidence);
        let Some(adoption) = documented else {
            return Some(Finding::excluded(vec![first], Reason::NoEvidence));
        };
        let Some(developed) = developed else {
            return Some(Finding::excluded(
                vec![adoption],
                Reason::NotJointlyDeveloped,
            ));
        };
        let deciding = [*adoption].into_iter().chain(developed.deciding);
        let standing = match developed.standing {
            Standing::CountedFrom(day) => Standing::CountedFrom(day.max(adoption.day)),
            excluded @ Standing::Excluded(_) => excluded,
        };
        Some(Finding {
            deciding: deciding.collect(),
            standing,
        })
    }
}
