//! The example files hold together.

use varde_core::ledger::Adapter;
use varde_core::registers::files::{self, FileKind, RegisterFile};
use varde_interreg::IndicatorSets;

use crate::world::definition;

macro_rules! example {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../../schemas/examples/interreg/", $name)),
        )
    };
}

const REGISTERS: [(&str, &str); 7] = [
    example!("sing.yaml"),
    example!("people.csv"),
    example!("identities.csv"),
    example!("organisations.csv"),
    example!("affiliations.csv"),
    example!("activities.csv"),
    example!("organisers.csv"),
];

#[test]
fn the_example_registers_are_whole() {
    let files = REGISTERS.map(|(name, text)| RegisterFile {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    });
    let read = files::read(&files).unwrap();
    let warned: Vec<_> = read
        .verdicts
        .iter()
        .filter(|v| !v.warnings.is_empty())
        .collect();
    assert!(warned.is_empty(), "{warned:?}");
    let kinds: Vec<FileKind> = read.verdicts.iter().map(|verdict| verdict.kind).collect();
    for (name, _) in &REGISTERS[1..] {
        let kind = name.trim_end_matches(".csv");
        assert!(kinds.iter().any(|known| known.name() == kind), "{kind}");
    }
}

#[test]
fn the_example_set_compiles() {
    let (_, set) = example!("sing-indicators.yaml");
    assert!(IndicatorSets.compile(&definition(set)).is_ok());
}
