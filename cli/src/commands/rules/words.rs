//! A rule's events and counting in words, for whoever reads rules without reading their files.

use domain::calendar::StartDay;
use domain::journey::LATE_AFTER_DAYS;
use domain::rules::{
    Bound, ClockShape, Counts, EarlyStop, EventMatch, FollowUp, LookBack, Members, Once, Open, Rule, Shape,
    Tally,
};

/// What a rule leaves out that leaves out series of short breaks.
const SHORT_BREAKS: &str = "left out: a series of short breaks, until another legal status makes it care";

/// What starts, stops and excuses each clock of a rule, or what a flag or a tally looks at; one line each.
pub(super) fn events(shape: &Shape) -> Vec<String> {
    match shape {
        Shape::Deadline(clocks) => clocks.iter().flat_map(clock).collect(),
        Shape::Flag(look) => vec![look_back(look)],
        Shape::Bands(look, bands) => {
            let labels: Vec<&str> = bands.iter().map(|band| band.label.as_str()).collect();
            vec![look_back(look), format!("in bands: {}", labels.join("; "))]
        }
        Shape::Tally(of) => tally(of),
    }
}

/// Whether the start counts, and what the limit bounds.
pub(super) fn counting(start_day: StartDay, bound: Bound) -> String {
    let start = match start_day {
        StartDay::IsDayZero => "the start is day 0",
        StartDay::IsDayOne => "the start is day 1",
    };
    match bound {
        Bound::Maximum => start.to_owned(),
        Bound::Minimum => format!("{start}, at least"),
        Bound::Window { not_before } => format!("{start}, not before {not_before}"),
    }
}

/// The events of a rule as one text, to be compared.
pub(super) fn all_events(rule: &Rule) -> String {
    events(&rule.shape).join("; ")
}

fn clock(shape: &ClockShape) -> Vec<String> {
    let mut lines = vec![
        format!("one clock per {}", shape.per),
        format!("starts with {}", any(&shape.start)),
        format!("stops with {}", any(&shape.stop)),
    ];
    if let Some(after) = shape.stop_after {
        lines.push(format!("only what comes after {after} stops it"));
    }
    if let Some(birthday) = shape.birthday {
        lines.push(format!("counts from the birthday at {}", birthday.age));
    }
    let lists = [
        ("asked only with", &shape.asked_by),
        ("not applicable with", &shape.not_applicable),
        ("not required with", &shape.not_required),
        ("closed without a stop by", &shape.ended_by),
    ];
    lines.extend(
        lists.iter().filter(|(_, list)| !list.is_empty()).map(|(what, list)| format!("{what} {}", any(list))),
    );
    if !shape.replaced_while.is_empty() {
        lines.push(format!(
            "another rule asks while what one of these began runs: {}",
            any(&shape.replaced_while)
        ));
    }
    if let Some(turned) = &shape.turned {
        let when: Vec<String> = turned.when.iter().map(|standing| any(&standing.0)).collect();
        let (by, limit) = (any(&turned.by), turned.limit);
        lines.push(format!(
            "due {limit} after {by}, where that comes before the last day and this stood: {}",
            when.join("; ")
        ));
    }
    if !shape.shown_by.is_empty() {
        lines.push(format!("without a stop, shown to be done by then by {}", any(&shape.shown_by)));
    }
    if let Some(extension) = &shape.extension {
        lines.push(format!("extended by {}, to its {}", extension.event, extension.field));
    }
    if let Some(pause) = &shape.pause {
        lines.push(format!("paused from {} to {}", any(&pause.from), any(&pause.to)));
    }
    if let Some(due_by) = &shape.due_by {
        lines.push(format!("counted back from {}", any(&due_by.events)));
        if due_by.lapses {
            lines
                .push("once that has come nothing can be done any more: late, and no longer open".to_owned());
        }
    }
    if let Some(field) = &shape.due_field {
        lines.push(format!("counted from the day in {field}"));
    }
    if let Some(chain) = shape.chain {
        let every = if chain.repeats { "every later stop" } else { "the next stop" };
        lines.push(format!("from stop number {} to {every}", chain.from_occurrence));
    }
    match shape.early_stop {
        EarlyStop::CannotTell => {}
        EarlyStop::Met => lines.push("a stop before the start is in time".to_owned()),
        EarlyStop::TooEarly => lines.push("a stop before the start is too early".to_owned()),
    }
    lines
}

fn look_back(look: &LookBack) -> String {
    format!("looks back from {} to {}", look.event, any(&look.previous))
}

