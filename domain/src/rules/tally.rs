//! Counts, shares and rates: what is looked at in a child's record, and what of it counts.
//!
//! A tally says nothing about periods: it lists its members, each with a day, and whether each counts. Whoever makes an
//! indicator of it chooses the period, adds up over children and divides; for members that are asked "as at" a day there is
//! nothing to choose but the day.

use crate::calendar::Limit;
use crate::events::{EntityRole, Kind};

use super::{Ends, EventMatch, RuleId};

/// A count, a share or a rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What the figure is.
    pub figure: Figure,
    /// What is looked at: the base.
    pub members: Members,
    /// The process that a member is about, where events of several kinds tell of one: it counts once.
    pub per: Option<EntityRole>,
    /// Where a member names no such process: it is about the last one that one of these began before it. Where there is none,
    /// it is about its own process.
    pub else_last: Vec<EventMatch>,
    /// Of several members of a child in one year to 31 March, the one that counts; `None` where every one does.
    pub once: Option<Once>,
    /// Events that count in the place of members where none of those lies near.
    pub stand_in: Option<StandIn>,
    /// Only members that have such other events.
    pub only: Option<Has>,
    /// Who is followed up, where what counts is asked for some time after the member's day.
    pub follow_up: Option<FollowUp>,
    /// No member in a series of short breaks ([`super::ShortBreaks`]).
    pub leaves_out_short_breaks: bool,
    /// Where the members are ends of processes in this role: those that the table of endings ended, and that have no end of
    /// their own in the record, are members too, on the day of what ended them.
    pub ended: Option<EntityRole>,
    /// Only where the child's age in completed years on the member's day is from here on.
    pub age_from: Option<u32>,
    /// Where given, that is asked of the first day of so long a time up to the member's day: of 1 April for 31 March.
    pub age_from_ago: Option<Limit>,
    /// Only where it is below this.
    pub age_below: Option<u32>,
    /// What makes a member count; `None` where every member does.
    pub counts: Option<Counts>,
    /// What is measured of a member.
    pub value: Option<Value>,
    /// By what the members are listed apart; by all of them together where there are several.
    pub by: Vec<By>,
    /// Whether a stream counts once under each heading of a period, however many members it has there: families, not payments.
    pub one_per_stream: bool,
}

/// Which of several members of a child in one year to 31 March counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Once {
    /// The first.
    FirstInYear,
    /// The last.
    LastInYear,
}

/// Who is looked at for the whole of a time that begins with the member's day, such as the 12 months after a conference.
///
/// Whatever happens in that time, a member can be told once it is over; and whoever left in between, before what is asked for
/// happened, is no member, because nobody saw how it went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// No member where a process in one of these roles runs already: it began on a day before the member's.
    pub unless_running: Vec<EntityRole>,
    /// Lines of the table of endings with which a child leaves.
    pub left_by: Vec<Box<str>>,
    /// Other events with which a child leaves.
    pub left_with: Vec<EventMatch>,
}

/// Other events that tell of the same act, for records that do not hold the act itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    /// The events.
    pub events: Vec<EventMatch>,
    /// One that lies so near to a member, before or after it, tells of that member and counts no second time.
    pub within: Limit,
}

/// What the figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Members that count, out of all members.
    Share,
    /// Members that count, out of all members; none should.
    Check,
    /// How many.
    Count,
    /// How many for each 10,000 of a population.
    Rate,
    /// How long: the values' median and 90th percentile.
    Lengths,
}

impl Figure {
    /// Its name in rule files and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Check => "check",
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Lengths => "lengths",
        }
    }
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    /// Each of these events.
    Events(Vec<EventMatch>),
    /// Each event whatsoever.
    AnyEvent,
    /// What is open on the day asked about.
    Open(Open),
    /// Clocks of these rules in these states, all states where none is named.
    Clocks {
        /// The rules.
        rules: Vec<RuleId>,
        /// Names of the states.
        states: Vec<String>,
    },
}

/// Processes that are open on a day: started, and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The role of the process; `None` where start and end belong to the child alone, so that one is open at most: the last
    /// of either decides.
    pub per: Option<EntityRole>,
    /// What opens it.
    pub start: Vec<EventMatch>,
    /// What ends it.
    pub end: Vec<EventMatch>,
    /// Only where it has been open so long on the day asked about.
    pub at_least: Option<Limit>,
    /// Whether that counts both its first day and the day asked about: from 1 April to 31 March is a year.
    pub both_days: bool,
    /// Whether several open ones of a child are one member.
    pub one_per_child: bool,
    /// Where the child may have several at once that are no process: one for each value of a field.
    pub each: Option<Each>,
    /// How long one of these has been open counts from the start of the one before it.
    pub joined: Vec<EventMatch>,
    /// Only while one of these runs, by the table of endings, where the record holds any; an end of what has no process
    /// counts only where none of them runs on.
    pub while_running: Vec<Ends>,
    /// None while a process in one of these roles runs.
    pub unless_running: Vec<EntityRole>,
}

