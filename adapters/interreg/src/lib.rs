//! Interreg indicators from statements, by an indicator set.
