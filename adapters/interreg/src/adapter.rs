//! Indicator sets as definitions.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use varde_core::StoreError;
use varde_core::definitions::{Definition, DefinitionFault, DefinitionFaults};
use varde_core::examples::{Answer, Trial};
use varde_core::ledger::{Adapter, Rulebook};

use crate::counting_rule::{CountingRule, RULES};
use crate::deed;
use crate::example;
use crate::rulebook::IndicatorRules;
use crate::set::{Indicator, IndicatorSet};

/// The kind of definition that this adapter compiles.
pub(crate) const KIND: &str = "indicator-set";

/// The switch by which training schemes count as joint actions too.
const TRAINING_COUNTS: &str = "training_counts_as_joint_action";

/// Compiles indicator sets.
#[derive(Debug, Clone, Copy, Default)]
pub struct IndicatorSets;

#[async_trait]
impl Adapter for IndicatorSets {
    fn kinds(&self) -> &'static [&'static str] {
        &[KIND]
    }

    fn compile(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, DefinitionFaults> {
        let set = read(definition)?;
        let faults = Faults::of(&set);
        if faults.0.is_empty() {
            Ok(Arc::new(IndicatorRules::new(&set)))
        } else {
            Err(DefinitionFaults(faults.0))
        }
    }

    async fn answer(&self, trial: &Trial, expected: &Value) -> Result<Answer, StoreError> {
        example::answer(trial, expected).await
    }
}

/// Reads a definition's body as an indicator set.
pub(crate) fn read(definition: &Definition) -> Result<IndicatorSet, DefinitionFaults> {
    IndicatorSet::deserialize(&*definition.body).map_err(|error| {
        let mut faults = Faults::default();
        faults.add(
            "$".to_owned(),
            format!("expected an indicator set: {error}"),
        );
        DefinitionFaults(faults.0)
    })
}

/// What a schema cannot see.
#[derive(Debug, Default)]
struct Faults(Vec<DefinitionFault>);

impl Faults {
    fn of(set: &IndicatorSet) -> Self {
        let mut faults = Self::default();
        let mut codes = BTreeSet::new();
        for (n, indicator) in set.indicators.iter().enumerate() {
            if !codes.insert(&indicator.code) {
                let sentence = format!("the indicator {} stands here twice", indicator.code);
                faults.add(format!("indicators[{n}].code"), sentence);
            }
            faults.indicator(&format!("indicators[{n}]"), indicator);
        }
        faults.certificates(set);
        faults
    }

    fn add(&mut self, path: String, sentence: String) {
        self.0.push(DefinitionFault {
            path,
            line: None,
            column: None,
            sentence,
        });
    }

    fn indicator(&mut self, path: &str, indicator: &Indicator) {
        let Indicator {
            code,
            counting,
            measure,
            ..
        } = indicator;
        let Some(rule) = CountingRule::of(&counting.rule) else {
            let names: Vec<_> = RULES.iter().map(|traits| traits.name).collect();
            let sentence = format!(
                "the counting rule {} is not built in; expected one of {}",
                counting.rule,
                names.join(", ")
            );
            self.add(format!("{path}.counting.rule"), sentence);
            return;
        };
        let traits = rule.traits();
        // The programme's own codes are counted by whichever rule fits.
        if code.is_common() && traits.code != code.common().to_string() {
            let sentence = format!(
                "the counting rule {} counts {}, found {code}",
                counting.rule, traits.code
            );
            self.add(format!("{path}.counting.rule"), sentence);
        }
        if *measure != traits.measure {
            let expected = traits.measure.name();
            let sentence =
                format!("expected the measure {expected}, the only one of this counting rule");
            self.add(format!("{path}.measure"), sentence);
        }
        self.parameters(path, rule, indicator);
        if indicator.baseline.is_some() && !code.is_result() {
            let sentence = format!("{code} is no result indicator (RCR) and has no baseline");
            self.add(format!("{path}.baseline"), sentence);
        }
    }

    /// Checks what a counting rule reads beside its name.
    fn parameters(&mut self, path: &str, rule: CountingRule, indicator: &Indicator) {
        let counting = &indicator.counting;
        for switch in indicator.switches.keys() {
            if rule != CountingRule::JointActions || switch != TRAINING_COUNTS {
                let sentence = format!("the switch {switch} is not built in for {}", counting.rule);
                self.add(format!("{path}.switches.{switch}"), sentence);
            }
        }
        if let Some(least) = &counting.support_min {
            let path = format!("{path}.counting.support_min");
            if rule != CountingRule::NonFinancialSupport {
                let sentence = format!("{} asks for no least support", counting.rule);
                self.add(path, sentence);
            } else if deed::seconds(least).is_none() {
                let sentence = format!(
                    "expected a duration in weeks, days, hours, minutes and seconds such as PT8H, found {least}"
                );
                self.add(path, sentence);
            }
        }
    }

    fn certificates(&mut self, set: &IndicatorSet) {
        let mut known = BTreeSet::new();
        for (n, certificates) in set.certificates.iter().enumerate() {
            for (m, credential) in certificates.credentials.iter().enumerate() {
                if !known.insert(credential) {
                    let sentence = format!("{credential} proves the completion of two schemes");
                    self.add(format!("certificates[{n}].credentials[{m}]"), sentence);
                }
            }
        }
    }
}
