//! Two or three sentences that say how things stand, each linked to what it rests on.

use domain::clocks::{Clock, State};
use domain::events::EntityRole;
use domain::journey::LATE_AFTER_DAYS;
use maud::{Markup, html};
use projections::episodes::Episode;
use projections::lateness::late_records;
use projections::status::Running;
use projections::wording::{self, long_date};

use super::super::words;
use super::Links;
use crate::child_view::ChildView;
use crate::components::{Due, count};

pub(super) fn story(view: &ChildView, links: &Links) -> Markup {
    html! {
        div class="cl-story" {
            p class="govuk-body-l" {
                @if view.replay.summary.events == 0 {
                    "Nothing about this child was known at that moment."
                } @else {
                    (what_runs(view, links)) " " (clocks(view, links)) " " (record(view, links))
                }
            }
        }
    }
}

/// What runs, since when.
fn what_runs(view: &ChildView, links: &Links) -> Markup {
    let as_at = view.knowledge.as_at();
    let mut running: Vec<&Episode> =
        view.replay.episodes.iter().filter(|episode| ran_surely(view, episode)).collect();
    running.sort_by_key(|episode| weight(episode.role));
    let told: Vec<&Episode> =
        running.into_iter().filter(|episode| weight(episode.role) < UNTOLD).take(3).collect();
    let status = view.replay.summary.status;
    let leaver = status.has(Running::CareLeaver);
    let untold: Vec<&str> =
        status.iter().filter(|running| status.is_untold(*running)).map(Running::words).collect();
    html! {
        "On " (long_date(as_at)) " "
        @if told.is_empty() && leaver { "support as a care leaver was running." }
        @else if told.is_empty() { "nothing was running." }
        @else {
            @for (at, episode) in told.iter().enumerate() {
                @if at > 0 && at + 1 == told.len() { " and " } @else if at > 0 { ", " }
                (running_words(episode, links))
            }
            (if told.len() == 1 { " was running." } else { " were running." })
        }
        @if !untold.is_empty() { " We cannot tell whether this was running: " (untold.join(", ")) "." }
    }
}

/// Whether an episode ran on the day asked about, and no reading of the record says that none of its kind did.
fn ran_surely(view: &ChildView, episode: &Episode) -> bool {
    let status = view.replay.summary.status;
    let is_untold = |running: &Running| status.is_untold(*running) && running.roles().contains(&episode.role);
    episode.ran_on(view.knowledge.as_at()) && !Running::ALL.iter().any(is_untold)
}

fn running_words(episode: &Episode, links: &Links) -> Markup {
    let name = wording::one(episode.role);
    html! {
        @match (episode.opened_by, episode.began) {
            (Some(event), Some(began)) => {
                a class="govuk-link" href=(links.event(event)) { (name) " since " (wording::when(began)) }
            },
            _ => { (name) },
        }
    }
}

const UNTOLD: u8 = 9;

/// The most intensive first; what is only an act or a detail is not told.
fn weight(role: EntityRole) -> u8 {
    match role {
        EntityRole::MissingEpisode | EntityRole::PeriodOfCare => 0,
        EntityRole::Application | EntityRole::EmergencyOrder | EntityRole::PoliceProtection => 1,
        EntityRole::Plan => 2,
        EntityRole::Enquiry => 3,
        EntityRole::PreProceedings | EntityRole::EdgeOfCareService => 4,
        EntityRole::ChildInNeedPlan | EntityRole::ChildInNeedCase => 5,
        EntityRole::Assessment => 6,
        EntityRole::Referral | EntityRole::PrivateFostering | EntityRole::PathwayPlan => 7,
        EntityRole::EarlyHelpAssessment | EntityRole::EarlyHelpCase => 8,
        EntityRole::Action
        | EntityRole::Adopter
        | EntityRole::AdoptionCase
        | EntityRole::Alert
        | EntityRole::CarePlan
        | EntityRole::Challenge
        | EntityRole::ChildAssessmentOrder
        | EntityRole::Conference
        | EntityRole::Contact
        | EntityRole::DeprivationOfLibertyOrder
        | EntityRole::Detention
        | EntityRole::Direction
        | EntityRole::EducationHealthCare
        | EntityRole::Escalation
        | EntityRole::FamilyGroupConference
        | EntityRole::FamilyProgramme
        | EntityRole::Hearing
        | EntityRole::HomelessReferral
        | EntityRole::ImprovementAction
        | EntityRole::Incident
        | EntityRole::Placement
        | EntityRole::Proceedings
        | EntityRole::Review
        | EntityRole::StrategyDiscussion
        | EntityRole::TemporaryPlan => UNTOLD,
    }
}

/// The clock that needs attention most, and how many do.
fn clocks(view: &ChildView, links: &Links) -> Markup {
    let all = &view.replay.answers.clocks;
    let pressing = all
        .iter()
        .filter(|clock| clock.is_listed() && matches!(clock.state, State::Overdue | State::DueSoon))
        .min_by_key(|clock| (words::urgency(clock.state), clock.due_on));
    let late = all.iter().filter(|clock| clock.state == State::Late).count();
    let met = all.iter().filter(|clock| clock.state == State::Met).count();
    html! {
        @match pressing {
            Some(clock) => (pressing_words(view, clock, links)),
            None => { "No clock was overdue or due soon." },
        }
        @if met + late > 0 {
            " Of the clocks that have stopped, "
            a class="govuk-link" href={ (links.journey()) "#clocks" } { (met) (if met == 1 { " was met and " } else { " were met and " }) (late) (if late == 1 { " was late" } else { " were late" }) }
            "."
        }
    }
}

fn pressing_words(view: &ChildView, clock: &Clock<'static>, links: &Links) -> Markup {
    let standing =
        clock.due_on.map(|due_on| words::due(&view.knowledge, due_on, words::in_working_days(clock)));
    html! {
        "The clock "
        a class="govuk-link" href=(links.clock(clock)) { "“" (clock.rule.title) "”" }
        @match (standing, clock.due_on) {
            (Some((Due::OverdueBy { days }, unit)), Some(due_on)) => { " ran out on " (long_date(due_on)) " and was overdue by " (count(days, unit)) "." },
            (Some((Due::Today, _)), _) => { " ran out that day." },
            (Some((Due::InDays { days }, unit)), Some(due_on)) => { " was due by " (long_date(due_on)) ", in " (count(days, unit)) "." },
            _ => { " needed attention." },
        }
    }
}

/// Late entry and amendment.
fn record(view: &ChildView, links: &Links) -> Markup {
    let summary = &view.replay.summary;
    let late = late_records(&view.replay.journey);
    html! {
        @if let Some(latest) = late.first() {
            (late.len()) " of " (summary.events)
            (if late.len() == 1 { " records was" } else { " records were" })
            " entered more than " (LATE_AFTER_DAYS) " days after the event, "
            a class="govuk-link" href=(links.event(latest.event_id)) { "the longest delay: " (latest.days) (if latest.days == 1 { " day" } else { " days" }) } "."
        }
        @if summary.corrected > 0 { " " (summary.corrected) (if summary.corrected == 1 { " record was corrected." } else { " records were corrected." }) }
        @if summary.disputed > 0 { " " (summary.disputed) (if summary.disputed == 1 { " row of a source is disputed." } else { " rows of sources are disputed." }) }
    }
}
