//! Which kinds of event a rule asks about.

use crate::events::Kind;

use super::{ClockShape, EventMatch, LookBack, Members, Open, Rule, Shape, ShortBreaks, Tally, Value};

/// Every kind that a rule names, in no order; a kind may come twice.
pub(super) fn kinds(rule: &Rule) -> Vec<Kind> {
    let own = match &rule.shape {
        Shape::Deadline(shapes) => of_clocks(shapes),
        Shape::Flag(look_back) | Shape::Bands(look_back, _) => of_look_back(look_back),
        Shape::Tally(tally) => of_tally(tally),
    };
    let versions = rule.versions.iter().filter_map(|version| version.clocks.as_deref());
    own.into_iter().chain(versions.flat_map(of_clocks)).chain(named(&rule.counted_by)).collect()
}

fn named(matches: &[EventMatch]) -> impl Iterator<Item = Kind> + '_ {
    matches.iter().map(|one| one.kind)
}

/// Whether a period of care is a series of short breaks hangs on these.
fn asked_of_short_breaks(asked: bool) -> Vec<Kind> {
    let series = ShortBreaks::definition();
    if asked { named(&series.beginnings).chain([series.care.kind]).collect() } else { Vec::new() }
}

fn of_clocks(shapes: &[ClockShape]) -> Vec<Kind> {
    let of_one = |shape: &ClockShape| {
        let lists = [
            &shape.start,
            &shape.stop,
            &shape.asked_by,
            &shape.not_applicable,
            &shape.not_required,
            &shape.undone_by,
            &shape.shown_by,
            &shape.replaced_while,
            &shape.ended_by,
            &shape.counted_from,
        ];
        let extension = shape.extension.iter().map(|extension| extension.event.kind);
        let pause = shape.pause.iter().flat_map(|pause| named(&pause.from).chain(named(&pause.to)));
        let turned = shape.turned.iter().flat_map(|turned| named(&turned.by));
        let due_by = shape.due_by.iter().flat_map(|due_by| named(&due_by.events));
        let short_breaks = asked_of_short_breaks(shape.leaves_out_short_breaks);
        let standing = shape.not_applicable_while.iter().flat_map(|standing| named(&standing.0));
        let listed = lists.into_iter().flat_map(|list| named(list));
        listed
            .chain(short_breaks)
            .chain(standing)
            .chain(extension)
            .chain(pause)
            .chain(turned)
            .chain(due_by)
            .collect::<Vec<Kind>>()
    };
    shapes.iter().flat_map(of_one).collect()
}

fn of_look_back(look_back: &LookBack) -> Vec<Kind> {
    let listed = [&look_back.also, &look_back.previous, &look_back.known_by, &look_back.unless];
    listed.into_iter().flat_map(|list| named(list)).chain([look_back.event.kind]).collect()
}

fn of_open(open: &Open) -> impl Iterator<Item = Kind> + '_ {
    named(&open.start).chain(named(&open.end)).chain(named(&open.joined))
}

fn of_tally(tally: &Tally) -> Vec<Kind> {
    let mut kinds = tally.members.kinds();
    if let Members::Open(open) = &tally.members {
        kinds.extend(of_open(open));
    }
    kinds.extend(tally.stand_in.iter().flat_map(|one| named(&one.events)));
    kinds.extend(tally.only.iter().flat_map(|only| named(&only.events)));
    kinds.extend(tally.follow_up.iter().flat_map(|one| named(&one.left_with)));
    kinds.extend(named(&tally.else_last));
    kinds.extend(asked_of_short_breaks(tally.leaves_out_short_breaks));
    if let Some(counts) = &tally.counts {
        kinds.extend(named(&counts.is));
        kinds.extend(counts.has.iter().flat_map(|has| named(&has.events)));
        let held = counts.held.as_ref().map(|held| &held.open);
        let open = [counts.open.as_ref(), counts.none_open.as_ref(), counts.overlaps.as_ref(), held];
        kinds.extend(open.into_iter().flatten().flat_map(of_open));
        kinds.extend(counts.lasted.iter().flat_map(|lasted| named(&lasted.since)));
    }
    match &tally.value {
        Some(Value::Days { since, .. }) => kinds.extend(named(since)),
        Some(Value::DaysOpen(open)) => kinds.extend(of_open(open)),
        Some(Value::Number | Value::Lag) | None => {}
    }
    kinds
}
