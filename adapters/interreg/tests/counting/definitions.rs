//! Which sets compile, and what is said of the others.

use varde_core::ledger::Adapter;
use varde_interreg::IndicatorSets;

use crate::world::{SET, definition};

fn refused(set: &str) -> String {
    IndicatorSets
        .compile(&definition(set))
        .unwrap_err()
        .to_string()
}

#[test]
fn the_set_of_the_two_training_indicators_compiles() {
    assert!(IndicatorSets.compile(&definition(SET)).is_ok());
    let spelled = SET.replace("RCO85", "RCO 085").replace("RCR81", "RCR81a");
    assert!(IndicatorSets.compile(&definition(&spelled)).is_ok());
}

#[test]
fn what_is_not_built_in_is_refused_where_it_stands() {
    let cases = [
        (
            SET.replace("joint-training-participations", "enterprises-counted"),
            "indicators[0].counting.rule: the counting rule enterprises-counted is not built in; \
             expected one of enterprises-supported, enterprises-supported-by-grants, ",
        ),
        (
            SET.replace("RCO85", "RCO01"),
            "indicators[0].counting.rule: the counting rule joint-training-participations counts \
             RCO85, found RCO01",
        ),
        (
            SET.replace("measure: count\n    milestone", "measure: ratio\n    milestone"),
            "indicators[0].measure: expected the measure count",
        ),
        (
            SET.replace("RCR81", "RCO 85").replace("-completions", "-participations"),
            "indicators[1].code: the indicator RCO85 stands here twice",
        ),
        (
            SET.replace("milestone: 2", "baseline: { value: 1, year: 2023, source: x }"),
            "indicators[0].baseline: RCO85 is no result indicator",
        ),
        (
            SET.replace("milestone: 2", "switches: { training_counts_as_joint_action: true }"),
            "indicators[0].switches.training_counts_as_joint_action: the switch \
             training_counts_as_joint_action is not built in",
        ),
        (
            SET.replace(
                "indicators:",
                "  - { scheme: \"https://example.org/b\", credentials: [\"https://example.org/badges/a\"] }\nindicators:",
            ),
            "certificates[1].credentials[0]: https://example.org/badges/a proves the completion of \
             two schemes",
        ),
        (
            SET.replace(
                "{ rule: joint-training-participations }",
                "{ rule: joint-training-participations, support_min: PT8H }",
            ),
            "indicators[0].counting.support_min: joint-training-participations asks for no least support",
        ),
        (
            SET.replace("RCO85", "RCO04").replace(
                "{ rule: joint-training-participations }",
                "{ rule: enterprises-with-non-financial-support, support_min: P1M }",
            ),
            "indicators[0].counting.support_min: expected a duration in weeks, days, hours, minutes and \
             seconds such as PT8H, found P1M",
        ),
    ];
    for (set, expected) in cases {
        let told = refused(&set);
        assert!(told.contains(expected), "{told}\n{expected}");
    }
}

#[test]
fn the_schema_names_the_line_of_what_it_refuses() {
    let cases = [
        (
            SET.replace("target: 6", "targt: 6"),
            (13, "did you mean `target`"),
        ),
        (
            SET.replace("code: RCO85", "code: 85"),
            (8, "expected an indicator code such as RCO85"),
        ),
        (
            SET.replace("target: 6", "target: 6.555"),
            (13, "expected a number from 0 with at most two decimals"),
        ),
    ];
    for (set, (line, expected)) in cases {
        let faults = varde_schemas::read(&set).unwrap_err();
        let told: Vec<_> = faults
            .iter()
            .map(|f| (f.line, f.sentence.as_str()))
            .collect();
        assert!(
            told.iter()
                .any(|(at, told)| *at == line && told.contains(expected)),
            "{told:?}"
        );
    }
}
