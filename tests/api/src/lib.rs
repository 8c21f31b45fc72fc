//! Tests of the HTTP surface through the real router.
