//! JSON Schemas and ready-made definitions, compiled once.
