//! Everybody here is invented.
