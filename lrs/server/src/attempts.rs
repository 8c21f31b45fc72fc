//! What the operator is told of attempts to deliver something.

use varde_core::outbox::{Attempt, Outcome};

/// How the log says what became of an attempt.
#[derive(Debug)]
pub(crate) struct Words {
    /// It arrived.
    pub(crate) done: &'static str,
    /// It did not, for now.
    pub(crate) again: &'static str,
    /// It will not, and what may be done.
    pub(crate) given_up: &'static str,
}

/// Tells the operator of an attempt.
pub(crate) fn note(line: &Attempt, words: &Words) {
    let Attempt {
        delivery,
        target,
        what,
        number,
        status,
        detail,
        ..
    } = line;
    match (line.outcome, line.next) {
        (Outcome::Delivered, _) => {
            tracing::info!(%delivery, target, what, attempt = number, status, "{}", words.done);
        }
        (_, Some(next)) => tracing::warn!(
            %delivery, target, what, attempt = number, status, detail, %next, "{}", words.again
        ),
        (_, None) => tracing::error!(
            %delivery, target, what, attempt = number, status, detail, "{}", words.given_up
        ),
    }
}
