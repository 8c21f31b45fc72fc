//! Bodies of several parts: `multipart/mixed` read and written (RFC 2046 5.1).
//!
//! The parser is fed chunks of any size and hands out events; it keeps at most one part's headers
//! or the start of a possible delimiter, so a body of any size passes through little memory.

mod headers;
mod parser;
mod writer;

pub use headers::{HEADER_BYTES_MAX, PartHeaders};
pub use parser::{Event, Parser};
pub use writer::Writer;

use crate::fault::{Fault, Found, Rule};
use crate::media_type::{essence, parameter};

/// Returns the boundary that a `Content-Type` of `multipart/mixed` names.
///
/// RFC 2046 5.1.1: 1 to 70 characters of its set, the last no space. Any other media type, such as
/// `multipart/form-data`, is a fault.
pub fn boundary(content_type: &str) -> Result<String, Fault> {
    let fault = |expected: &str| {
        Fault::of_parameter(
            "Content-Type",
            Rule::Multipart,
            Found::text(content_type),
            expected,
        )
    };
    if essence(content_type) != "multipart/mixed" {
        return Err(fault("multipart/mixed"));
    }
    let boundary = parameter(content_type, "boundary");
    let boundary = boundary.ok_or_else(|| fault("a boundary parameter"))?;
    let character = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
    let formed = (1..=70).contains(&boundary.len()) && boundary.bytes().all(character);
    if !formed || boundary.ends_with(' ') {
        return Err(fault(
            "a boundary of 1 to 70 characters as RFC 2046 5.1.1 admits them",
        ));
    }
    Ok(boundary)
}
