//! Swim-lanes: our own inline SVG over one axis of days, from the first event to the day of the question.
//!
//! The timeline below the picture holds the same content in words, so the picture is hidden from screen
//! readers. Shape says what a mark is; colour only repeats it.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};
use domain::events::Kind;
use domain::journey::{KnownEvent, Lateness};
use maud::{Markup, html};
use projections::episodes::Episode;
use projections::wording::{self, Lane, lane};

use super::Links;
use crate::child_view::ChildView;
use crate::components::inset;

/// Units of the picture's own grid.
const LEFT: f64 = 130.0;
const WIDTH: f64 = 1000.0;
const ROW: f64 = 16.0;
const TOP: f64 = 26.0;

pub(super) fn lanes(view: &ChildView, _links: &Links) -> Markup {
    let Some(axis) = Axis::of(view) else { return html! {} };
    let drawn = draw(view, &axis);
    let height = drawn.iter().map(Drawn::height).sum::<f64>() + TOP + 4.0;
    html! {
        section id="lanes" aria-labelledby="lanes-heading" {
            h2 class="govuk-heading-m" id="lanes-heading" { "Lanes" }
            p class="govuk-body" { "From " (wording::long_date(axis.first)) " to " (wording::long_date(axis.last)) ". The timeline below holds the same in words." }
            div class="cl-lanes" role="region" aria-label="Lanes, drawn" tabindex="0" {
                svg viewBox=(format!("0 0 {WIDTH} {height:.0}")) aria-hidden="true" focusable="false" {
                    (grid(&axis, height))
                    @for (lane, top) in drawn.iter().zip(tops(&drawn)) { (lane.markup(&axis, top)) }
                }
            }
            (legend())
        }
    }
}

/// Where each lane begins.
fn tops(lanes: &[Drawn<'_>]) -> impl Iterator<Item = f64> {
    lanes.iter().scan(TOP, |next, lane| {
        let top = *next;
        *next += lane.height();
        Some(top)
    })
}

/// The days that are drawn, and where.
struct Axis {
    first: NaiveDate,
    last: NaiveDate,
}

impl Axis {
    fn of(view: &ChildView) -> Option<Self> {
        let drawn = |event: &&KnownEvent| lane(event.kind()) != Lane::Record;
        let days = view.replay.journey.events.iter().filter(drawn).filter_map(|event| event.occurred.day());
        let (first, latest) = days.fold(None, |ends: Option<(NaiveDate, NaiveDate)>, day| {
            Some(ends.map_or((day, day), |(first, last)| (first.min(day), last.max(day))))
        })?;
        Some(Self { first, last: latest.max(view.knowledge.as_at()) })
    }

    fn x(&self, day: NaiveDate) -> f64 {
        let days = |from: NaiveDate, to: NaiveDate| to_f64((to - from).num_days());
        let share = days(self.first, day) / days(self.first, self.last).max(1.0);
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - 14.0)
    }
}

fn to_f64(days: i64) -> f64 {
    // Days of a childhood fit into 32 bits; a forged date is drawn at the edge.
    f64::from(i32::try_from(days).unwrap_or(i32::MAX))
}

/// Lines at the firsts of years, or of months where less than two years are drawn.
fn grid(axis: &Axis, height: f64) -> Markup {
    let months = months(axis);
    let format = if months < 24 { "%b %Y" } else { "%Y" };
    // More than a dozen labels would run into each other.
    let step = if months < 24 { months / 12 + 1 } else { (months / 144 + 1) * 12 };
    let from =
        NaiveDate::from_ymd_opt(axis.first.year(), if months < 24 { axis.first.month() } else { 1 }, 1);
    let ticks = from
        .into_iter()
        .flat_map(|from| (1..).map_while(move |number| from.checked_add_months(Months::new(number * step))));
    html! {
        @for day in ticks.take_while(|day| *day <= axis.last) {
            line class="cl-grid" x1=(at(axis.x(day))) x2=(at(axis.x(day))) y1="18" y2=(at(height)) {}
            text class="cl-year" x=(at(axis.x(day))) y="13" { (day.format(format)) }
        }
    }
}

/// Whole months that are drawn.
fn months(axis: &Axis) -> u32 {
    let years = axis.last.years_since(axis.first).unwrap_or(0);
    let rest = (axis.last.month() + 12 - axis.first.month()) % 12;
    years * 12 + rest
}

/// One lane with its episodes in rows that do not overlap, and the marks of its events.
struct Drawn<'a> {
    lane: Lane,
    rows: Vec<Vec<Bar>>,
    marks: Vec<&'a KnownEvent>,
}

/// An episode as drawn.
struct Bar {
    from: NaiveDate,
    to: Option<NaiveDate>,
    words: String,
}

fn draw<'a>(view: &'a ChildView, axis: &Axis) -> Vec<Drawn<'a>> {
    let mut lanes: BTreeMap<Lane, Drawn<'a>> = BTreeMap::new();
    for event in &view.replay.journey.events {
        let lane = lane(event.kind());
        if lane != Lane::Record {
            lanes.entry(lane).or_insert_with(|| Drawn::empty(lane)).marks.push(event);
        }
    }
    for episode in &view.replay.episodes {
        let event = episode.opened_by.or(episode.ended_by).and_then(|id| view.event(id));
        let drawn = event.and_then(|event| lanes.get_mut(&lane(event.kind())));
        if let Some((drawn, bar)) = drawn.zip(Bar::of(episode, axis)) {
            drawn.place(bar);
        }
    }
    lanes.into_values().collect()
}

