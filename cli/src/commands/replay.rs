//! `caseledger replay` and `caseledger clocks`: one child, family, set of proceedings or other subject, as known at any moment.

use std::collections::BTreeMap;

use ::replay::ChildReplay;
use domain::calendar::Calendar;
use domain::clocks::{Clock, Looked, State};
use domain::envelope::Category;
use domain::ids::{EventId, StreamId};
use domain::journey::{Change, KnownEvent, Lateness};
use domain::observations::Observation;
use projections::wording;
use serde_json::Value;

use super::deadline::reason;
use super::knowledge;
use crate::arguments::ChildArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::Open;

/// Prints a child's journey.
///
/// # Errors
/// A [`Failure`] for an unknown child or a ledger that cannot be read.
pub(crate) async fn journey(open: &Open, arguments: &ChildArguments) -> Result<Outcome, Failure> {
    let replay = ask(open, arguments).await?;
    let mut answer = Answer::new(&[
        "occurred",
        "event",
        "details",
        "known_since",
        "recorded_at",
        "days_late",
        "source",
        "amended",
        "event_id",
    ]);
    knowledge::note(&mut answer, &replay.knowledge);
    subject(&mut answer, &replay);
    if replay.category == Category::Child {
        answer.note("running", replay.summary.status.words().join(", "));
    }
    answer.when_empty(format!(
        "No event of this {} was known at that moment. Ask without --known-at, or with a later one.",
        subject_name(replay.category)
    ));
    for observation in &replay.observations {
        answer.also("observation", observed(observation, &replay));
    }
    for dispute in &replay.journey.disputes {
        answer.also("disputed", wording::title(dispute.claim.body.kind()));
    }
    for (what, count) in disposed(&replay) {
        answer.also("disposed", format!("{count} events, {what}"));
    }
    for event in &replay.journey.events {
        answer.row(event_row(event, replay.stream));
    }
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

/// Notes whose stream it is, and of which category.
fn subject(answer: &mut Answer, replay: &ChildReplay) {
    answer.note(replay.category.name(), replay.stream.to_string());
    answer.note("category", replay.category.name());
}

fn subject_name(category: Category) -> &'static str {
    match category {
        Category::Child => "child",
        Category::Household => "household",
        Category::Proceedings => "set of proceedings",
        Category::Adopter => "adopter",
        Category::Worker => "worker",
        Category::Authority => "authority",
        Category::System => "ledger",
    }
}

/// What is irregular: its code, its sentence, and the events that it is about, each with its day.
fn observed(observation: &Observation, replay: &ChildReplay) -> String {
    let (code, sentence) = (observation.code.name(), observation.code.sentence());
    let known = |id: &EventId| replay.journey.events.iter().find(|event| event.event_id == *id);
    let events = observation.events.iter().filter_map(known);
    let about: Vec<String> =
        events.map(|event| format!("{}, {}", wording::title(event.kind()), event.occurred)).collect();
    if about.is_empty() {
        format!("{code}: {sentence}")
    } else {
        format!("{code}: {sentence} ({})", about.join("; "))
    }
}

/// What is gone, by the rule under which it went.
fn disposed(replay: &ChildReplay) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for event in &replay.disposed {
        let what = event.rule.as_ref().map_or("authorised by nobody: verify the ledger".to_owned(), |rule| {
            format!("under rule {rule}")
        });
        *counts.entry(what).or_default() += 1;
    }
    counts
}

async fn ask(open: &Open, arguments: &ChildArguments) -> Result<ChildReplay, Failure> {
    let stream = knowledge::stream(&open.replayer, &arguments.child).await?;
    let knowledge = knowledge::resolve(&open.replayer, &arguments.knowledge).await?;
    let replay = open.replayer.child(stream, knowledge).await.or_fail(Outcome::Fault)?;
    replay.ok_or_else(|| knowledge::nobody(&arguments.child))
}

fn event_row(event: &KnownEvent, stream: StreamId) -> Vec<Value> {
    let told = event.to_case_event();
    let details = wording::details(&told).into_iter().map(|(label, value)| format!("{label} {value}"));
    let row = event.context.import.as_ref().map(|import| format!("{} row {}", import.sheet, import.row));
    let other = (event.stream != stream).then(|| format!("{} {}", event.category, event.stream));
    let source =
        Some([other, row].into_iter().flatten().collect::<Vec<_>>().join(", ")).filter(|it| !it.is_empty());
    let amended = event.amendments.iter().map(|amendment| {
        let was = match &amendment.change {
            Change::Corrected { before } => format!(", was {}", before.occurred),
            Change::Withdrawn | Change::Reinstated => String::new(),
        };
        let what = format!("{}{was}", amendment.words());
        format!("{what} ({})", amendment.known_since.date_naive())
    });
    vec![
        event.occurred.to_string().into(),
        wording::title(event.kind()).into(),
        details.collect::<Vec<_>>().join("; ").into(),
        event.known_since.to_rfc3339().into(),
        event.recorded_at.to_rfc3339().into(),
        Lateness::of(event).map_or(Value::Null, |lateness| lateness.days.into()),
        source.map_or(Value::Null, Value::from),
        amended.collect::<Vec<_>>().join("; ").into(),
        event.event_id.to_string().into(),
    ]
}

