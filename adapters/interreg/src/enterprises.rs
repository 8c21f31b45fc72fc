//! Keys of enterprises: support, innovations, jobs.

use jiff::ToSpan as _;
use jiff::civil::Date;
use varde_core::ledger::{Entry, KnownFact};
use varde_core::registers::{EntityKind, RegisterView, SizeClass};

use crate::conclusion::{Conclusion, Exact, Reason, Standing};
use crate::counting_rule::{CountingRule, Family};
use crate::deed::{Deed, Does};
use crate::placing::any_unit;
use crate::rulebook::{Counted, Rules, Seen};

/// Jobs are provisional until so many months after the project's last day.
const PROVISIONAL_MONTHS: u8 = 12;
/// An enterprise is new when it was founded later than so many years before the project began.
const NEW_YEARS: i8 = 3;

type Facts<'f, 'a> = Vec<&'f Seen<'a, Deed>>;

/// An enterprise and what is known of it.
struct Enterprise<'e, 'a> {
    organisation: &'e str,
    seen: &'e [Seen<'a, Deed>],
    registers: &'e RegisterView<'e>,
    rules: &'e Rules,
}

/// What is concluded of an enterprise.
struct Finding<'f, 'a> {
    deciding: Facts<'f, 'a>,
    /// The day of the fact that asks to be counted.
    occurred: Date,
    standing: Standing,
}

impl Rules {
    /// Concludes on an enterprise.
    pub(crate) fn enterprise(
        &self,
        organisation: &str,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen = self.seen(facts, registers);
        let enterprise = Enterprise {
            organisation,
            seen: &seen,
            registers,
            rules: self,
        };
        let indicators = self.of(Family::Enterprise);
        indicators
            .flat_map(|counted| enterprise.entries(counted))
            .collect()
    }
}

impl<'e, 'a> Enterprise<'e, 'a> {
    fn entries(&self, counted: &Counted) -> Vec<Entry> {
        let finding = match counted.rule {
            CountingRule::JobsCreated => return self.jobs(counted),
            CountingRule::Grants => self.first_support(counted, "grant"),
            CountingRule::FinancialInstruments => {
                self.first_support(counted, "financial-instrument")
            }
            CountingRule::NonFinancialSupport => self.long_enough(counted),
            CountingRule::NewEnterprises => self.new_enterprise(counted),
            CountingRule::ProductOrProcessInnovations => {
                self.innovation(counted, &["product", "process"])
            }
            CountingRule::MarketingOrOrganisationalInnovations => {
                self.innovation(counted, &["marketing", "organisational"])
            }
            _ => self.first_support(counted, ""),
        };
        let entry = finding.and_then(|finding| {
            let conclusion = self.conclusion(counted, &finding);
            self.entry(counted, counted.code_text.clone(), &conclusion, &finding)
        });
        entry.into_iter().collect()
    }

    fn facts(&self, does: Does) -> impl Iterator<Item = &'e Seen<'a, Deed>> {
        self.seen.iter().filter(move |fact| fact.said.does == does)
    }

    /// Finds the first support of a kind, of any where none is named.
    fn first_support(&self, counted: &Counted, kind: &str) -> Option<Finding<'e, 'a>> {
        let is =
            |fact: &&Seen<'_, Deed>| kind.is_empty() || fact.said.kind.as_deref() == Some(kind);
        let first = self.facts(Does::ReceivedSupport).find(is)?;
        let last_day = self
            .rules
            .last_day(counted.months_after_end, self.registers, first.day);
        Some(Finding {
            deciding: vec![first],
            occurred: first.day,
            standing: last_day.standing(first.day),
        })
    }

    /// Finds the day on which the support that is not financial was long enough.
    fn long_enough(&self, counted: &Counted) -> Option<Finding<'e, 'a>> {
        let is = |fact: &&Seen<'_, Deed>| fact.said.kind.as_deref() == Some("non-financial");
        let mut deciding = Vec::new();
        let mut seconds = 0_u64;
        for fact in self.facts(Does::ReceivedSupport).filter(is) {
            deciding.push(fact);
            seconds = seconds.saturating_add(fact.said.seconds);
            if counted.support_seconds_min <= seconds {
                break;
            }
        }
        let (first, last) = (deciding.first()?.day, deciding.last()?.day);
        let last_day = self
            .rules
            .last_day(counted.months_after_end, self.registers, last);
        let standing = if seconds < counted.support_seconds_min {
            Standing::Excluded(Reason::SupportTooShort)
        } else {
            last_day.standing(last)
        };
        Some(Finding {
            deciding,
            occurred: first,
            standing,
        })
    }

    /// Finds the first support of an enterprise that was new when the project began.
    fn new_enterprise(&self, counted: &Counted) -> Option<Finding<'e, 'a>> {
        let mut finding = self.first_support(counted, "")?;
        finding.standing = match (finding.standing, self.is_new(finding.occurred)) {
            (excluded @ Standing::Excluded(_), _) => excluded,
            (_, None) => Standing::Excluded(Reason::AgeUnknown),
            (_, Some(false)) => Standing::Excluded(Reason::NotNew),
            (counted, Some(true)) => counted,
        };
        Some(finding)
    }

    fn is_new(&self, day: Date) -> Option<bool> {
        let kind = EntityKind::Organisation;
        let founded = self
            .registers
            .value(kind, self.organisation, "founded-on", day);
        let start = self.rules.project_day("start", self.registers, day);
        let founded: Date = founded?.parse().ok()?;
        Some(start?.saturating_sub(NEW_YEARS.years()) < founded)
    }

