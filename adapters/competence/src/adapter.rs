//! The adapter: evidence rules become rulebooks.

use std::sync::Arc;

use varde_core::definitions::{Definition, DefinitionFaults};
use varde_core::ledger::{Adapter, Rulebook};

use crate::rule::Rule;
use crate::rulebook::EvidenceBook;

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
        Ok(Arc::new(EvidenceBook::new(Rule::compile(definition)?)))
    }
}
