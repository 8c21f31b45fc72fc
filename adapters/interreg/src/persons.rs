//! Keys of persons: in training schemes, in joint actions, and by themselves.

use varde_core::ledger::{Entry, Group, KnownFact};
use varde_core::registers::{EntityKind, RegisterView, Unit};

use crate::conclusion::{Conclusion, Course, Reason, Standing};
use crate::counting_rule::{CountingRule, Family};
use crate::fact::{Completion, Said};
use crate::joint::{JointSince, joint_since};
use crate::rulebook::{Counted, LastDay, Rules, Seen};

/// What is concluded, with the facts that decided it, the one that asks to be counted first.
#[derive(Debug, Clone)]
struct Finding<'f, 'a> {
    deciding: Vec<&'f Seen<'a, Said>>,
    standing: Standing,
}

impl Rules {
    /// Concludes on a person in a training scheme.
    pub(crate) fn in_scheme(
        &self,
        scheme: &str,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let (joint, seen) = (joint_since(read), self.seen(facts, registers));
        let indicators = self.of(Family::Scheme);
        let entries = indicators.filter_map(|counted| {
            let last_day =
                |months, fact: &Seen<'_, Said>| self.last_day(months, registers, fact.day);
            let first = seen.iter().find(|fact: &&Seen<'_, Said>| fact.said.starts);
            let completion = |months| {
                let began = self.months(CountingRule::Participations);
                let began = participation(first, joint, |fact| last_day(began, fact));
                let own = |said: &Said| self.completes(said, scheme);
                completion(&seen, own, began, |fact| last_day(months, fact))
            };
            let counts = counted.months_after_end;
            let participation = || participation(first, joint, |fact| last_day(counts, fact));
            let is_counted =
                |finding: &Finding<'_, '_>| matches!(finding.standing, Standing::CountedFrom(_));
            let finding = match counted.rule {
                CountingRule::Participations => participation()?,
                CountingRule::Completions => completion(counts)?,
                _ => participation().filter(is_counted)?,
            };
            if counted.rule != CountingRule::CompletionRate {
                return self.of_person(counted, (Family::Scheme, scheme), finding, None, registers);
            }
            let completed = completion(self.months(CountingRule::Completions));
            let course = (&seen[..], completed.filter(is_counted));
            self.of_person(
                counted,
                (Family::Scheme, scheme),
                finding,
                Some(course),
                registers,
            )
        });
        entries.collect()
    }

    /// Concludes on a person in a joint action.
    pub(crate) fn in_action(
        &self,
        action: &str,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let joint = joint_since(read);
        let mut seen: Vec<Seen<'_, Said>> = self.seen(facts, registers);
        seen.retain(|fact| fact.said.attended);
        let indicators = self.of(Family::Action);
        let entries = indicators.filter_map(|counted| {
            let months = counted.months_after_end;
            let last_day = |fact: &Seen<'_, Said>| self.last_day(months, registers, fact.day);
            let afterwards = |fact: &&Seen<'_, Said>| {
                let end = self.project_day("end", registers, fact.day);
                end.is_some_and(|end| end < fact.day)
            };
            let finding = match counted.rule {
                CountingRule::JointActionsAfterwards => {
                    participation(seen.iter().find(afterwards), joint, last_day)
                }
                CountingRule::InclusiveJointActions => {
                    let first = seen.first();
                    let first = first.filter(|fact| is_inclusive(action, fact, registers));
                    participation(first, joint, last_day)
                }
                _ => participation(seen.first(), joint, last_day),
            };
            self.of_person(counted, (Family::Action, action), finding?, None, registers)
        });
        entries.collect()
    }

    /// Concludes on a person who began something.
    pub(crate) fn participant(
        &self,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen: Vec<Seen<'_, Said>> = self.seen(facts, registers);
        let first = seen.iter().find(|fact| fact.said.starts);
        let entries = self.of(Family::Participant).filter_map(|counted| {
            let first = first?;
            let last_day = self.last_day(counted.months_after_end, registers, first.day);
            let finding = Finding {
                deciding: vec![first],
                standing: last_day.standing(first.day),
            };
            self.of_person(counted, (Family::Participant, ""), finding, None, registers)
        });
        entries.collect()
    }

    /// Lists a person whose statements name several units at one distance.
    pub(crate) fn ambiguous(
        &self,
        family: Family,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen: Vec<Seen<'_, Said>> = self.seen(facts, registers);
        let Some(first) = seen.first() else {
            return Vec::new();
        };
        let Unit::Ambiguous(units) = self.unit(family, &first.said, registers, first.day) else {
            return Vec::new();
        };
        let counts = |rule| {
            matches!(
                rule,
                CountingRule::Participations | CountingRule::JointActions
            )
        };
        let indicators = self.of(family).filter(|counted| counts(counted.rule));
        let entries = indicators.filter_map(|counted| {
            let finding = Finding {
                deciding: vec![first],
                standing: Standing::Excluded(Reason::AmbiguousUnit),
            };
            let mut conclusion = self.about(counted, (family, ""), &finding, registers)?;
            conclusion.units.clone_from(&units);
            let deciding = finding.deciding.iter().map(|fact| fact.known);
            self.entry(counted.code_text.clone(), &conclusion, deciding, registers)
        });
        entries.collect()
    }