/// Prints a child's clocks.
///
/// # Errors
/// As for [`journey`].
pub(crate) async fn clocks(open: &Open, arguments: &ChildArguments) -> Result<Outcome, Failure> {
    let replay = ask(open, arguments).await?;
    let mut answer = if arguments.explain { explained(&replay)? } else { listed(&replay) };
    if let Some(caution) = knowledge::caution(open, &arguments.knowledge, &replay.knowledge).await? {
        answer.also("caution", caution);
    }
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

fn listed(replay: &ChildReplay) -> Answer {
    let mut answer = Answer::new(&[
        "rule", "title", "state", "started", "due_on", "ended", "used", "allowed", "unit", "verified",
        "remark",
    ]);
    knowledge::note(&mut answer, &replay.knowledge);
    subject(&mut answer, replay);
    answer.when_empty(no_clocks(replay));
    for clock in &replay.answers.clocks {
        answer.row(clock_row(clock));
    }
    for look in &replay.answers.look_backs {
        let state = look.answer.name();
        let previous = look.previous.map_or(Value::Null, |previous| previous.occurred.to_string().into());
        let verified = look.version.verified.read.into();
        let title = look.rule.title.clone().into();
        let event = look.event.occurred.to_string().into();
        let band =
            if let Looked::Earlier(Some(band)) = look.answer { Some(band.label.clone()) } else { None };
        answer.row(vec![
            look.rule.id.to_string().into(),
            title,
            state.into(),
            event,
            Value::Null,
            previous,
            Value::Null,
            Value::Null,
            Value::Null,
            verified,
            band.map_or(Value::Null, Value::from),
        ]);
    }
    answer
}

fn no_clocks(replay: &ChildReplay) -> String {
    format!(
        "No rule has started a clock for this {}: none of the {} known events starts one. `caseledger rules` lists the rules \
         and `caseledger rules show ID` their start events.",
        subject_name(replay.category),
        replay.journey.events.len()
    )
}

fn clock_row(clock: &Clock<'_>) -> Vec<Value> {
    let day = |day: Option<chrono::NaiveDate>| day.map_or(Value::Null, |day| day.to_string().into());
    let unit = clock.used.or(clock.allowed).map_or(clock.limit.unit, |measure| measure.unit);
    vec![
        clock.rule.id.to_string().into(),
        clock.rule.title.clone().into(),
        clock.state.name().into(),
        clock.start.occurred.to_string().into(),
        day(clock.due_on),
        clock.ended().map_or(Value::Null, |end| end.to_string().into()),
        clock.used.map_or(Value::Null, |used| used.amount.into()),
        clock.allowed.map_or(Value::Null, |allowed| allowed.amount.into()),
        unit.name().into(),
        clock.version.verified.read.into(),
        remark(clock).into(),
    ]
}

/// Why it cannot be told, what extended it and what explains its delay.
fn remark(clock: &Clock<'_>) -> String {
    let mut remarks = Vec::new();
    if let State::CannotTell(why) = clock.state {
        remarks.push(why.sentence().to_owned());
    }
    if clock.is_met_as_extended() {
        remarks.push("after the limit itself, in time only as extended".to_owned());
    }
    if let Some(field) = clock.rule.shown_apart.as_deref().filter(|_| clock.marks.not_stated) {
        remarks.push(format!("{field} not stated"));
    }
    if let Some(repeats) = clock.rule.repeats.as_ref().filter(|_| clock.marks.repeated) {
        remarks.push(format!("the same delay as {repeats}"));
    }
    remarks.extend(clock.extensions.iter().map(|extension| format!("extended to {}", extension.new_end)));
    remarks.extend(clock.delay_reasons.iter().map(|reason| format!("reason recorded: {}", reason.reason)));
    remarks.join("; ")
}

fn explained(replay: &ChildReplay) -> Result<Answer, Failure> {
    let mut answer = Answer::new(&["rule", "started", "date", "number", "reason"]);
    knowledge::note(&mut answer, &replay.knowledge);
    subject(&mut answer, replay);
    answer.when_empty(no_clocks(replay));
    for clock in &replay.answers.clocks {
        let days = clock
            .counted_days(Calendar::built_in(), replay.knowledge.calendar_known)
            .or_fail(Outcome::Fault)?;
        for day in days {
            answer.row(vec![
                clock.rule.id.to_string().into(),
                clock.start.occurred.to_string().into(),
                day.date.to_string().into(),
                day.number.map_or(Value::Null, Value::from),
                reason(&day).into(),
            ]);
        }
    }
    Ok(answer)
}
