//! Random commands against a simple model in memory.

use std::collections::{BTreeMap, HashMap};

use domain::envelope::{Category, NewEvent};
use domain::ids::{CommandId, Position, Revision, StreamId};
use proptest::prelude::*;

use crate::test_support::{fresh_ledger, some_event};
use crate::{AppendError, Command, Expected, Ledger, StreamAppend};
use uuid::Uuid;

/// One step: which command id, which streams with which expectation and how many events.
#[derive(Clone, Debug)]
struct Step {
    command: u8,
    appends: Vec<(u8, Expected, u8)>,
}

fn expectation() -> impl Strategy<Value = Expected> {
    prop_oneof![
        3 => Just(Expected::Any),
        1 => Just(Expected::NoStream),
        2 => (1_u32..6).prop_map(|revision| Expected::Exactly(Revision(revision))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let append = (0_u8..4, expectation(), 1_u8..3);
    (0_u8..30, proptest::collection::vec(append, 1..3))
        .prop_map(|(command, appends)| Step { command, appends })
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Recorded(u64),
    Conflict,
    Reused,
}

/// The obvious way to do it: one command after the other, everything in maps.
#[derive(Default)]
struct Model {
    size: u64,
    revisions: BTreeMap<u8, u32>,
    commands: HashMap<u8, (String, u64)>,
}

impl Model {
    fn apply(&mut self, step: &Step) -> Answer {
        let content = format!(
            "{:?}",
            step.appends.iter().map(|(stream, _, events)| (stream, events)).collect::<Vec<_>>()
        );
        if let Some((before, first)) = self.commands.get(&step.command) {
            return if *before == content { Answer::Recorded(*first) } else { Answer::Reused };
        }
        let mut revisions = self.revisions.clone();
        let mut size = self.size;
        for (stream, expected, events) in &step.appends {
            let revision = revisions.entry(*stream).or_default();
            let fits = match expected {
                Expected::Any => true,
                Expected::NoStream => *revision == 0,
                Expected::Exactly(wanted) => *revision == wanted.0,
            };
            if !fits {
                return Answer::Conflict;
            }
            *revision += u32::from(*events);
            size += u64::from(*events);
        }
        let first = self.size + 2;
        self.commands.insert(step.command, (content, first));
        (self.size, self.revisions) = (size, revisions);
        Answer::Recorded(first)
    }
}

fn stream_of(stream: u8) -> StreamId {
    StreamId(Uuid::from_u128(0x5747_0000_0000_4000_8000_0000_0000_0000 + u128::from(stream)))
}

fn command_of(step: &Step) -> Command {
    // Facts follow from place alone, so that the same content is the same request; event ids are always new.
    let events = |count: u8| -> Vec<NewEvent> { (0..u32::from(count)).map(some_event).collect() };
    let append = |(stream, expected, count): &(u8, Expected, u8)| {
        StreamAppend::new(stream_of(*stream), Category::Child, *expected, events(*count))
    };
    Command {
        command_id: CommandId(Uuid::from_u128(u128::from(step.command) + 1)),
        appends: step.appends.iter().map(append).collect(),
    }
}

async fn ask(ledger: &Ledger, step: &Step) -> Answer {
    match ledger.append(command_of(step)).await {
        Ok(recorded) => Answer::Recorded(recorded.first_position.0),
        Err(AppendError::Conflict { .. }) => Answer::Conflict,
        Err(AppendError::CommandIdReused { .. }) => Answer::Reused,
        Err(other) => panic!("{other:?}"),
    }
}

async fn check(steps: Vec<Step>) {
    let (database, ledger) = fresh_ledger().await;
    let other = database.open_ledger().await;
    let mut model = Model::default();
    for (number, step) in steps.iter().enumerate() {
        // Two handles in turn, so that each finds the other's commits behind its own belief.
        let asked = if number % 3 == 0 { &other } else { &ledger };
        assert_eq!(ask(asked, step).await, model.apply(step), "step {number} of {steps:?}");
    }
    assert_eq!(ledger.head().await.unwrap().position, Position(model.size + 1));
    for (stream, revision) in &model.revisions {
        let events = ledger.read_stream(stream_of(*stream), Revision(1)).await.unwrap();
        let revisions: Vec<u32> = events.iter().map(|event| event.revision.0).collect();
        assert_eq!(revisions, (1..=*revision).collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn answers_are_those_of_the_model(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(check(steps));
    }
}