fn tally(tally: &Tally) -> Vec<String> {
    let members = match &tally.members {
        Members::Events(events) => any(events),
        Members::AnyEvent => "every event".to_owned(),
        Members::Open(of) => open(of),
        Members::Clocks { rules, .. } => {
            let rules: Vec<&str> = rules.iter().map(|rule| rule.as_str()).collect();
            if rules.is_empty() {
                "every clock".to_owned()
            } else {
                format!("clocks of {}", rules.join(", "))
            }
        }
    };
    let ages = match (tally.age_from, tally.age_below) {
        (None, None) => String::new(),
        (from, below) => {
            let below = below.map_or(String::new(), |below| format!(" to below {below}"));
            format!(", aged {}{below}", from.unwrap_or(0))
        }
    };
    let mut lines = vec![format!("looks at {members}{ages}")];
    lines.extend(tally.once.map(|once| match once {
        Once::FirstInYear => "the first of a child in each year to 31 March".to_owned(),
        Once::LastInYear => "the last of a child in each year to 31 March".to_owned(),
    }));
    if let Some(stand_in) = &tally.stand_in {
        let (events, within) = (any(&stand_in.events), stand_in.within);
        lines.push(format!("and at {events}, where none of those lies within {within} of it"));
    }
    if let Some(only) = &tally.only {
        lines.push(format!("only those with {}", any(&only.events)));
    }
    if let Some(follow_up) = &tally.follow_up {
        lines.push(followed(follow_up));
    }
    if tally.leaves_out_short_breaks {
        lines.push(SHORT_BREAKS.to_owned());
    }
    lines.extend(tally.counts.iter().flat_map(counts));
    lines
}

fn followed(follow_up: &FollowUp) -> String {
    let mut left: Vec<String> = follow_up.left_by.iter().map(ToString::to_string).collect();
    if !follow_up.left_with.is_empty() {
        left.push(any(&follow_up.left_with));
    }
    let mut words = "followed up".to_owned();
    if !left.is_empty() {
        words.push_str(&format!(" until {}", left.join(" or ")));
    }
    let roles: Vec<&str> = follow_up.unless_running.iter().map(|role| role.name()).collect();
    if !roles.is_empty() {
        words.push_str(&format!(", unless a {} runs already", roles.join(" or ")));
    }
    words
}

fn counts(counts: &Counts) -> Vec<String> {
    let mut lines = Vec::new();
    if !counts.is.is_empty() {
        lines.push(format!("counts {}", any(&counts.is)));
    }
    if let Some(has) = &counts.has {
        let wanted = match has.at_least {
            Some(0) => "without".to_owned(),
            Some(least) if least > 1 => format!("with {least} or more of"),
            Some(_) | None => "with".to_owned(),
        };
        lines.push(format!("counts what is {wanted} {}", any(&has.events)));
    }
    let processes = [
        ("while there is", &counts.open),
        ("while there is no", &counts.none_open),
        ("overlapping", &counts.overlaps),
    ];
    let open =
        processes.iter().filter_map(|(what, of)| of.as_ref().map(|of| format!("counts {what} {}", open(of))));
    lines.extend(open);
    if let Some(held) = &counts.held {
        let (least, within) = (held.at_least, held.within);
        lines.push(format!("counts with {least} or more of {} open within {within}", any(&held.open.start)));
        let short =
            held.short.iter().map(|one| format!("not counted up to {}: {}", one.at_most, any(&one.start)));
        lines.extend(short);
    }
    if let Some(lasted) = &counts.lasted {
        lines.push(format!("counts what has lasted {} since {}", lasted.at_least, any(&lasted.since)));
    }
    if counts.recorded_late {
        lines.push(format!("counts what was entered more than {LATE_AFTER_DAYS} days after it happened"));
    }
    if !counts.in_time.is_empty() {
        let rules: Vec<&str> = counts.in_time.iter().map(|rule| rule.as_str()).collect();
        lines.push(format!("counts where every clock of {} is in time", rules.join(", ")));
    }
    lines
}

fn open(open: &Open) -> String {
    let long = open.at_least.map_or(String::new(), |limit| format!(" for {limit} or longer"));
    let each = open.each.as_ref().map_or(String::new(), |each| {
        format!(", one for each {}, ended by the same {}", each.field, each.ended_by_same)
    });
    format!("what {} opened and not {}{long}{each}", any(&open.start), any(&open.end))
}

fn any(matches: &[EventMatch]) -> String {
    let words: Vec<String> = matches.iter().map(ToString::to_string).collect();
    words.join(", or ")
}