    /// Finds the first innovation of one of some kinds; it counts once the enterprise is supported.
    fn innovation(&self, counted: &Counted, kinds: &[&str]) -> Option<Finding<'e, 'a>> {
        let is = |fact: &&Seen<'_, Deed>| {
            fact.said
                .kind
                .as_deref()
                .is_some_and(|kind| kinds.contains(&kind))
        };
        let first = self.facts(Does::Introduced).find(is)?;
        let last_day = self
            .rules
            .last_day(counted.months_after_end, self.registers, first.day);
        let standing = match self.supported() {
            Err(reason) => Standing::Excluded(reason),
            Ok((_, day)) if self.size(day) == SizeClass::Large => {
                Standing::Excluded(Reason::LargeEnterprise)
            }
            Ok((_, day)) => last_day.standing(day.max(first.day)),
        };
        let support = self.supported().ok().map(|(support, _)| support);
        Some(Finding {
            deciding: [first].into_iter().chain(support).collect(),
            occurred: first.day,
            standing,
        })
    }

    /// Returns the first support and the day from which the enterprise counts as supported, or why it
    /// does not.
    fn supported(&self) -> Result<(&'e Seen<'a, Deed>, Date), Reason> {
        let first = self.facts(Does::ReceivedSupport).next();
        let first = first.ok_or(Reason::NotSupported)?;
        let months = self.rules.months(CountingRule::EnterprisesSupported);
        match self
            .rules
            .last_day(months, self.registers, first.day)
            .standing(first.day)
        {
            Standing::CountedFrom(day) => Ok((first, day)),
            Standing::Excluded(reason) => Err(reason),
        }
    }

    fn size(&self, day: Date) -> SizeClass {
        SizeClass::of(self.organisation, self.registers, day)
    }

    /// Concludes on each measurement of employment: the latest counts from its day on, until the next.
    fn jobs(&self, counted: &Counted) -> Vec<Entry> {
        let (mut left_out, mut measured) = (Vec::new(), Vec::new());
        for fact in self.facts(Does::ReportedEmployment) {
            let last_day = self
                .rules
                .last_day(counted.months_after_end, self.registers, fact.day);
            match (self.supported(), last_day.standing(fact.day)) {
                _ if fact.said.employment.is_none() => left_out.push((fact, Reason::NoFigures)),
                (_, Standing::Excluded(reason)) | (Err(reason), _) => left_out.push((fact, reason)),
                (Ok((support, day)), _) => measured.push((fact, support, day.max(fact.day))),
            }
        }
        // Of several that count from one day, the last stands.
        let later = measured
            .iter()
            .skip(1)
            .map(|(_, _, day)| Some(*day))
            .chain([None]);
        let stand = measured.iter().zip(later);
        let stand = stand.filter(|((_, _, from), until)| *until != Some(*from));
        let counted_ones = stand.filter_map(|((fact, support, from), until)| {
            self.measurement(counted, (fact, support), *from, until)
        });
        let excluded = left_out.into_iter().filter_map(|(fact, reason)| {
            let finding = Finding {
                deciding: vec![fact],
                occurred: fact.day,
                standing: Standing::Excluded(reason),
            };
            let conclusion = self.conclusion(counted, &finding);
            let key = format!("{}@{}", counted.code_text, fact.known.statement);
            self.entry(counted, key, &conclusion, &finding)
        });
        counted_ones.chain(excluded).collect()
    }

    fn measurement(
        &self,
        counted: &Counted,
        (fact, support): (&'e Seen<'a, Deed>, &'e Seen<'a, Deed>),
        from: Date,
        until: Option<Date>,
    ) -> Option<Entry> {
        let finding = Finding {
            deciding: vec![fact, support],
            occurred: fact.day,
            standing: Standing::CountedFrom(from),
        };
        let mut conclusion = self.conclusion(counted, &finding);
        conclusion.amount = Some(Exact(fact.said.employment?.created()));
        conclusion.until = until;
        let end = self.rules.project_day("end", self.registers, fact.day);
        conclusion.provisional_before =
            end.map(|end| end.saturating_add(i32::from(PROVISIONAL_MONTHS).months()));
        let key = format!("{}@{}", counted.code_text, fact.known.statement);
        self.entry(counted, key, &conclusion, &finding)
    }

    fn conclusion(&self, counted: &Counted, finding: &Finding<'_, '_>) -> Conclusion {
        let providers = finding
            .deciding
            .iter()
            .flat_map(|fact| &fact.said.providers);
        let mut partners: Vec<String> = providers.cloned().collect();
        partners.sort();
        partners.dedup();
        Conclusion {
            organisation: Some(self.organisation.to_owned()),
            partners,
            supported: self
                .facts(Does::ReceivedSupport)
                .next()
                .map(|fact| fact.day),
            ..Conclusion::new(&counted.code, finding.occurred, finding.standing)
        }
    }

    fn entry(
        &self,
        counted: &Counted,
        key: String,
        conclusion: &Conclusion,
        finding: &Finding<'_, '_>,
    ) -> Option<Entry> {
        let registers = self.registers;
        let unit = |deed: &Deed, day| any_unit(deed, registers, day);
        self.rules.rest_on(&finding.deciding, unit, registers);
        if counted.rule == CountingRule::NewEnterprises {
            self.is_new(finding.occurred);
        }
        if conclusion.standing == Standing::Excluded(Reason::LargeEnterprise) {
            conclusion.supported.map(|day| self.size(day));
        }
        let deciding = finding.deciding.iter().map(|fact| fact.known);
        self.rules.entry(key, conclusion, deciding, registers)
    }
}
