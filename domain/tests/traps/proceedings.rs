//! Proceedings: an own issue date for each child, consolidation, transfer, extensions that name whom they bind, and
//! every way in which an application ends.

use std::collections::BTreeSet;

use domain::clocks::State;
use domain::envelope::Category;
use domain::events::court::{
    ApplicationDismissed, ApplicationIssued, ApplicationWithdrawn, FinalOrderMade, NoOrderMade, OrderApplied,
    ProceedingsOpened, TimetableExtended,
};
use domain::events::court_sets::{ChildJoinedProceedings, ProceedingsConsolidated, ProceedingsTransferred};
use domain::events::{Body, EntityRole as Role, Kind};
use domain::ids::{EntityId, StreamId};
use uuid::Uuid;

use super::teller::{Teller, day, event};

const OF_APPLICATION: [(Role, u128); 2] = [(Role::Application, 1), (Role::Proceedings, 7)];

fn issued() -> Body {
    ApplicationIssued { orders: BTreeSet::from([OrderApplied::Care]), ..Default::default() }.into()
}

fn extended(new_end: &str) -> Body {
    TimetableExtended {
        new_end: day(new_end),
        reason: "expert_evidence".parse().ok(),
        weeks: Some(8),
        children: BTreeSet::new(),
    }
    .into()
}

fn clock(child: &Teller, on: &str) -> (State, Option<String>) {
    let clock = child.clocks(on, "CT-01").remove(0);
    (clock.state, clock.due_on.map(|due| due.to_string()))
}

#[test]
fn each_child_has_an_own_issue_date_and_only_the_extensions_that_bind_it() {
    // Both in one set; the younger child joined three weeks later. 26 weeks begin with the day of issue.
    let mut elder = Teller::with_whole_history();
    elder.tell("2024-01-08", "2024-01-08", issued(), &OF_APPLICATION);
    let mut younger = Teller::with_whole_history();
    let joined = ChildJoinedProceedings { child: None, issued_on: Some(day("2024-01-29")) };
    younger.tell("2024-01-29", "2024-01-29", joined, &[(Role::Proceedings, 7)]);
    let issue = younger.tell("2024-01-29", "2024-01-29", issued(), &OF_APPLICATION);
    // The extension binds the elder child alone and was told late.
    elder.tell("2024-07-15", "2024-07-01", extended("2024-08-31"), &OF_APPLICATION);
    younger.correct("2024-07-22", issue, event("2024-01-26", issued(), &OF_APPLICATION));
    assert_eq!(clock(&elder, "2024-07-08"), (State::Overdue, Some("2024-07-07".into())), "before");
    assert_eq!(
        clock(&elder, "2024-07-15"),
        (State::Running, Some("2024-08-31".into())),
        "after the late entry"
    );
    assert_eq!(clock(&younger, "2024-07-15").1.as_deref(), Some("2024-07-28"), "issue and 181 days");
    assert_eq!(clock(&younger, "2024-07-22").1.as_deref(), Some("2024-07-25"), "after the correction");
}

#[test]
fn consolidation_and_transfer_change_no_issue_date() {
    let mut set = Teller::of(Category::Proceedings, 7);
    let of_set = [(Role::Proceedings, 7)];
    set.tell("2024-01-08", "2024-01-08", ProceedingsOpened {}, &of_set);
    let joined = ChildJoinedProceedings { child: Some(StreamId(Uuid::from_u128(99))), issued_on: None };
    set.tell("2024-01-08", "2024-01-08", joined, &of_set);
    let moved = |level: &str| ProceedingsTransferred { to_court: level.parse().ok(), reason: None };
    let transfer = set.tell("2024-03-18", "2024-02-12", moved("circuit_judge"), &of_set);
    let into = ProceedingsConsolidated { into: EntityId(Uuid::from_u128(8)) };
    set.tell("2024-03-18", "2024-03-04", into, &of_set);
    set.correct("2024-04-08", transfer, event("2024-02-19", moved("high_court"), &of_set));
    let kinds = |known: &str| set.known(known).events.iter().map(|event| event.kind()).collect::<Vec<_>>();
    use Kind::{ChildJoinedProceedings as Joined, ProceedingsConsolidated as Consolidated};
    use Kind::{ProceedingsOpened as Opened, ProceedingsTransferred as Transferred};
    assert_eq!(kinds("2024-03-01"), [Opened, Joined], "before");
    assert_eq!(kinds("2024-03-18"), [Opened, Joined, Transferred, Consolidated], "after the late entries");
    assert_eq!(set.days("2024-04-08", Transferred), ["2024-02-19"], "after the correction");
    assert_eq!(set.observed("2024-04-08"), Vec::<&str>::new());

    let mut child = Teller::with_whole_history();
    child.tell("2024-01-08", "2024-01-08", issued(), &OF_APPLICATION);
    child.tell(
        "2024-03-18",
        "2024-03-04",
        ProceedingsConsolidated { into: EntityId(Uuid::from_u128(8)) },
        &of_set,
    );
    assert_eq!(clock(&child, "2024-03-18").1.as_deref(), Some("2024-07-07"));
}

#[test]
fn every_end_of_an_application_stops_its_clock_and_a_correction_moves_it() {
    let order = FinalOrderMade { order: "care_order".parse().unwrap(), care_plan: None };
    let ends: [Body; 4] =
        [order.into(), ApplicationWithdrawn {}.into(), ApplicationDismissed {}.into(), NoOrderMade {}.into()];
    for end in ends {
        let kind = end.kind().name();
        let mut child = Teller::with_whole_history();
        child.tell("2024-01-08", "2024-01-08", issued(), &OF_APPLICATION);
        let ended = child.tell("2024-07-22", "2024-07-08", end.clone(), &OF_APPLICATION);
        child.correct("2024-07-29", ended, event("2024-07-05", end, &OF_APPLICATION));
        assert_eq!(clock(&child, "2024-07-08").0, State::Overdue, "{kind}: before");
        assert_eq!(clock(&child, "2024-07-22").0, State::Late, "{kind}: after the late entry");
        assert_eq!(clock(&child, "2024-07-29").0, State::Met, "{kind}: after the correction");
    }
}
