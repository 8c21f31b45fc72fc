//! The built-in ways to count: what each is called, which indicator it counts and in what it is broken down.

use crate::set::Measure;

/// A built-in way to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CountingRule {
    /// Enterprises supported in any way.
    EnterprisesSupported,
    /// Enterprises supported by grants.
    Grants,
    /// Enterprises supported by financial instruments.
    FinancialInstruments,
    /// Enterprises supported otherwise, for long enough.
    NonFinancialSupport,
    /// Supported enterprises founded less than three years before the project's start, or later.
    NewEnterprises,
    /// Persons in joint actions.
    JointActions,
    /// The same, of actions for equality and inclusion.
    InclusiveJointActions,
    /// The same, of actions after the project's end.
    JointActionsAfterwards,
    /// Persons in joint training schemes.
    Participations,
    /// Persons who completed one.
    Completions,
    /// Strategies and action plans drawn up by organisations of two countries.
    Strategies,
    /// Of these, those that an organisation adopted.
    StrategiesTakenUp,
    /// Pilot actions developed by organisations of two countries and carried out.
    PilotActions,
    /// Organisations that cooperate in the project.
    CooperatingOrganisations,
    /// Of these, those that agreed to go on.
    CooperatingAfterwards,
    /// Public events held jointly.
    PublicEvents,
    /// Solutions developed by organisations of two countries.
    Solutions,
    /// Of these, those that an organisation took up or scaled up.
    SolutionsTakenUp,
    /// Full-time equivalents created in supported enterprises.
    JobsCreated,
    /// Supported enterprises that introduced a product or process.
    ProductOrProcessInnovations,
    /// Supported enterprises that introduced something in marketing or organisation.
    MarketingOrOrganisationalInnovations,
    /// Persons who began anything.
    Participants,
    /// The share of participations that were completed.
    CompletionRate,
    /// The smallest country's share of participations.
    SmallestCountryShare,
    /// How far participants came from before to after.
    CompetenceGain,
}

/// What groups hold a rule's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Persons in training schemes.
    Scheme,
    /// Persons in joint actions.
    Action,
    /// Persons.
    Participant,
    /// Enterprises.
    Enterprise,
    /// Objects that were developed.
    Object,
    /// Organisations in the partnership.
    Partner,
    /// Events.
    Event,
    /// None: it is read from elsewhere.
    Elsewhere,
}

/// Everything that is fixed about a counting rule.
#[derive(Debug)]
pub(crate) struct Traits {
    pub(crate) rule: CountingRule,
    /// The name that indicator sets use.
    pub(crate) name: &'static str,
    /// The common indicator that it counts.
    pub(crate) code: &'static str,
    pub(crate) measure: Measure,
    /// How many months after the project's last day a key counts where the set does not say.
    pub(crate) months_after_end: u8,
    pub(crate) family: Family,
    pub(crate) dimensions: &'static [&'static str],
}

const PERSON: &[&str] = &[
    "country",
    "nuts3",
    "gender",
    "birth_year_band",
    "organisation",
];
const IN_SCHEME: &[&str] = &[
    "country",
    "nuts3",
    "gender",
    "birth_year_band",
    "organisation",
    "scheme",
];
const IN_ACTION: &[&str] = &[
    "country",
    "nuts3",
    "gender",
    "birth_year_band",
    "organisation",
    "action",
];
const ENTERPRISE: &[&str] = &["size", "country", "nuts3", "nace"];
const YEAR: u8 = 12;

/// A rule's traits in the order of their members.
const fn traits(
    rule: CountingRule,
    (name, code): (&'static str, &'static str),
    measure: Measure,
    months_after_end: u8,
    family: Family,
    dimensions: &'static [&'static str],
) -> Traits {
    Traits {
        rule,
        name,
        code,
        measure,
        months_after_end,
        family,
        dimensions,
    }
}

