//! All states of knowledge of the calendar, oldest first.
//!
//! Invariant: `first` is known since always, `later` is sorted by the day from which each state is known.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::announced::{read_announcements, read_holidays};
use super::{Announcement, CalendarError, Effect, WorkingCalendar};
use crate::time::london_day;

static BUILT_IN: LazyLock<Calendar> = LazyLock::new(|| {
    Calendar::from_csv(
        include_str!("../../data/bank-holidays.csv"),
        include_str!("../../data/announcements.csv"),
    )
    .expect("the embedded calendar files are read by a test")
});

/// The civil day (Europe/London) whose knowledge of the calendar is asked for. What was announced on the day counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KnownDay(NaiveDate);

impl KnownDay {
    /// Knowledge at the end of the civil day `date`.
    #[must_use]
    pub fn new(date: NaiveDate) -> Self {
        Self(date)
    }

    /// Knowledge on the civil day on which `instant` falls.
    #[must_use]
    pub fn of(instant: DateTime<Utc>) -> Self {
        Self(london_day(instant))
    }

    /// Knowledge of every announcement held.
    #[must_use]
    pub fn latest() -> Self {
        Self(NaiveDate::MAX)
    }

    /// The civil day.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.0
    }
}

#[derive(Debug)]
struct Edition {
    known_from: NaiveDate,
    working: WorkingCalendar,
}

/// The bank holidays of England and Wales in every state of knowledge, from 1991 to 2030 in the built-in files.
///
/// ```
/// use domain::calendar::{Calendar, KnownDay};
/// let day = |text: &str| text.parse().expect("a date");
/// let calendar = Calendar::built_in();
/// let start = day("2022-08-30");
/// // The state funeral of 19 September 2022 was announced on 10 September 2022.
/// let before = calendar.known_at(KnownDay::new(day("2022-09-01")));
/// let after = calendar.known_at(KnownDay::new(day("2022-09-15")));
/// assert_eq!(before.nth_working_day_after(start, 15)?, day("2022-09-20"));
/// assert_eq!(after.nth_working_day_after(start, 15)?, day("2022-09-21"));
/// # Ok::<(), domain::calendar::CalendarError>(())
/// ```
#[derive(Debug)]
pub struct Calendar {
    first: WorkingCalendar,
    later: Vec<Edition>,
    announcements: Vec<Announcement>,
}

impl Calendar {
    /// The calendar embedded in this program (`domain/data/`).
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Builds a calendar from a file of holidays as finally held and a file of announcements. The years covered run from
    /// the 1 January of the first holiday to the 31 December of the last.
    ///
    /// # Errors
    /// [`CalendarError::UnreadableRow`]; [`CalendarError::ContradictoryAnnouncement`] where an announcement does not lead to
    /// the holidays as held.
    pub fn from_csv(holidays: &str, announcements: &str) -> Result<Self, CalendarError> {
        let held = read_holidays(holidays)?;
        let announcements = read_announcements(announcements)?;
        let (from, to) = covered_years(&held)?;
        // Walk back from the calendar as held: each announcement undone gives the state before it.
        let mut states = BTreeMap::new();
        let mut state = held;
        for announcement in announcements.iter().rev() {
            // Several changes announced on one day are one state: the one after the last of them.
            states.entry(announcement.announced_on).or_insert_with(|| state.clone());
            undo(announcement, &mut state)?;
        }
        let working = |holidays| WorkingCalendar::new(from, to, holidays);
        let later = states
            .into_iter()
            .map(|(known_from, holidays)| Edition { known_from, working: working(holidays) })
            .collect();
        Ok(Self { first: working(state), later, announcements })
    }

    /// The calendar as known at the end of that day.
    #[must_use]
    pub fn known_at(&self, known: KnownDay) -> &WorkingCalendar {
        let edition = self.later.iter().rev().find(|edition| edition.known_from <= known.date());
        edition.map_or(&self.first, |edition| &edition.working)
    }

    /// The calendar as known today, that is with every announcement held.
    #[must_use]
    pub fn latest(&self) -> &WorkingCalendar {
        self.known_at(KnownDay::latest())
    }

    /// Every announcement held, in the order of the days on which they were made.
    #[must_use]
    pub fn announcements(&self) -> &[Announcement] {
        &self.announcements
    }

    /// The first announcement about `date` that was made after `known`.
    pub(super) fn later_news(&self, known: KnownDay, date: NaiveDate) -> Option<&Announcement> {
        self.announcements.iter().find(|news| news.announced_on > known.date() && news.date == date)
    }
}

fn covered_years(held: &BTreeMap<NaiveDate, Arc<str>>) -> Result<(NaiveDate, NaiveDate), CalendarError> {
    let years = held.keys().next().zip(held.keys().next_back()).and_then(|(first, last)| {
        NaiveDate::from_ymd_opt(first.year(), 1, 1).zip(NaiveDate::from_ymd_opt(last.year(), 12, 31))
    });
    let empty = || CalendarError::UnreadableRow {
        file: "bank holiday file",
        line: 2,
        reason: "no bank holiday is listed".to_owned(),
    };
    years.ok_or_else(empty)
}

fn undo(news: &Announcement, state: &mut BTreeMap<NaiveDate, Arc<str>>) -> Result<(), CalendarError> {
    let reason = match news.effect {
        Effect::Added if state.remove(&news.date).is_some() => return Ok(()),
        Effect::Removed if state.insert(news.date, plain_title(news)).is_none() => return Ok(()),
        Effect::Added => "is announced but not in the list of holidays as held",
        Effect::Removed => "is announced as no longer a holiday but still in the list as held",
    };
    Err(CalendarError::ContradictoryAnnouncement { announced_on: news.announced_on, date: news.date, reason })
}

/// The name the holiday had while it still stood on its old day: without the remark where it went.
fn plain_title(news: &Announcement) -> Arc<str> {
    news.title.split_once(" (").map_or_else(|| news.title.clone(), |(title, _)| Arc::from(title))
}
