//! Folds from a journey to what people read: episodes, summaries, lateness, wording, indicators.
//!
//! A fold takes what is known of one stream in practice order and returns rows; nothing else knows the truth.
//! Folds are pure; SQL stands only under [`read_models`].

pub mod episodes;
pub mod indicators;
pub mod lateness;
pub mod populations;
pub mod read_models;
pub mod status;
pub mod summary;
pub mod wording;