    /// Returns the entry of a person, of the course of their participation too where that is given.
    fn of_person<'f, 'a>(
        &self,
        counted: &Counted,
        (family, unit): (Family, &str),
        mut finding: Finding<'f, 'a>,
        course: Option<(&[Seen<'a, Said>], Option<Finding<'f, 'a>>)>,
        registers: &RegisterView<'_>,
    ) -> Option<Entry> {
        let course = match course {
            None => None,
            Some((seen, completed)) => {
                let day = completed
                    .as_ref()
                    .and_then(|completed| match completed.standing {
                        Standing::CountedFrom(day) => Some(day),
                        Standing::Excluded(_) => None,
                    });
                let mut starts: Vec<_> = seen
                    .iter()
                    .filter(|fact| fact.said.starts)
                    .map(|f| f.day)
                    .collect();
                starts.dedup();
                let more = completed
                    .into_iter()
                    .flat_map(|completed| completed.deciding);
                finding.deciding.extend(more);
                Course::of(&starts, day)
            }
        };
        let mut conclusion = self.about(counted, (family, unit), &finding, registers)?;
        conclusion.course = course;
        if !unit.is_empty() {
            conclusion.units = vec![unit.to_owned()];
        }
        let deciding = finding.deciding.iter().map(|fact| fact.known);
        self.entry(counted.code_text.clone(), &conclusion, deciding, registers)
    }

    fn about(
        &self,
        counted: &Counted,
        (family, unit): (Family, &str),
        finding: &Finding<'_, '_>,
        registers: &RegisterView<'_>,
    ) -> Option<Conclusion> {
        let asking = finding.deciding.first()?;
        let unit_of = |said: &Said, day| self.unit(family, said, registers, day);
        self.rest_on(&finding.deciding, unit_of, registers);
        if counted.rule == CountingRule::InclusiveJointActions {
            is_inclusive(unit, asking, registers);
        }
        let deciding = finding.deciding.iter();
        let persons: Vec<_> = deciding
            .map(|fact| registers.person(fact.said.who, fact.day))
            .collect();
        Some(Conclusion {
            person: Some(persons.into_iter().next()?),
            team: asking.said.team.clone(),
            ..Conclusion::new(&counted.code, asking.day, finding.standing)
        })
    }
}

/// Tells whether an action is registered as one for equality and inclusion.
fn is_inclusive(action: &str, fact: &Seen<'_, Said>, registers: &RegisterView<'_>) -> bool {
    registers.value(EntityKind::Activity, action, "inclusion", fact.day) == Some("yes")
}

/// Decides on a participation by the fact that begins it.
fn participation<'f, 'a>(
    first: Option<&'f Seen<'a, Said>>,
    joint: Option<JointSince>,
    last_day: impl Fn(&Seen<'a, Said>) -> LastDay,
) -> Option<Finding<'f, 'a>> {
    let first = first?;
    let standing = match joint {
        None => Standing::Excluded(Reason::NotJoint),
        Some(since) => last_day(first).standing(since.and(first.day)),
    };
    Some(Finding {
        deciding: vec![first],
        standing,
    })
}

/// Decides on a completion, given the participation; `own` tells the facts that speak of the
/// completion of the scheme itself.
fn completion<'f, 'a>(
    facts: &'f [Seen<'a, Said>],
    own: impl Fn(&Said) -> bool,
    participation: Option<Finding<'f, 'a>>,
    last_day: impl Fn(&Seen<'a, Said>) -> LastDay,
) -> Option<Finding<'f, 'a>> {
    let facts: Vec<&Seen<'a, Said>> = facts.iter().filter(|fact| own(&fact.said)).collect();
    let said = |fact: &Seen<'_, Said>, completion| fact.said.completion == Some(completion);
    let done =
        |fact: &Seen<'_, Said>| said(fact, Completion::Done) || said(fact, Completion::Credential);
    // The latest word on one object holds.
    let undone_later = |n: usize, fact: &Seen<'_, Said>| {
        let mut later = facts.iter().skip(n);
        later.any(|f| said(f, Completion::Undone) && f.said.object == fact.said.object)
    };
    let held = facts.iter().enumerate();
    let held = held
        .into_iter()
        .find(|(n, fact)| done(fact) && !undone_later(*n, fact));
    let first = |is: &dyn Fn(&Seen<'_, Said>) -> bool| facts.iter().copied().find(|fact| is(fact));
    let Some((_, completed)) = held else {
        let (denied, undone) = (first(&|fact| said(fact, Completion::Denied)), first(&done));
        let (fact, reason) = match (undone, denied) {
            (Some(fact), _) => (fact, Reason::CompletionUndone),
            (None, Some(fact)) => (fact, Reason::CompletionDenied),
            (None, None) => return None,
        };
        return Some(Finding {
            deciding: vec![fact],
            standing: Standing::Excluded(reason),
        });
    };
    let mut deciding = vec![*completed];
    let standing = match participation {
        None => Standing::Excluded(Reason::NoParticipation),
        Some(participation) => {
            deciding.extend(participation.deciding);
            match participation.standing {
                Standing::CountedFrom(day) => last_day(completed).standing(day.max(completed.day)),
                excluded @ Standing::Excluded(_) => excluded,
            }
        }
    };
    Some(Finding { deciding, standing })
}
