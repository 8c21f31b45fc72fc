//! The example files hold together.

use std::sync::Arc;

use varde_core::examples::play;
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

#[tokio::test]
async fn the_example_set_does_what_its_examples_say() {
    let (_, set) = example!("sing-indicators.yaml");
    let adapter: Arc<dyn Adapter> = Arc::new(IndicatorSets);
    let shown = play(&definition(set), &adapter, &[]).await.unwrap();
    let failed: Vec<_> = shown.iter().filter(|shown| !shown.answer.holds).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(shown.len(), 6);
}

#[tokio::test]
async fn the_set_of_every_indicator_does_what_its_example_says() {
    let (_, set) = example!("every-indicator.yaml");
    let adapter: Arc<dyn Adapter> = Arc::new(IndicatorSets);
    let shown = play(&definition(set), &adapter, &[]).await.unwrap();
    let failed: Vec<_> = shown.iter().filter(|shown| !shown.answer.holds).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(shown.len(), 4);
}

#[tokio::test]
async fn a_set_that_counts_otherwise_fails_its_examples_and_says_by_what() {
    let (_, set) = example!("sing-indicators.yaml");
    let other = set
        .replace("code: RCO85, count: 2", "code: RCO85, count: 3")
        .replace("left_out: not-joint", "left_out: after-project-end")
        .replace(
            "learner: kari, left_out: after-project-end }\n\n",
            "learner: ola, left_out: not-joint }\n\n",
        );
    let adapter: Arc<dyn Adapter> = Arc::new(IndicatorSets);
    let shown = play(&definition(&other), &adapter, &[]).await.unwrap();
    let failed = shown.iter().filter(|shown| !shown.answer.holds);
    let failed: Vec<_> = failed.map(ToString::to_string).collect();
    assert_eq!(
        failed,
        [
            "the example \"In a scheme of two countries each participant counts once, and who \
             completes it too\" fails: RCO85: found 2, expected 3",
            "the example \"As long as one country organises the scheme nobody counts\" fails: RCO85 \
             of ola: found nothing of theirs, expected left out: no organisers from two countries \
             are on record for it",
        ]
    );
}
