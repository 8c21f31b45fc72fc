//! Varde over HTTP: the xAPI resources and /api/v1.
