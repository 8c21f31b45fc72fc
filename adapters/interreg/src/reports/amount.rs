//! Exact sums of amounts. Whoever adds is never stopped by a number that is too large: every amount
//! that comes in is bounded, so a sum that reaches the end of the range cannot be.

use rust_decimal::Decimal;

/// Adds amounts up.
pub(super) fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Decimal {
    let amounts = amounts.into_iter();
    amounts.fold(Decimal::ZERO, plus)
}

/// Adds two amounts, in the shortest writing, so that equal sums are equal texts.
pub(super) fn plus(a: Decimal, b: Decimal) -> Decimal {
    a.saturating_add(b).normalize()
}

/// Takes one amount from another.
pub(super) fn minus(a: Decimal, b: Decimal) -> Decimal {
    a.saturating_sub(b).normalize()
}
