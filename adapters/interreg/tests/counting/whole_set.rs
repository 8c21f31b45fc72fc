//! A set of every indicator: the example that projects copy from.

const FILE: &str = include_str!("../../../../schemas/examples/interreg/every-indicator.yaml");

/// The least support that counts for RCO04 in this set, in minutes.
pub(crate) const SUPPORT_MINUTES: u32 = 480;

/// Returns the set's file.
pub(crate) fn file() -> String {
    FILE.to_owned()
}

/// Returns the codes of the indicators that have keys in the ledger, as they are printed. How far
/// participants came (PS4) is read from elsewhere.
pub(crate) fn codes() -> Vec<String> {
    let codes = FILE
        .lines()
        .filter_map(|line| line.strip_prefix("  - code: "));
    let printed = codes.map(|code| {
        code.parse::<varde_interreg::IndicatorCode>()
            .unwrap()
            .to_string()
    });
    printed.filter(|code| code != "PS04").collect()
}
