//! A count of working days, day by day, as a reader would do it with a wall calendar.

use chrono::NaiveDate;

use super::{Announcement, Calendar, CalendarError, DayKind, Effect, KnownDay, StartDay};

/// Why a day is counted or skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayReason {
    /// The day of the start; it is day 0.
    Start,
    /// A working day.
    Working,
    /// Saturday or Sunday.
    Weekend,
    /// A bank holiday, by name.
    BankHoliday(String),
}

/// What was announced about a day only after the moment of knowledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterNews {
    /// When it was announced.
    pub announced_on: NaiveDate,
    /// Whether the day became a bank holiday or stopped being one.
    pub effect: Effect,
    /// Name of the holiday.
    pub title: String,
    /// Whether the day of announcement was checked against the announcement.
    pub verified: bool,
}

/// One day of a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedDay {
    /// The day.
    pub date: NaiveDate,
    /// Its number in the count; `None` where it is skipped. The start as day 0 has number 0.
    pub number: Option<u32>,
    /// Why it is counted or skipped.
    pub reason: DayReason,
    /// What was not yet announced at the moment of knowledge.
    pub not_yet_announced: Option<LaterNews>,
}

impl Calendar {
    /// Every day from `start` to the `n`-th working day, each counted or skipped with the reason, as known on `known`.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`].
    pub fn explain(
        &self,
        known: KnownDay,
        start: NaiveDate,
        n: u32,
        start_day: StartDay,
    ) -> Result<Vec<CountedDay>, CalendarError> {
        let working = self.known_at(known);
        let last = match start_day {
            StartDay::IsDayZero => working.nth_working_day_after(start, n)?,
            StartDay::IsDayOne => working.nth_working_day_from(start, n)?,
        };
        let mut number = 0;
        let mut days = Vec::new();
        for date in start.iter_days().take_while(|date| *date <= last) {
            let is_day_zero = date == start && start_day == StartDay::IsDayZero;
            let reason = if is_day_zero { DayReason::Start } else { working.day_kind(date)?.into() };
            let counts = reason == DayReason::Working;
            number += u32::from(counts);
            let not_yet_announced = self.later_news(known, date).map(LaterNews::from);
            let number = (counts || is_day_zero).then_some(number);
            days.push(CountedDay { date, number, reason, not_yet_announced });
        }
        Ok(days)
    }
}

impl From<DayKind<'_>> for DayReason {
    fn from(kind: DayKind<'_>) -> Self {
        match kind {
            DayKind::Working => Self::Working,
            DayKind::Weekend => Self::Weekend,
            DayKind::BankHoliday(title) => Self::BankHoliday(title.to_owned()),
        }
    }
}

impl From<&Announcement> for LaterNews {
    fn from(news: &Announcement) -> Self {
        Self {
            announced_on: news.announced_on,
            effect: news.effect,
            title: news.title.to_string(),
            verified: news.verified,
        }
    }
}

impl std::fmt::Display for CountedDay {
    /// One line without a name of a person, such as `Mon 2022-09-19  skipped: bank holiday, State funeral`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}  ", self.date.format("%a %Y-%m-%d"))?;
        match (&self.reason, self.number) {
            (DayReason::Start, _) => write!(f, "day 0: the start")?,
            (DayReason::Working, Some(number)) => write!(f, "day {number}")?,
            (DayReason::Working, None) => write!(f, "not counted")?,
            (DayReason::Weekend, _) => write!(f, "skipped: weekend")?,
            (DayReason::BankHoliday(title), _) => write!(f, "skipped: bank holiday, {title}")?,
        }
        match &self.not_yet_announced {
            Some(news) if news.effect == Effect::Added => {
                write!(f, " (bank holiday {}, not announced before {})", news.title, news.announced_on)
            }
            Some(news) => write!(f, " (holiday moved away, not announced before {})", news.announced_on),
            None => Ok(()),
        }
    }
}
