//! The adapters: evidence rules become rulebooks, frameworks are checked.

use std::sync::Arc;

use varde_core::definitions::{Definition, DefinitionFaults};
use varde_core::ledger::{Adapter, Rulebook};

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
}

/// Takes in definitions of the kind `framework`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frameworks;

impl Frameworks {
    /// The kind of definition that it takes in.
    pub const KIND: &'static str = "framework";
}

impl Adapter for Frameworks {
    fn kinds(&self) -> &'static [&'static str] {
        &[Self::KIND]
    }

    fn compile(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, DefinitionFaults> {
        Framework::read(definition)?;
        Ok(Arc::new(NoLedger))
    }
}
