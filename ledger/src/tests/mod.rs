//! Tests of the log against a real PostgreSQL, a fresh database each.

mod appending;