impl Bar {
    /// The bar of a process that lasts and has a day at one of its ends.
    fn of(episode: &Episode, axis: &Axis) -> Option<Self> {
        let from = episode.began.and_then(|began| began.day());
        let to = episode.ended.and_then(|ended| ended.day());
        let drawable = episode.lasts && (from.is_some() || to.is_some());
        let end = episode.ended.map_or("open".to_owned(), wording::when);
        let start = episode.began.map_or("start not known".to_owned(), wording::when);
        drawable.then(|| Self {
            from: from.unwrap_or(axis.first),
            to: if episode.ended.is_some() { to.or(Some(axis.last)) } else { None },
            words: format!("{}: {start} to {end}{}", wording::role_name(episode.role), ended_as(episode)),
        })
    }
}

/// What ended an episode that has no end of its own, for the words of its bar.
fn ended_as(episode: &Episode) -> String {
    match &episode.ended_as {
        Some(ended) if episode.never_began => format!(", which came before it began: {ended}"),
        Some(ended) => format!(" ({ended})"),
        None => String::new(),
    }
}

impl<'a> Drawn<'a> {
    fn empty(lane: Lane) -> Self {
        Self { lane, rows: Vec::new(), marks: Vec::new() }
    }

    /// Puts a bar into the first row in which it overlaps no other.
    fn place(&mut self, bar: Bar) {
        let free = self
            .rows
            .iter_mut()
            .find(|row| row.last().is_none_or(|last| last.to.is_some_and(|to| to <= bar.from)));
        match free {
            Some(row) => row.push(bar),
            None => self.rows.push(vec![bar]),
        }
    }

    fn height(&self) -> f64 {
        let rows = f64::from(u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        rows * ROW + 26.0
    }

    fn markup(&self, axis: &Axis, top: f64) -> Markup {
        let marks_at = top + self.height() - 13.0;
        html! {
            line class="cl-lane-line" x1="0" x2=(at(WIDTH)) y1=(at(top)) y2=(at(top)) {}
            text class="cl-lane-name" x="0" y=(at(top + 17.0)) { (self.lane.name()) }
            @for (number, row) in (0_u32..).zip(&self.rows) {
                @for bar in row { (self.bar(bar, axis, top + 5.0 + f64::from(number) * ROW)) }
            }
            @for event in &self.marks { (mark(event, axis, marks_at)) }
        }
    }

    fn bar(&self, bar: &Bar, axis: &Axis, y: f64) -> Markup {
        let from = axis.x(bar.from);
        let to = axis.x(bar.to.unwrap_or(axis.last)).max(from + 3.0);
        html! {
            g {
                title { (bar.words) }
                rect class="cl-episode" x=(at(from)) y=(at(y)) width=(at(to - from)) height="11" rx="2" {}
                @if bar.to.is_none() {
                    path class="cl-episode-open" d=(format!("M{to:.1} {:.1}l9 6.5l-9 6.5z", y - 1.0)) {}
                }
            }
        }
    }
}

/// One event: a diamond for a decision or meeting, a tick for a visit, else a dot; late entry has a tail.
fn mark(event: &KnownEvent, axis: &Axis, y: f64) -> Markup {
    let Some(day) = event.occurred.day() else { return html! {} };
    let x = axis.x(day);
    let late = Lateness::of(event).filter(Lateness::is_late);
    html! {
        g {
            title { (words(event, late)) }
            @if let Some(late) = late {
                line class="cl-late-line" x1=(at(x)) x2=(at(axis.x(late.known_on))) y1=(at(y)) y2=(at(y)) {}
                rect class="cl-late-end" x=(at(axis.x(late.known_on) - 3.0)) y=(at(y - 3.0)) width="6" height="6" {}
            }
            (shape(event.kind(), x, y, late.is_some()))
        }
    }
}

fn words(event: &KnownEvent, late: Option<Lateness>) -> String {
    let said = format!("{}: {}", wording::title(event.kind()), wording::when(event.occurred));
    late.map_or(said.clone(), |late| format!("{said}, recorded {} days late", late.days))
}

fn shape(kind: Kind, x: f64, y: f64, late: bool) -> Markup {
    let class = if late { "cl-mark cl-mark--late" } else { "cl-mark" };
    let name = kind.name();
    html! {
        @if name.ends_with("_visit_made") || name.ends_with("_contact_made") || kind == Kind::ChildSeen {
            @if late { circle class=(class) cx=(at(x)) cy=(at(y)) r="4" {} }
            @else { line class="cl-visit" x1=(at(x)) x2=(at(x)) y1=(at(y - 6.0)) y2=(at(y + 6.0)) {} }
        } @else if name.ends_with("_held") || name.ends_with("_decision_made") || name.ends_with("_order_made") {
            path class=(class) d=(format!("M{x:.1} {:.1}l6 6l-6 6l-6 -6z", y - 6.0)) {}
        } @else {
            circle class=(class) cx=(at(x)) cy=(at(y)) r="4" {}
        }
    }
}

/// A coordinate with one decimal.
fn at(coordinate: f64) -> String {
    format!("{coordinate:.1}")
}

fn legend() -> Markup {
    inset(&html! {
        "Bar: a process, with an arrow where it is still open. Diamond: a meeting or decision. Upright line: a visit or \
         contact. Dot: anything else. A hollow mark joined to a square was recorded late: the mark stands where it \
         happened, the square where it became known."
    })
}
