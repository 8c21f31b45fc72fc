//! An indicator set at work: facts to groups, groups to conclusions.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use varde_core::ProjectCode;
use varde_core::classes::Class;
use varde_core::ledger::{Entry, Fact, Group, KnownFact, Rulebook, Tally, Witness};
use varde_core::registers::{Entity, EntityKind, RegisterView, Unit};
use varde_xapi::StatementId;

use crate::IndicatorCode;
use crate::conclusion::{Conclusion, Reason, Standing};
use crate::counting_rule::{CountingRule, Family};
use crate::deciding::Deciding;
use crate::fact::Told;
use crate::group::{GroupKey, KEY_STAGE};
use crate::set::IndicatorSet;
use crate::{deed, fact, placing};

/// One indicator, ready to count.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) code: IndicatorCode,
    /// The code as the keys of entries carry it.
    pub(crate) code_text: String,
    pub(crate) rule: CountingRule,
    pub(crate) months_after_end: u8,
    /// The least support that counts, in seconds.
    pub(crate) support_seconds_min: u64,
}

/// A compiled indicator set.
#[derive(Debug, Clone)]
pub(crate) struct IndicatorRules(Arc<Rules>);

/// What it says.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) project: ProjectCode,
    pub(crate) starting: Vec<Class>,
    /// By credential: the scheme whose completion it proves.
    pub(crate) certificates: HashMap<String, String>,
    pub(crate) indicators: Vec<Counted>,
    /// Whether a training scheme is a joint action too.
    pub(crate) training_is_action: bool,
}

impl IndicatorRules {
    /// Compiles a set whose counting rules are all built in.
    pub(crate) fn new(set: &IndicatorSet) -> Self {
        let certificates = set.certificates.iter().flat_map(|of| {
            let credentials = of.credentials.iter();
            credentials.map(|credential| (credential.clone(), of.scheme.clone()))
        });
        let indicators = set.indicators.iter().filter_map(|indicator| {
            let rule = CountingRule::of(&indicator.counting.rule)?;
            let months = indicator.counting.months_after_end;
            let least = indicator.counting.support_min.as_deref();
            Some(Counted {
                code: indicator.code.clone(),
                code_text: indicator.code.to_string(),
                rule,
                months_after_end: months.unwrap_or(rule.traits().months_after_end),
                support_seconds_min: least.and_then(deed::seconds).unwrap_or(0),
            })
        });
        let switches = set.indicators.iter().flat_map(|one| &one.switches);
        Self(Arc::new(Rules {
            project: set.project.clone(),
            starting: set.starting_classes.clone(),
            certificates: certificates.collect(),
            indicators: indicators.collect(),
            training_is_action: switches.into_iter().any(|(_, on)| *on),
        }))
    }
}

/// A fact that was read, with its local day.
#[derive(Debug, Clone)]
pub(crate) struct Seen<'a, T> {
    pub(crate) known: &'a KnownFact,
    pub(crate) said: T,
    pub(crate) day: Date,
}

/// The last day that counts; `None` inside where no project file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastDay(pub(crate) Option<Date>);

impl LastDay {
    /// Tells whether something counts from a day on.
    pub(crate) fn standing(self, day: Date) -> Standing {
        if self.0.is_none_or(|last| day <= last) {
            Standing::CountedFrom(day)
        } else {
            Standing::Excluded(Reason::AfterProjectEnd)
        }
    }
}

impl Rules {
    /// Returns the indicators whose keys are of a family.
    pub(crate) fn of(&self, family: Family) -> impl Iterator<Item = &Counted> {
        let indicators = self.indicators.iter();
        indicators.filter(move |counted| counted.rule.family() == family)
    }

    /// Tells whether any indicator's keys are of a family.
    pub(crate) fn has(&self, family: Family) -> bool {
        self.of(family).next().is_some()
    }

    /// Returns how long after the project's end a rule's keys count, where the set has it.
    pub(crate) fn months(&self, rule: CountingRule) -> u8 {
        let mut indicators = self.indicators.iter();
        let counted = indicators.find(|counted| counted.rule == rule);
        counted.map_or(rule.traits().months_after_end, |counted| {
            counted.months_after_end
        })
    }

    /// Returns the day of an instant in the project's zone.
    pub(crate) fn local_day(&self, instant: Timestamp, registers: &RegisterView<'_>) -> Date {
        registers.local_day(self.project.as_str(), instant)
    }

    /// Returns the project's first or last day as the register has it on a day: `start` or `end`.
    pub(crate) fn project_day(
        &self,
        field: &str,
        registers: &RegisterView<'_>,
        day: Date,
    ) -> Option<Date> {
        let found = registers.value(EntityKind::Project, self.project.as_str(), field, day);
        found?.parse().ok()
    }

    /// Returns the last day that counts.
    pub(crate) fn last_day(
        &self,
        months_after: u8,
        registers: &RegisterView<'_>,
        day: Date,
    ) -> LastDay {
        let end = self.project_day("end", registers, day);
        LastDay(end.map(|end| end.saturating_add(i32::from(months_after).months())))
    }

