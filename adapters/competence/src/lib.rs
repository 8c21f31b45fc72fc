//! Competence outcomes from statements, by evidence rules.
