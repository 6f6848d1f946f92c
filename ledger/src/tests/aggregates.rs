//! An `esrs` aggregate manager over the log, with an aggregate that only counts.

use std::convert::Infallible;

use domain::canonical::NotCanonical;
use domain::envelope::{Category, EventContext, NewEvent, StoredEvent};
use esrs::Aggregate;
use esrs::manager::AggregateManager;
use esrs::store::EventStore;
use uuid::Uuid;

use crate::test_support::{fresh_ledger, some_event, some_stream};
use crate::{AppendError, StoreFault, StoredAggregate};

struct Counter;

impl Aggregate for Counter {
    const NAME: &'static str = "counter";
    type State = u32;
    type Command = u32;
    type Event = u32;
    type Error = Infallible;

    fn handle_command(_: &u32, added: u32) -> Result<Vec<u32>, Infallible> {
        Ok(vec![added; 2])
    }

    fn apply_event(state: u32, added: u32) -> u32 {
        state + added
    }
}

impl StoredAggregate for Counter {
    type Malformed = std::num::ParseIntError;

    fn category(_: &u32) -> Category {
        Category::System
    }

    fn to_new(added: &u32, context: EventContext) -> Result<NewEvent, NotCanonical> {
        Ok(NewEvent { facts: added.to_string(), context, ..some_event(0) })
    }

    fn from_stored(event: StoredEvent) -> Result<u32, std::num::ParseIntError> {
        event.facts.unwrap_or_default().parse()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manager_loads_decides_and_persists_over_the_log() {
    let (database, ledger) = fresh_ledger().await;
    let id = some_stream().0;
    let context = EventContext::new(Uuid::nil(), "manager");
    let manager = AggregateManager::new(ledger.with_context::<Counter>(context.clone()));
    assert!(manager.load(id).await.unwrap().is_none());
    let state = esrs::AggregateState::with_id(id);
    assert_eq!(manager.handle_command(state, 3).await.unwrap().unwrap(), 6);
    let elsewhere = AggregateManager::new(database.open_ledger().await.with_context::<Counter>(context));
    let state = elsewhere.load(id).await.unwrap().unwrap();
    assert_eq!((*state.inner(), *state.sequence_number()), (6, 2));
    assert_eq!(elsewhere.handle_command(state, 1).await.unwrap().unwrap(), 8);
    let stale = esrs::AggregateState::with_id(id);
    let conflict = manager.handle_command(stale, 9).await;
    assert!(matches!(
        conflict,
        Err(StoreFault::Append { source: AppendError::Conflict { actual: 4, .. }, .. })
    ));
    assert!(matches!(manager.delete(id).await, Err(StoreFault::DeleteRefused { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locked_callers_of_one_process_never_conflict() {
    let (_database, ledger) = fresh_ledger().await;
    let id = some_stream().0;
    let add = |ledger: crate::Ledger| async move {
        let manager =
            AggregateManager::new(ledger.with_context::<Counter>(EventContext::new(Uuid::nil(), "manager")));
        for _ in 0..10 {
            let state = manager.lock_and_load(id).await.unwrap().unwrap_or_default();
            manager.handle_command(state, 1).await.unwrap().unwrap();
        }
    };
    let all: Vec<_> = (0..4).map(|_| tokio::spawn(add(ledger.clone()))).collect();
    for one in all {
        one.await.unwrap();
    }
    let store = ledger.with_context::<Counter>(EventContext::new(Uuid::nil(), "manager"));
    assert_eq!(store.by_aggregate_id(id).await.unwrap().len(), 80);
}
