//! The explanation of one clock: rule, version, authority, evidence, and every counted and skipped day.

use axum::extract::{Path, State};
use chrono::Datelike;
use domain::calendar::{CountedDay, DayReason, Effect};
use domain::clocks::{Clock, Evidence};
use domain::rules::RuleKind;
use maud::{Markup, html};
use projections::wording::{self, long_date};

use super::failure::Failure;
use super::journey::{Links, Part, above, load, why};
use super::knowledge::{basis_banner, citation};
use super::{Pairs, framed, permit, read, words};
use crate::access::Action;
use crate::child_view::ChildView;
use crate::components::{Cell, SummaryRow, Table, error_summary, summary_list, table, tag, warning};
use crate::state::AppState;

const NO_CLOCK: Failure = Failure::NotFound("clock of this rule and process in what is known");

pub(super) async fn show(
    State(state): State<AppState>,
    Path((stream, rule, entity, occurrence)): Path<(String, String, String, usize)>,
    pairs: Pairs,
) -> Result<Markup, Failure> {
    permit(&state, Action::SeeJourney)?;
    let (asked, problems) = read(pairs).asked();
    let view = load(&state, &stream, asked).await?;
    let entity = entity.parse().map_err(|_| NO_CLOCK)?;
    let clock = view.clock(&rule, entity, occurrence).ok_or(NO_CLOCK)?;
    let links = Links::of(&view);
    let here = format!("{}/clocks/{rule}/{entity}/{occurrence}", links.path());
    let content = html! {
        a class="govuk-back-link" href=(links.journey()) { "Back to the journey" }
        (error_summary(&problems))
        (basis_banner(&view.knowledge, &here))
        h1 class="govuk-heading-l" { (clock.rule.title) }
        (standing(&view, clock, &links))
        (rule_of(clock))
        (days(&view, clock))
        (citation(&view.knowledge))
    };
    Ok(framed(&clock.rule.title, None, above(&view, &links, Part::Other), &content))
}

fn standing(view: &ChildView, clock: &Clock<'static>, links: &Links) -> Markup {
    let (state, colour) = words::state(clock.state);
    let mut rows = vec![
        SummaryRow::new("State", html! { (tag(state, colour)) @if let Some(why) = why(clock) { " " (why) } }),
        SummaryRow::new("Started by", evidence(clock.start, links)),
        SummaryRow::new("Due by", words::last_day(&view.knowledge, clock)),
    ];
    if clock.original_due_on != clock.due_on {
        let original = clock.original_due_on.map_or("not settled".to_owned(), long_date);
        rows.push(SummaryRow::new("Due by, before extensions", html! { (original) }));
    }
    rows.push(SummaryRow::new(
        "Stopped by",
        clock.stop.map_or(html! { "nothing yet" }, |stop| evidence(stop, links)),
    ));
    rows.extend(clock.closed_by.map(|closed| SummaryRow::new("Closed by", evidence(closed, links))));
    rows.extend(words::used_of_allowed(clock).map(|used| SummaryRow::new("Used", html! { (used) })));
    for extension in &clock.extensions {
        rows.push(SummaryRow::new(
            "Extended",
            html! { "to " (long_date(extension.new_end)) " by " (evidence(extension.granted, links)) },
        ));
    }
    for reason in &clock.delay_reasons {
        rows.push(SummaryRow::new(
            "Reason recorded for delay",
            html! { (reason.reason) ", " (evidence(reason.recorded, links)) },
        ));
    }
    summary_list(&rows)
}

fn evidence(evidence: Evidence, links: &Links) -> Markup {
    html! {
        a class="govuk-link" href=(links.event(evidence.event_id)) { (wording::title(evidence.kind)) }
        ", " (wording::when(evidence.occurred)) " (position " (evidence.position) ")"
    }
}

fn rule_of(clock: &Clock<'static>) -> Markup {
    let version = clock.version;
    let kind = match version.kind {
        RuleKind::Law => "Act or regulations",
        RuleKind::Guidance => "Statutory guidance",
        RuleKind::Return => "Definition of a national return",
        RuleKind::Local => "Set by one authority",
        RuleKind::Practice => "Practice, direction or target",
    };
    html! {
        h2 class="govuk-heading-m" { "The rule" }
        @if !version.verified.read { (warning("We have not checked this rule against its source: do not quote it as law.")) }
        (summary_list(&[
            SummaryRow::new("Rule", html! { (clock.rule.id) ", version " (version.name) ", in force " (version.in_force) }),
            SummaryRow::new("Limit", html! { (clock.limit) }),
            SummaryRow::new("Source", html! {
                (version.source)
                // Editions number their paragraphs otherwise: one line for each.
                @for edition in version.paragraph.iter().flat_map(|paragraph| paragraph.split("; ")) { br; (edition) }
            }),
            SummaryRow::new("Authority", html! { (kind) }),
            SummaryRow::new("Verified", html! { (version.verified.note) }),
        ]))
        @if !clock.rule.exceptions.is_empty() {
            ul class="govuk-list govuk-list--bullet" { @for exception in &clock.rule.exceptions { li { (exception) } } }
        }
    }
}

fn days(view: &ChildView, clock: &Clock<'static>) -> Markup {
    let question = view.knowledge.resolved.question();
    let counted = clock.counted_days(question.calendar, question.calendar_known);
    html! {
        h2 class="govuk-heading-m" { "How the days were counted" }
        @match counted {
            Ok(days) if !days.is_empty() => (counted_days(&days)),
            Ok(_) => { p class="govuk-body" { (not_in_working_days(clock)) } },
            Err(_) => { p class="govuk-body" { "No list of bank holidays is held that far, so the days cannot be counted." } },
        }
    }
}

fn not_in_working_days(clock: &Clock<'_>) -> String {
    match clock.start.occurred.day() {
        None => "The day of the start is not known, so no day can be counted.".to_owned(),
        Some(_) => {
            format!("The limit of {} counts every day, weekends and bank holidays included.", clock.limit)
        }
    }
}

fn counted_days(days: &[CountedDay]) -> Markup {
    let rows = days
        .iter()
        .map(|day| {
            vec![
                Cell::new(html! { (day.date.format("%A")) " " (long_date(day.date)) }),
                Cell::new(html! { (day.number.map_or("–".to_owned(), |number| number.to_string())) }),
                Cell::new(html! { (reason(day)) }),
            ]
        })
        .collect();
    let caption = match (days.first(), days.last()) {
        (Some(first), Some(last)) => {
            format!("Every day from {} to {}", long_date(first.date), long_date(last.date))
        }
        _ => "Every day".to_owned(),
    };
    table(&Table { caption: &caption, head: &["Day", "Number", "Why"], rows })
}

fn reason(day: &CountedDay) -> String {
    let reason = match &day.reason {
        DayReason::Start => "the start: day 0".to_owned(),
        DayReason::Working => "working day".to_owned(),
        DayReason::Weekend if day.date.weekday() == chrono::Weekday::Sat => "skipped: Saturday".to_owned(),
        DayReason::Weekend => "skipped: Sunday".to_owned(),
        DayReason::BankHoliday(title) => format!("skipped: bank holiday, {title}"),
    };
    match &day.not_yet_announced {
        Some(news) if news.effect == Effect::Added => {
            format!(
                "{reason}; {} was announced as a bank holiday only on {}",
                news.title,
                long_date(news.announced_on)
            )
        }
        Some(news) => format!(
            "{reason}; that the holiday moved away was announced only on {}",
            long_date(news.announced_on)
        ),
        None => reason,
    }
}
