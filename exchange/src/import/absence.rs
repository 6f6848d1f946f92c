//! What it means that a file no longer names a record.
//!
//! Only the newest file about a list may say so, only of records that an older file of the same list
//! asserted, and only where the list's window should have held the record. A record of a row is
//! judged with its row. Withdrawal is marked inferred.

use chrono::NaiveDate;
use domain::events::{EntityRole, Kind};
use domain::ids::EventId;

use super::extracts::Standing;
use super::held::{Asserted, HeldEvent};
use super::planning::Planner;
use super::records::Resolution;
use crate::layout::{List, Window};

/// What founds a record in a list, and what ends it.
struct Listed {
    list: &'static str,
    opening: Kind,
    end: Option<Kind>,
    /// The role under which the record names the record that encloses it in the same row or element.
    within: Option<EntityRole>,
}

const fn listed(list: &'static str, opening: Kind, end: Option<Kind>, within: Option<EntityRole>) -> Listed {
    Listed { list, opening, end, within }
}

/// Every kind whose records stand one by one in a list, outer ones first. Codes are as declared.
const LISTED: [Listed; 18] = [
    listed("list_1", Kind::ContactReceived, None, None),
    listed("list_2", Kind::EarlyHelpAssessmentStarted, None, None),
    listed("list_3", Kind::ReferralReceived, None, None),
    listed("list_4", Kind::AssessmentStarted, Some(Kind::AssessmentAuthorised), None),
    listed("list_5", Kind::StrategyDiscussionHeld, None, None),
    listed("list_5", Kind::Section47EnquiryStarted, None, Some(EntityRole::StrategyDiscussion)),
    listed("list_5", Kind::InitialConferenceHeld, None, Some(EntityRole::Enquiry)),
    listed("list_6", Kind::ChildInNeedCaseOpened, Some(Kind::ChildInNeedCaseClosed), None),
    listed("list_7", Kind::ChildProtectionPlanStarted, Some(Kind::ChildProtectionPlanEnded), None),
    listed("list_8", Kind::BecameLookedAfter, Some(Kind::CeasedToBeLookedAfter), None),
    listed("list_10", Kind::AdoptionDecisionMade, Some(Kind::AdoptionOrderMade), None),
    listed("referral", Kind::ReferralReceived, Some(Kind::CaseClosed), None),
    listed(
        "assessment",
        Kind::AssessmentStarted,
        Some(Kind::AssessmentAuthorised),
        Some(EntityRole::Referral),
    ),
    listed(
        "in_need_plan",
        Kind::ChildInNeedPlanStarted,
        Some(Kind::ChildInNeedPlanEnded),
        Some(EntityRole::Referral),
    ),
    listed("section_47", Kind::Section47EnquiryStarted, None, Some(EntityRole::Referral)),
    listed(
        "protection_plan",
        Kind::ChildProtectionPlanStarted,
        Some(Kind::ChildProtectionPlanEnded),
        Some(EntityRole::Referral),
    ),
    listed("review_conference", Kind::ReviewConferenceHeld, None, Some(EntityRole::Plan)),
    listed(
        "pre_proceedings",
        Kind::PreProceedingsStarted,
        Some(Kind::PreProceedingsConcluded),
        Some(EntityRole::Referral),
    ),
];

/// Whether the file, by its scope and standing, should name this held record in `list`.
pub(super) fn is_expected(planner: &Planner<'_>, event: &HeldEvent, list: &'static List) -> bool {
    let import = &planner.import;
    let sheet = import.sheet(list);
    let older = match event.asserted {
        Asserted::ByExtract { import: other, as_at } => {
            as_at < import.as_at
                && import.prior.iter().any(|extract| extract.import == other && other != import.id)
        }
        Asserted::ByHand => false,
    };
    let row = LISTED.iter().find(|listed| listed.list == sheet && listed.opening == event.kind());
    let from_list = event.sheet.as_deref() == Some(sheet.as_str());
    let newest = import.holds(list).is_some() && import.standing(&list.code) == Standing::Newest;
    match row {
        Some(row) if older && from_list && newest => is_in_window(planner, event, list, row),
        _ => false,
    }
}

