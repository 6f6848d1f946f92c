//! Every kind of event reads on a page: title, lane, details, and the episode of its own process.

use chrono::{DateTime, Utc};
use domain::envelope::{Category, EventContext};
use domain::events::{EntityRole, Kind, RecordedEvent, Stage};
use domain::ids::{CommandId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use projections::episodes::episodes;
use projections::wording::{Lane, details, lane, title};
use uuid::Uuid;

/// A journey of one invented event.
fn journey(kind: Kind) -> Journey {
    let recorded = RecordedEvent {
        position: Position(1),
        stream: StreamId(Uuid::from_u128(99)),
        category: kind.category(),
        revision: Revision(1),
        event_id: EventId(Uuid::from_u128(1)),
        command_id: CommandId(Uuid::from_u128(1)),
        recorded_at: "2024-07-01T09:00:00Z".parse::<DateTime<Utc>>().expect("a moment"),
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event: kind.sample(),
    };
    Journey::known(&[recorded], KnownAt::NOW)
}

#[test]
fn every_kind_of_a_child_has_a_title_a_lane_and_readable_details() {
    let mut lanes = std::collections::BTreeSet::new();
    for kind in Kind::ALL.iter().filter(|kind| kind.stands_in(Category::Child)) {
        assert!(!title(*kind).is_empty() && !title(*kind).contains('_'), "{}", kind.name());
        lanes.insert(lane(*kind));
        let shown = details(&kind.sample());
        let fields = kind.fields().into_iter().filter(|field| field.shape != "event").count();
        assert_eq!(shown.len(), fields, "{}: {shown:?}", kind.name());
    }
    assert_eq!(lanes.len(), Lane::ALL.len());
}

#[test]
fn every_process_has_one_episode_that_its_own_events_begin_and_end() {
    for kind in Kind::ALL.iter().filter(|kind| kind.own_role().is_some()) {
        let mut found =
            episodes(&journey(*kind), RuleBook::built_in().endings(), "2030-01-01".parse().unwrap());
        if *kind == Kind::ChildJoinedProceedings {
            // A child joins with an own application.
            let begun = found.extract_if(.., |it| it.role == EntityRole::Application).next();
            assert!(begun.is_some_and(|application| application.opened_by.is_some()));
        }
        let [episode] = found.as_slice() else { panic!("{}: {found:?}", kind.name()) };
        assert_eq!(Some(episode.role), kind.own_role());
        assert_eq!(episode.opened_by.is_some(), kind.stage() == Stage::Opens, "{}", kind.name());
        // An order that states its last day ends on it.
        let on_its_day = [Kind::EpoGranted, Kind::EpoExtended, Kind::ChildAssessmentOrderGranted];
        let ends =
            kind.stage() == Stage::Ends || *kind == Kind::ConferenceNotRequired || on_its_day.contains(kind);
        assert_eq!(episode.ended_by.is_some(), ends, "{}", kind.name());
    }
}