/// Several open at once, one for each value of a field, such as one allocation for each role: a newer start with the same
/// value takes the place of the one before, and an end belongs to the start that names the same in another field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Each {
    /// The field of the start, such as `role`.
    pub field: Box<str>,
    /// The value that counts where none is stated.
    pub unstated: Option<Box<str>>,
    /// The field that start and end have in common, such as `worker`; an end without it ends what alone is open.
    pub ended_by_same: Box<str>,
}

/// What makes a member count. All that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// The member's own event is one of these.
    pub is: Vec<EventMatch>,
    /// The member's own event fell on a Saturday or a Sunday; where a field is named, the day in that field.
    pub on_weekend: Option<Option<Box<str>>>,
    /// There are such other events.
    pub has: Option<Has>,
    /// Such a process is open on the day asked about.
    pub open: Option<Open>,
    /// No such process is open on the day asked about.
    pub none_open: Option<Open>,
    /// The member's process overlaps such a process.
    pub overlaps: Option<Open>,
    /// So many such processes were open at some time in the months before.
    pub held: Option<Held>,
    /// The member's process has lasted so long on the member's day.
    pub lasted: Option<Lasted>,
    /// The member was recorded late ([`crate::journey::Lateness::is_late`]).
    pub recorded_late: bool,
    /// Every clock of these rules that belongs to the member's process is in time.
    pub in_time: Vec<RuleId>,
    /// Of those, only clocks that ended in so long a time up to the day asked about, or are open.
    pub in_time_last: Option<Limit>,
    /// A reason for delay is recorded for the member's clock.
    pub with_reason: bool,
    /// The member's clock was late as it was known on its last day, and is in time as it is known now.
    pub turned: bool,
    /// The value is from here on.
    pub value_at_least: Option<i64>,
}

/// How many processes were open at some time before the day asked about: those that began within the time, and the one
/// that was open on its first day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The processes.
    pub open: Open,
    /// How many there must be.
    pub at_least: usize,
    /// How far back.
    pub within: Limit,
    /// Processes that do not count where they were this short.
    pub short: Vec<Short>,
}

/// Processes of a sort that do not count while they are short, such as a few days in hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// Which.
    pub start: Vec<EventMatch>,
    /// Up to so long.
    pub at_most: Limit,
}

/// How long a process has lasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lasted {
    /// What began it.
    pub since: Vec<EventMatch>,
    /// On the corresponding day it has lasted so long.
    pub at_least: Limit,
}

/// Other events that a member must, or must not, have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Has {
    /// The events.
    pub events: Vec<EventMatch>,
    /// How many there must be; 0 means that there must be none.
    pub at_least: Option<usize>,
    /// They must name the same process in this role; `None`: any of the child.
    pub same: Option<EntityRole>,
    /// Where they lie.
    pub lies: Lies,
    /// Whether the latest of these kinds decides: it must be one of `events`.
    pub latest: bool,
    /// Of several in a row that state the same in this field, such as the worker, only the first is one.
    pub changed: Option<Box<str>>,
}

/// Where other events lie in time, seen from the member's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// Anywhere up to the day asked about.
    Anywhere,
    /// On the member's day or after it, within the limit where one is given.
    After(Option<Limit>),
    /// After the member's day, within the limit.
    Later(Limit),
    /// On the member's day or before it, within the limit where one is given.
    Before(Option<Limit>),
    /// Since the previous member.
    SincePrevious,
    /// Within so long before the day asked about.
    Last(Limit),
    /// Around the child's latest birthday on or before the member's day.
    AroundBirthday {
        /// So long before it.
        before: Limit,
        /// So long after it.
        after: Limit,
    },
}

/// What is measured of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Days from the start of the member's process to the member's day; for open ones to the day asked about.
    Days {
        /// What starts it; the member's own start where empty.
        since: Vec<EventMatch>,
        /// Working days instead of calendar days.
        working: bool,
    },
    /// How many of the events of `has` there are.
    Number,
    /// Days from the occurrence of the event to its entry.
    Lag,
    /// Days within the last 12 months on which such a process was open.
    DaysOpen(Open),
}

/// By what members are listed apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The event's kind.
    Kind,
    /// A field of the member's own event.
    Field(Box<str>),
    /// The month of the member's day.
    Month,
    /// The child's age in completed years on the member's day.
    Age,
    /// The day on which it was recorded.
    DayRecorded,
    /// What turned the answer of the member's clock: a late entry, another date, another correction.
    TurnedBy,
}

impl Members {
    /// Kinds of the events that make members; empty where every kind, or a clock, does.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        match self {
            Self::Events(events) => events.iter().map(|one| one.kind).collect(),
            Self::Open(open) => open.start.iter().map(|one| one.kind).collect(),
            Self::AnyEvent | Self::Clocks { .. } => Vec::new(),
        }
    }
}