fn is_in_window(planner: &Planner<'_>, event: &HeldEvent, list: &List, row: &Listed) -> bool {
    let Some((window, from)) = list.window.zip(list.window_from(planner.import.as_at)) else {
        return false;
    };
    let Some(began) = event.occurred.day().filter(|day| *day <= planner.import.as_at) else {
        return false;
    };
    match window {
        Window::Starts => began >= from || row.within.is_some(),
        Window::Open => match end_of(planner, event, row) {
            Some(ended) => ended >= from,
            // An end that fell between two files would stand in the newer one only while its window reaches back.
            None => {
                let previous = planner.import.previous(&list.code).and_then(|day| day.succ_opt());
                previous.is_some_and(|next| next >= from)
            }
        },
    }
}

fn end_of(planner: &Planner<'_>, event: &HeldEvent, row: &Listed) -> Option<NaiveDate> {
    let role = event.kind().own_role()?;
    let id = event.entities.get(role)?;
    let end = row.end?;
    let ends = planner.held.of_kind(end, Some((role, id)));
    ends.filter(|end| !end.withdrawn).filter_map(|end| end.occurred.day()).max()
}

impl Planner<'_> {
    /// Withdraws every held record that the file should name and does not.
    pub(super) fn withdraw_absent(&mut self, resolutions: &[Resolution]) {
        let named: Vec<EventId> = resolutions.iter().filter_map(opening_of).collect();
        let lists = self.import.lists();
        for row in &LISTED {
            let Some(list) = lists.iter().find(|list| self.import.sheet(list) == row.list) else {
                continue;
            };
            let gone: Vec<EventId> = self
                .held
                .of_kind(row.opening, None)
                .filter(|event| !event.withdrawn && !named.contains(&event.id))
                .filter(|event| !self.is_in_question(event.id))
                .filter(|event| is_expected(self, event, list))
                .filter(|event| self.is_enclosed(event, row, &named))
                .map(|event| event.id)
                .collect();
            for id in gone {
                self.withdraw_record(id, row.opening);
            }
        }
    }

    /// A record within another is judged only where the file names the other.
    fn is_enclosed(&self, event: &HeldEvent, row: &Listed, named: &[EventId]) -> bool {
        let Some(role) = row.within else {
            return true;
        };
        let Some(id) = event.entities.get(role) else {
            return true;
        };
        named
            .iter()
            .filter_map(|named| self.held.get(*named))
            .any(|other| other.kind().own_role() == Some(role) && other.entities.get(role) == Some(id))
    }

    fn is_in_question(&self, id: EventId) -> bool {
        self.questions.iter().any(|question| question.held == id && !question.inferred)
    }

    /// Withdraws the opening and everything that belongs to its process.
    fn withdraw_record(&mut self, id: EventId, opening: Kind) {
        let process = self.held.get(id).and_then(|event| {
            opening.own_role().and_then(|role| event.entities.get(role).map(|id| (role, id)))
        });
        let mut going = vec![id];
        if let Some((role, process)) = process {
            let belongs = |event: &&HeldEvent| !event.withdrawn && event.entities.get(role) == Some(process);
            going.extend(
                self.held.events.iter().filter(belongs).map(|event| event.id).filter(|other| *other != id),
            );
        }
        for id in going {
            // The withdrawal belongs to no row: it is about a row that is not there.
            self.withdraw(id, usize::MAX);
        }
        self.withdrawn = self.withdrawn.saturating_add(1);
    }
}

fn opening_of(resolution: &Resolution) -> Option<EventId> {
    match resolution {
        Resolution::Held { opening, .. } => Some(*opening),
        Resolution::New { .. }
        | Resolution::Duplicate { .. }
        | Resolution::Earlier { .. }
        | Resolution::Exclusive { .. }
        | Resolution::Undecided => None,
    }
}