    /// Tells whether what a fact says counts for this project.
    pub(crate) fn counts_here(
        &self,
        (known, told): (&KnownFact, &impl Told),
        unit: &Unit,
        registers: &RegisterView<'_>,
        day: Date,
    ) -> bool {
        let projects = registers.counts_for(unit, &told.named(), &known.space, day);
        projects.contains(&self.project)
    }

    /// Reads those of a group's facts that are of one shape, with their days.
    pub(crate) fn seen<'a, T: Told>(
        &self,
        facts: &'a [KnownFact],
        registers: &RegisterView<'_>,
    ) -> Vec<Seen<'a, T>> {
        let seen = facts.iter().filter_map(|known| {
            Some(Seen {
                known,
                said: T::of(known)?,
                day: self.local_day(known.happened, registers),
            })
        });
        seen.collect()
    }

    /// Forgets which register rows were asked for so far and asks again for what the deciding facts rest
    /// on, so that an entry names the rows of its own facts only.
    pub(crate) fn rest_on<T: Told>(
        &self,
        deciding: &[&Seen<'_, T>],
        unit: impl Fn(&T, Date) -> Unit,
        registers: &RegisterView<'_>,
    ) {
        registers.take_rows();
        for fact in deciding {
            self.local_day(fact.known.happened, registers);
            let unit = unit(&fact.said, fact.day);
            self.counts_here((fact.known, &fact.said), &unit, registers, fact.day);
            self.last_day(0, registers, fact.day);
        }
    }

    /// Returns the entry of a conclusion, which names the register rows asked for since
    /// [`Rules::rest_on`].
    pub(crate) fn entry<'k>(
        &self,
        key: String,
        conclusion: &Conclusion,
        deciding: impl IntoIterator<Item = &'k KnownFact>,
        registers: &RegisterView<'_>,
    ) -> Option<Entry> {
        let mut statements: Vec<StatementId> = Vec::new();
        for fact in deciding {
            if !statements.contains(&fact.statement) {
                statements.push(fact.statement);
            }
        }
        Some(Entry {
            key,
            project: self.project.clone(),
            body: serde_json::to_value(conclusion).ok()?,
            statements,
            rows: registers.take_rows(),
        })
    }

    /// Concludes from the facts of a group that are given.
    pub(crate) fn conclude(
        &self,
        group: &Group,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        match GroupKey::parse(&group.key) {
            Some(GroupKey::Joint(activity)) => self.joint(activity, facts, registers),
            Some(GroupKey::Partnership) => self.partnership(facts, registers),
            Some(GroupKey::Ambiguous(..)) => self.ambiguous(Family::Scheme, facts, registers),
            Some(GroupKey::AmbiguousAction(..)) => self.ambiguous(Family::Action, facts, registers),
            Some(GroupKey::Scheme(scheme, _)) => self.in_scheme(scheme, facts, read, registers),
            Some(GroupKey::Action(action, _)) => self.in_action(action, facts, read, registers),
            Some(GroupKey::Participant(_)) => self.participant(facts, registers),
            Some(GroupKey::Enterprise(organisation)) => {
                self.enterprise(organisation, facts, registers)
            }
            Some(GroupKey::Object(iri)) => self.object(iri, facts, registers),
            Some(GroupKey::Partner(organisation)) => {
                self.partner(organisation, facts, read, registers)
            }
            Some(GroupKey::Event(iri)) => self.event(iri, facts, read, registers),
            None => Vec::new(),
        }
    }
}

impl Rulebook for IndicatorRules {
    fn wants(&self, verb: &str) -> bool {
        deed::wants(verb) || fact::wants(verb, &self.0.starting)
    }

    fn facts(&self, witness: &Witness<'_>) -> Vec<Fact> {
        let mut facts = fact::facts(witness, &self.0.starting);
        facts.extend(deed::fact(witness));
        facts
    }

    fn groups(&self, fact: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group> {
        placing::groups(&self.0, fact, registers)
    }

    fn introduced(&self, entity: &Entity, registers: &RegisterView<'_>) -> Vec<Group> {
        placing::introduced(&self.0, entity, registers)
    }

    fn last_stage(&self) -> u8 {
        KEY_STAGE
    }

    fn reads(&self, group: &Group) -> Vec<Group> {
        match GroupKey::parse(&group.key) {
            Some(GroupKey::Scheme(unit, _) | GroupKey::Action(unit, _) | GroupKey::Event(unit)) => {
                vec![GroupKey::Joint(unit).group()]
            }
            Some(GroupKey::Partner(_)) => vec![GroupKey::Partnership.group()],
            _ => Vec::new(),
        }
    }

    fn settle(
        &self,
        group: &Group,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        self.0.conclude(group, facts, read, registers)
    }

    fn tally(
        &self,
        group: &Group,
        facts: &[KnownFact],
        _registers: &RegisterView<'_>,
    ) -> Option<Box<dyn Tally>> {
        let tally = Deciding::of(Arc::clone(&self.0), group, facts)?;
        Some(Box::new(tally))
    }
}