/// Every counting rule.
#[rustfmt::skip]
pub(crate) const RULES: [Traits; 25] = {
    use CountingRule as R;
    use Family as F;
    use Measure as M;
    [
        traits(R::EnterprisesSupported, ("enterprises-supported", "RCO01"), M::Count, 0, F::Enterprise, ENTERPRISE),
        traits(R::Grants, ("enterprises-supported-by-grants", "RCO02"), M::Count, 0, F::Enterprise, ENTERPRISE),
        traits(R::FinancialInstruments, ("enterprises-supported-by-financial-instruments", "RCO03"), M::Count, 0, F::Enterprise, ENTERPRISE),
        traits(R::NonFinancialSupport, ("enterprises-with-non-financial-support", "RCO04"), M::Count, 0, F::Enterprise, ENTERPRISE),
        traits(R::NewEnterprises, ("new-enterprises-supported", "RCO05"), M::Count, 0, F::Enterprise, &["country", "nuts3"]),
        traits(R::JointActions, ("joint-action-participations", "RCO81"), M::Count, 0, F::Action, IN_ACTION),
        traits(R::InclusiveJointActions, ("inclusive-joint-action-participations", "RCO82"), M::Count, 0, F::Action, IN_ACTION),
        traits(R::Strategies, ("strategies-jointly-developed", "RCO83"), M::Count, 0, F::Object, &["kind"]),
        traits(R::PilotActions, ("pilot-actions-jointly-implemented", "RCO84"), M::Count, 0, F::Object, &["kind"]),
        traits(R::Participations, ("joint-training-participations", "RCO85"), M::Count, 0, F::Scheme, IN_SCHEME),
        traits(R::CooperatingOrganisations, ("organisations-cooperating", "RCO87"), M::Count, 0, F::Partner, &["country", "role"]),
        traits(R::PublicEvents, ("joint-public-events", "RCO115"), M::Count, 0, F::Event, &["country"]),
        traits(R::Solutions, ("solutions-jointly-developed", "RCO116"), M::Count, 0, F::Object, &["kind"]),
        traits(R::JobsCreated, ("jobs-created", "RCR01"), M::Sum, YEAR, F::Enterprise, &["size", "country"]),
        traits(R::ProductOrProcessInnovations, ("product-or-process-innovations", "RCR03"), M::Count, YEAR, F::Enterprise, &["size", "country"]),
        traits(R::MarketingOrOrganisationalInnovations, ("marketing-or-organisational-innovations", "RCR04"), M::Count, YEAR, F::Enterprise, &["size", "country"]),
        traits(R::StrategiesTakenUp, ("strategies-taken-up", "RCR79"), M::Count, YEAR, F::Object, &["kind"]),
        traits(R::Completions, ("joint-training-completions", "RCR81"), M::Count, 0, F::Scheme, IN_SCHEME),
        traits(R::CooperatingAfterwards, ("organisations-cooperating-after-completion", "RCR84"), M::Count, YEAR, F::Partner, &["country"]),
        traits(R::JointActionsAfterwards, ("joint-action-participations-after-completion", "RCR85"), M::Count, YEAR, F::Action, IN_ACTION),
        traits(R::SolutionsTakenUp, ("solutions-taken-up", "RCR104"), M::Count, YEAR, F::Object, &["country"]),
        traits(R::Participants, ("participants", "PS01"), M::Count, 0, F::Participant, PERSON),
        traits(R::CompletionRate, ("completion-rate", "PS02"), M::Ratio, 0, F::Scheme, &["scheme", "country", "state"]),
        traits(R::SmallestCountryShare, ("smallest-country-share", "PS03"), M::Ratio, 0, F::Scheme, &["country", "scheme"]),
        traits(R::CompetenceGain, ("competence-gain", "PS04"), M::Summary, 0, F::Elsewhere, &[]),
    ]
};

impl CountingRule {
    /// Returns the rule of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let mut rules = RULES.iter();
        Some(rules.find(|traits| traits.name == name)?.rule)
    }

    /// Returns what is fixed about it.
    pub(crate) fn traits(self) -> &'static Traits {
        let [first, ..] = &RULES;
        RULES
            .iter()
            .find(|traits| traits.rule == self)
            .unwrap_or(first)
    }

    /// Returns what groups hold its keys.
    pub(crate) fn family(self) -> Family {
        self.traits().family
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_stands_once_with_a_name_and_a_code_of_its_own() {
        let names: BTreeSet<_> = RULES.iter().map(|traits| traits.name).collect();
        let codes: BTreeSet<_> = RULES.iter().map(|traits| traits.code).collect();
        assert_eq!((names.len(), codes.len()), (RULES.len(), RULES.len()));
        for traits in &RULES {
            assert_eq!(CountingRule::of(traits.name), Some(traits.rule));
            assert_eq!(traits.rule.traits().name, traits.name);
        }
    }
    #[test]
    fn page_and_example_tell_of_every_rule() {
        let page = include_str!("../../../docs/definitions.md");
        let example = include_str!("../../../schemas/examples/interreg/every-indicator.yaml");
        for traits in &RULES {
            let named = format!("{{ rule: {}", traits.name);
            assert!(example.contains(&named), "{}", traits.name);
            let begin = format!("| `{}` | ", traits.name);
            let line = page.lines().find_map(|line| line.strip_prefix(&begin));
            let mut cells = line.expect(traits.name).split(" | ");
            let code = cells.next().and_then(|code| code.parse().ok());
            let code = code.map(|code: crate::IndicatorCode| code.to_string());
            assert_eq!(code.as_deref(), Some(traits.code));
            assert_eq!(cells.next(), Some(traits.measure.name()), "{}", traits.name);
        }
    }
}
