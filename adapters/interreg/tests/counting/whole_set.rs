//! A set of every indicator.

use std::fmt::Write as _;

/// Code, counting rule and measure of every indicator that has keys in the ledger.
pub(crate) const INDICATORS: [(&str, &str, &str); 24] = [
    ("RCO01", "enterprises-supported", "count"),
    ("RCO02", "enterprises-supported-by-grants", "count"),
    (
        "RCO03",
        "enterprises-supported-by-financial-instruments",
        "count",
    ),
    ("RCO04", "enterprises-with-non-financial-support", "count"),
    ("RCO05", "new-enterprises-supported", "count"),
    ("RCO81", "joint-action-participations", "count"),
    ("RCO82", "inclusive-joint-action-participations", "count"),
    ("RCO83", "strategies-jointly-developed", "count"),
    ("RCO84", "pilot-actions-jointly-implemented", "count"),
    ("RCO85", "joint-training-participations", "count"),
    ("RCO87", "organisations-cooperating", "count"),
    ("RCO115", "joint-public-events", "count"),
    ("RCO116", "solutions-jointly-developed", "count"),
    ("RCR01", "jobs-created", "sum"),
    ("RCR03", "product-or-process-innovations", "count"),
    ("RCR04", "marketing-or-organisational-innovations", "count"),
    ("RCR79", "strategies-taken-up", "count"),
    ("RCR81", "joint-training-completions", "count"),
    (
        "RCR84",
        "organisations-cooperating-after-completion",
        "count",
    ),
    (
        "RCR85",
        "joint-action-participations-after-completion",
        "count",
    ),
    ("RCR104", "solutions-taken-up", "count"),
    ("PS01", "participants", "count"),
    ("PS02", "completion-rate", "ratio"),
    ("PS03", "smallest-country-share", "ratio"),
];

/// The least support that counts for RCO04 in this set, in minutes.
pub(crate) const SUPPORT_MINUTES: u32 = 480;

/// Writes the set's file.
pub(crate) fn file() -> String {
    let mut file = String::from("indicator-set: sing\nversion: 1\nproject: sing\nindicators:\n");
    for (code, rule, measure) in INDICATORS {
        let least = if code == "RCO04" {
            ", support_min: PT8H"
        } else {
            ""
        };
        let _ = write!(
            file,
            "  - code: {code}\n    name: {{ nb: {code}, sv: {code}, en: {code} }}\n    \
             unit: {{ nb: tall, sv: antal, en: number }}\n    measure: {measure}\n    target: 10\n    \
             source: example\n    counting: {{ rule: {rule}{least} }}\n"
        );
    }
    file
}
