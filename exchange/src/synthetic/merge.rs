//! Brings the diaries of all families into one order: that of the entries in the source system.
//!
//! Families are taken in the order of their next case. Nothing of a case is entered before the day of its
//! first contact, so whatever waits from earlier than that day can be written. Invariant: entries leave in
//! ascending order of their time, and all lines of one command together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::io::{self, Write};

use chrono::NaiveDate;

use super::diary::Sheet;
use super::dice::Dice;
use super::family::Family;
use super::rates::FAMILY_SIZES;
use super::world::World;
use super::{Options, Summary, days};
use crate::jsonl::Writer;

/// So many days before the last one the last family arrives, so that every child is registered in the file.
const LAST_ARRIVAL_DAYS: i32 = 18;

/// The first day and the size of a family that is not known yet.
struct Arrival {
    day: NaiveDate,
    size: u8,
}

/// Writes what the families say, in order of time.
pub(super) struct Merge<'w, W: Write> {
    world: &'w World,
    out: Writer<W>,
    /// Sheets by the day of their entry (in universal time), in order of making.
    waiting: BTreeMap<NaiveDate, Vec<Sheet>>,
    waiting_now: usize,
    summary: Summary,
}

impl<'w, W: Write> Merge<'w, W> {
    pub(super) fn over(world: &'w World, out: Writer<W>) -> Self {
        let summary =
            Summary { workers: u64::try_from(world.workers.len()).unwrap_or(0), ..Summary::default() };
        Self { world, out, waiting: BTreeMap::new(), waiting_now: 0, summary }
    }

    /// Keeps sheets until their turn.
    pub(super) fn take(&mut self, sheets: Vec<Sheet>) {
        self.waiting_now += sheets.len();
        for sheet in sheets {
            self.waiting.entry(sheet.at.date_naive()).or_default().push(sheet);
        }
        self.summary.most_waiting = self.summary.most_waiting.max(self.waiting_now);
    }

    /// Every family from its first contact on.
    pub(super) fn families(&mut self, options: &Options) -> io::Result<()> {
        let mut arrivals = arrivals(self.world, options);
        let mut returning: BinaryHeap<Reverse<(NaiveDate, u64)>> = BinaryHeap::new();
        let mut families: HashMap<u64, Family> = HashMap::new();
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
        self.write_before(family.next)?;
        let first = family.is_new();
        let (sheets, next) = family.turn(self.world);
        if first && !sheets.is_empty() {
            self.summary.families += 1;
            self.summary.children += family.size();
        }
        self.take(sheets);
        Ok(next)
    }

    /// Writes what was entered before a day. No entry of that day's cases is made before six in the morning.
    fn write_before(&mut self, day: NaiveDate) -> io::Result<()> {
        while let Some(first) = self.waiting.first_entry() {
            if *first.key() >= day {
                break;
            }
            let mut sheets = first.remove();
            sheets.sort_by_key(|sheet| sheet.at);
            self.write(&sheets)?;
        }
        Ok(())
    }

    fn write(&mut self, sheets: &[Sheet]) -> io::Result<()> {
        self.waiting_now -= sheets.len();
        for sheet in sheets {
            self.summary.first_entered.get_or_insert(sheet.at);
            self.summary.last_entered = Some(sheet.at);
            self.summary.commands += 1;
            self.summary.events += u64::from(sheet.events);
            self.out.lines(&sheet.lines)?;
        }
        Ok(())
    }

    /// Writes all that still waits.
    pub(super) fn finish(mut self) -> io::Result<Summary> {
        self.write_before(NaiveDate::MAX)?;
        self.out.finish()?;
        Ok(self.summary)
    }
}

/// The families in the order of their first contacts, evenly over the years; the last one is as small as needed.
fn arrivals(world: &World, options: &Options) -> VecDeque<Arrival> {
    let mut dice = Dice::new(options.seed, u64::MAX - 2);
    let span = days::days_from(world.opening, world.until);
    let mut left = options.children;
    let mut arrivals = Vec::new();
    while left > 0 {
        let size = dice.weighted(&FAMILY_SIZES).min(u8::try_from(left).unwrap_or(u8::MAX));
        let drawn = days::plus(world.opening, dice.between(1, span - LAST_ARRIVAL_DAYS));
        let weekend = dice.chance(800);
        let day = if weekend { drawn } else { world.days.at_or_after(drawn).min(world.until) };
        arrivals.push(Arrival { day, size });
        left -= u32::from(size);
    }
    arrivals.sort_by_key(|arrival| arrival.day);
    arrivals.into()
}
