//! What is wrong with a definition, gathered.

use varde_core::definitions::{DefinitionFault, DefinitionFaults};

#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<DefinitionFault>);

impl Faults {
    pub(crate) fn tell(&mut self, path: impl Into<String>, sentence: impl Into<String>) {
        let (path, sentence) = (path.into(), sentence.into());
        self.0.push(DefinitionFault {
            path,
            line: None,
            column: None,
            sentence,
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn done(self) -> DefinitionFaults {
        DefinitionFaults(self.0)
    }
}
