//! The working-day calendar of England and Wales, and the arithmetic of time limits.
//!
//! Bank holidays are *bitemporal*: a one-off or moved holiday counts from the day on which it was announced, so the same
//! limit asked on two days can end on two days (19 September 2022 is the standing example). [`Calendar`] holds every state
//! of knowledge, [`WorkingCalendar`] is one of them and answers in constant time, [`Limit`] counts a limit in it.
//!
//! What it does not do: it does not know rules (see `rules`), the terms of single schools or the calendars of other nations, and it never
//! guesses: a date outside the covered years is an error, not an ordinary working day.
//!
//! Invariant: between two neighbouring states of knowledge only the days named in one announcement differ.

mod announced;
mod error;
mod explanation;
mod known;
mod limit;
mod london;
mod terms;
mod working;

pub use announced::{Announcement, Effect};
pub use error::CalendarError;
pub use explanation::{CountedDay, DayReason, LaterNews};
pub use known::{Calendar, KnownDay};
pub use limit::{Limit, LimitError, Measure, StartDay, Unit};
pub use london::local_time;
pub use terms::{last_day_of_term_after, term_of};
pub use working::{DayKind, WorkingCalendar};
