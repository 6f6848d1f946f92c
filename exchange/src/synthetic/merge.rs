//! Brings the diaries of all families into one order: that of the entries in the source system.
//!
//! Families are taken in the order of their next case. Nothing of a case is entered before the day of its
//! first contact, so whatever waits from earlier than that day can be written. Invariant: entries leave in
//! ascending order of their time, and all lines of one command together.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};
use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::diary::Sheet;
use super::dice::Dice;
use super::family::Family;
use super::rates::FAMILY_SIZES;
use super::world::World;
use super::{Options, Summary, days};
use crate::jsonl::Writer;

/// A sheet that waits for its turn, with its number in order of making.
struct Waiting(u64, Sheet);

impl Waiting {
    fn key(&self) -> (DateTime<Utc>, u64) {
        (self.1.at, self.0)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// The first day and the size of a family that is not known yet.
struct Arrival {
    day: NaiveDate,
    size: u8,
}

/// Writes what the families say, in order of time.
pub(super) struct Merge<'w, W: Write> {
    world: &'w World,
    out: Writer<W>,
    waiting: BinaryHeap<Reverse<Waiting>>,
    made: u64,
    summary: Summary,
}

impl<'w, W: Write> Merge<'w, W> {
    pub(super) fn over(world: &'w World, out: Writer<W>) -> Self {
        let summary =
            Summary { workers: u64::try_from(world.workers.len()).unwrap_or(0), ..Summary::default() };
        Self { world, out, waiting: BinaryHeap::new(), made: 0, summary }
    }

    /// Keeps sheets until their turn.
    pub(super) fn take(&mut self, sheets: Vec<Sheet>) {
        for sheet in sheets {
            self.made += 1;
            self.waiting.push(Reverse(Waiting(self.made, sheet)));
        }
        self.summary.most_waiting = self.summary.most_waiting.max(self.waiting.len());
    }

    /// Every family from its first contact on.
    pub(super) fn families(&mut self, options: &Options) -> io::Result<()> {
        let mut arrivals = arrivals(self.world, options);
        let mut returning: BinaryHeap<Reverse<(NaiveDate, u64)>> = BinaryHeap::new();
        let mut families: std::collections::HashMap<u64, Family> = std::collections::HashMap::new();
        let (mut place, mut children) = (0_u64, 1_u64);
        loop {
            let back = returning.peek().map(|Reverse((day, _))| *day);
            let new = arrivals.front().map(|arrival| arrival.day);
            let family = match (back, new) {
                (None, None) => return Ok(()),
                (Some(back), new) if new.is_none_or(|new| back <= new) => {
                    returning.pop().and_then(|Reverse((_, place))| Some((place, families.remove(&place)?)))
                }
                (Some(_) | None, _) => arrivals.pop_front().map(|arrival| {
                    place += 1;
                    let first = children;
                    children += u64::from(arrival.size);
                    (place, Family::new(place, arrival.size, first, arrival.day, self.world.seed))
                }),
            };
            let Some((place, mut family)) = family else { continue };
            if let Some(next) = self.one_case(&mut family)? {
                returning.push(Reverse((next, place)));
                families.insert(place, family);
            }
        }
    }

    fn one_case(&mut self, family: &mut Family) -> io::Result<Option<NaiveDate>> {
        self.write_until(before(family.next))?;
        let first = family.is_new();
        let (sheets, next) = family.turn(self.world);
        if first && !sheets.is_empty() {
            self.summary.families += 1;
            self.summary.children += family.size();
        }
        self.take(sheets);
        Ok(next)
    }

    fn write_until(&mut self, time: DateTime<Utc>) -> io::Result<()> {
        while self.waiting.peek().is_some_and(|Reverse(next)| next.1.at < time) {
            if let Some(Reverse(Waiting(_, sheet))) = self.waiting.pop() {
                self.summary.first_entered.get_or_insert(sheet.at);
                self.summary.last_entered = Some(sheet.at);
                self.summary.commands += 1;
                self.summary.events += u64::from(sheet.events);
                self.out.lines(&sheet.lines)?;
            }
        }
        Ok(())
    }

    /// Writes all that still waits.
    pub(super) fn finish(mut self) -> io::Result<Summary> {
        self.write_until(DateTime::<Utc>::MAX_UTC)?;
        self.out.finish()?;
        Ok(self.summary)
    }
}

/// An instant before any entry of the day.
fn before(day: NaiveDate) -> DateTime<Utc> {
    (day.and_time(NaiveTime::MIN) - TimeDelta::hours(2)).and_utc()
}

/// The families in the order of their first contacts, evenly over the years; the last one is as small as needed.
fn arrivals(world: &World, options: &Options) -> VecDeque<Arrival> {
    let mut dice = Dice::new(options.seed, u64::MAX - 2);
    let span = days::days_from(world.opening, world.until);
    let mut left = options.children;
    let mut arrivals = Vec::new();
    while left > 0 {
        let size = dice.weighted(&FAMILY_SIZES).min(u8::try_from(left).unwrap_or(u8::MAX));
        let drawn = days::plus(world.opening, dice.between(1, span - 1));
        let weekend = dice.chance(800);
        let day = if weekend { drawn } else { world.days.at_or_after(drawn).min(world.until) };
        arrivals.push(Arrival { day, size });
        left -= u32::from(size);
    }
    arrivals.sort_by_key(|arrival| arrival.day);
    arrivals.into()
}
