//! The xAPI standard as types: parse, validate, compare, format and match statements.
