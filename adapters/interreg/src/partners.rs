//! Keys of organisations that cooperate, and of events that they hold.

use jiff::civil::Date;
use varde_core::ledger::{Entry, Group, KnownFact};
use varde_core::registers::{EntityKind, RegisterView};

use crate::conclusion::{Conclusion, Reason, Standing};
use crate::counting_rule::{CountingRule, Family};
use crate::deed::{Deed, Does};
use crate::joint::{JointSince, joint_since};
use crate::placing::{PUBLIC_EVENT, any_unit, kind};
use crate::rulebook::{Counted, Rules, Seen};

/// What is concluded of an organisation.
struct Finding<'f, 'a> {
    deciding: Vec<&'f Seen<'a, Deed>>,
    standing: Standing,
}

impl Rules {
    /// Concludes on an organisation of the partnership.
    pub(crate) fn partner(
        &self,
        organisation: &str,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen: Vec<Seen<'_, Deed>> = self.seen(facts, registers);
        let since = joint_since(read);
        let entries = self.of(Family::Partner).filter_map(|counted| {
            let finding = match counted.rule {
                CountingRule::CooperatingAfterwards => {
                    self.goes_on(counted, &seen, since, registers)?
                }
                _ => self.joined(counted.months_after_end, &seen, since, registers)?,
            };
            let asking = *finding.deciding.first()?;
            let unit = |deed: &Deed, day| any_unit(deed, registers, day);
            self.rest_on(&finding.deciding, unit, registers);
            let joined = seen
                .iter()
                .find(|fact| fact.said.does == Does::JoinedPartnership);
            let conclusion = Conclusion {
                organisation: Some(organisation.to_owned()),
                kind: joined.and_then(|fact| fact.said.kind.clone()),
                ..Conclusion::new(&counted.code, asking.day, finding.standing)
            };
            let deciding = finding.deciding.iter().map(|fact| fact.known);
            self.entry(counted.code_text.clone(), &conclusion, deciding, registers)
        });
        entries.collect()
    }

    /// An organisation counts once it joined and organisations of two countries are in.
    fn joined<'f, 'a>(
        &self,
        months: u8,
        seen: &'f [Seen<'a, Deed>],
        since: Option<JointSince>,
        registers: &RegisterView<'_>,
    ) -> Option<Finding<'f, 'a>> {
        let mut joined = seen
            .iter()
            .filter(|fact| fact.said.does == Does::JoinedPartnership);
        let first = joined.next()?;
        let standing = match since {
            None => Standing::Excluded(Reason::OneCountryOnly),
            Some(since) => {
                let last_day = self.last_day(months, registers, first.day);
                last_day.standing(since.and(first.day))
            }
        };
        Some(Finding {
            deciding: vec![first],
            standing,
        })
    }

    /// And once it signed an agreement that holds beyond the project's last day.
    fn goes_on<'f, 'a>(
        &self,
        counted: &Counted,
        seen: &'f [Seen<'a, Deed>],
        since: Option<JointSince>,
        registers: &RegisterView<'_>,
    ) -> Option<Finding<'f, 'a>> {
        let signed: Vec<_> = seen
            .iter()
            .filter(|fact| fact.said.does == Does::Signed)
            .collect();
        let first = *signed.first()?;
        let excluded = |reason| Finding {
            deciding: vec![first],
            standing: Standing::Excluded(reason),
        };
        let Some(end) = self.project_day("end", registers, first.day) else {
            return Some(excluded(Reason::ProjectEndUnknown));
        };
        let beyond =
            |fact: &&&Seen<'_, Deed>| fact.said.valid_until.is_some_and(|until| end < until);
        let Some(agreement) = signed.iter().find(beyond) else {
            return Some(excluded(Reason::EndsWithProject));
        };
        let months = self.months(CountingRule::CooperatingOrganisations);
        let Some(joined) = self.joined(months, seen, since, registers) else {
            return Some(excluded(Reason::NotInPartnership));
        };
        let last_day = self.last_day(counted.months_after_end, registers, agreement.day);
        let standing = match joined.standing {
            Standing::CountedFrom(day) => last_day.standing(day.max(agreement.day)),
            excluded @ Standing::Excluded(_) => excluded,
        };
        let deciding = [*agreement].into_iter().chain(joined.deciding);
        Some(Finding {
            deciding: deciding.collect(),
            standing,
        })
    }

    /// Concludes on a public event: it counts from its last day on, once that has passed.
    pub(crate) fn event(
        &self,
        iri: &str,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen: Vec<Seen<'_, Deed>> = self.seen(facts, registers);
        let registered = kind(iri, registers, Date::MAX) == Some(PUBLIC_EVENT)
            && registers
                .projects_of(iri, Date::MAX)
                .contains(&self.project);
        if !registered && seen.is_empty() {
            return Vec::new();
        }
        let entries = self.of(Family::Event).filter_map(|counted| {
            let deciding: Vec<_> = seen.first().into_iter().collect();
            self.rest_on(
                &deciding,
                |deed, day| any_unit(deed, registers, day),
                registers,
            );
            kind(iri, registers, Date::MAX);
            registers.projects_of(iri, Date::MAX);
            let (day, standing) = self.held(counted, iri, joint_since(read), registers);
            let told = deciding.first().map(|fact| fact.day);
            let conclusion = Conclusion {
                units: vec![iri.to_owned()],
                partners: seen.iter().map(|fact| fact.said.by.clone()).collect(),
                ..Conclusion::new(&counted.code, day.or(told).unwrap_or(Date::MIN), standing)
            };
            let deciding = deciding.iter().map(|fact| fact.known);
            self.entry(counted.code_text.clone(), &conclusion, deciding, registers)
        });
        entries.collect()
    }

    /// Returns the event's last day and whether it counts.
    fn held(
        &self,
        counted: &Counted,
        iri: &str,
        joint: Option<JointSince>,
        registers: &RegisterView<'_>,
    ) -> (Option<Date>, Standing) {
        let value = |field| registers.value(EntityKind::Activity, iri, field, Date::MAX);
        let day = value("end")
            .or_else(|| value("start"))
            .and_then(|day| day.parse().ok());
        let excluded = match (day, joint) {
            _ if value("cancelled") == Some("yes") => Err(Reason::Cancelled),
            _ if value("public") == Some("no") => Err(Reason::NotPublic),
            (None, _) => Err(Reason::NoEndDay),
            (Some(_), None) => Err(Reason::NotJoint),
            (Some(day), Some(since)) => Ok((day, since)),
        };
        let standing = match excluded {
            Err(reason) => Standing::Excluded(reason),
            Ok((day, since)) => {
                let last_day = self.last_day(counted.months_after_end, registers, day);
                last_day.standing(since.and(day))
            }
        };
        (day, standing)
    }
}
