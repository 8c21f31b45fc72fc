//! The adapters: evidence rules become rulebooks, frameworks are checked.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use varde_core::StoreError;
use varde_core::definitions::{Definition, DefinitionFaults};
use varde_core::examples::{Answer, Trial};
use varde_core::ledger::{Adapter, Rulebook};

use crate::example;
use crate::fits;
use crate::framework::Framework;
use crate::rule::Rule;
use crate::rulebook::{EvidenceBook, NoLedger};

/// Compiles definitions of the kind `evidence-rule`.
#[derive(Debug, Clone, Copy, Default)]
pub struct EvidenceRule;

impl EvidenceRule {
    /// The kind of definition that it compiles.
    pub const KIND: &'static str = "evidence-rule";
}

#[async_trait]
impl Adapter for EvidenceRule {
    fn kinds(&self) -> &'static [&'static str] {
        &[Self::KIND]
    }

    fn compile(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, DefinitionFaults> {
        Ok(match Rule::compile(definition)? {
            Rule::Evidence(evidence) => Arc::new(EvidenceBook(evidence)),
            Rule::Composite(_) => Arc::new(NoLedger),
        })
    }

    fn fits(&self, definition: &Definition, others: &[Definition]) -> Result<(), DefinitionFaults> {
        fits::check(definition, others)
    }

    fn needs(&self, definition: &Definition) -> Vec<String> {
        let lists = ["all_of", "any_of"].map(|key| definition.body.get(key)?.as_array());
        let ids = lists
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(Value::as_str);
        ids.map(str::to_owned).collect()
    }

    async fn answer(&self, trial: &Trial, expected: &Value) -> Result<Answer, StoreError> {
        example::answer(trial, expected).await
    }
}

/// Takes in definitions of the kind `framework`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frameworks;

impl Frameworks {
    /// The kind of definition that it takes in.
    pub const KIND: &'static str = "framework";
}

#[async_trait]
impl Adapter for Frameworks {
    fn kinds(&self) -> &'static [&'static str] {
        &[Self::KIND]
    }

    fn compile(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, DefinitionFaults> {
        Framework::read(definition)?;
        Ok(Arc::new(NoLedger))
    }

    /// A framework concludes nothing, and its schema knows no examples.
    async fn answer(&self, _: &Trial, _: &Value) -> Result<Answer, StoreError> {
        Ok(Answer {
            what: "a framework".to_owned(),
            expected: "no examples".to_owned(),
            found: "an example".to_owned(),
            holds: false,
        })
    }
}
