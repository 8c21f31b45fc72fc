//! The rules of the standard, as tables of what is accepted and what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod equality;
mod fixture;
mod formats;
mod national_ids;
mod parts;
mod properties;
mod receiving;
mod signing;
mod terms;
mod validation;
mod values;
