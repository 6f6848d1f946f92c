//! Two processes appending at once: dense positions and revisions, nothing acknowledged lost, nobody starved.
//!
//! Runs for 10 seconds; `CASELEDGER_TEST_SECONDS` sets another length, for instance the full 60.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::ids::{EventId, Position, StreamId};
use uuid::Uuid;

use crate::test_support::{TestDatabase, append_to, fresh_ledger, say, some_event, some_stream};
use crate::{Expected, Ledger};

const HANDLE: &str = "CASELEDGER_TEST_DATABASE";
const SECONDS: &str = "CASELEDGER_TEST_SECONDS";
const WRITERS: usize = 8;
/// Streams that all writers of both processes share.
const SHARED: u128 = 4;

fn seconds() -> u64 {
    std::env::var(SECONDS).ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(10)
}

/// Not a test by itself: what each writing process does. Prints each acknowledged event.
#[test]
fn writing_process() {
    let Ok(handle) = std::env::var(HANDLE) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let database = TestDatabase::from_handle(&handle);
        let ledger = database.open_ledger().await;
        println!("ready");
        let mut go = String::new();
        std::io::stdin().read_line(&mut go).unwrap();
        let until = Instant::now() + Duration::from_secs(seconds());
        let writers: Vec<_> = (0..WRITERS).map(|n| tokio::spawn(write(ledger.clone(), n, until))).collect();
        for writer in writers {
            for (event, position) in writer.await.unwrap() {
                println!("acknowledged {event} {position}");
            }
        }
    });
}

async fn write(ledger: Ledger, number: usize, until: Instant) -> Vec<(EventId, u64)> {
    let mut acknowledged = Vec::new();
    let own = some_stream();
    while Instant::now() < until {
        let shared = StreamId(Uuid::from_u128(1 + acknowledged.len() as u128 % SHARED));
        let stream = if number.is_multiple_of(2) { own } else { shared };
        let event = some_event(1);
        let id = event.event_id;
        let recorded = ledger.append(append_to(stream, Expected::Any, vec![event])).await.unwrap();
        acknowledged.push((id, recorded.first_position.0));
    }
    acknowledged
}

fn start(database: &TestDatabase) -> Child {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "tests::processes::writing_process", "--nocapture"]);
    program.env(HANDLE, database.handle()).env(SECONDS, seconds().to_string());
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

fn acknowledged(line: &str) -> Option<(EventId, u64)> {
    let mut words = line.split("acknowledged ").nth(1)?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_the_log_fairly_and_lose_nothing() {
    let (database, ledger) = fresh_ledger().await;
    let mut processes = [start(&database), start(&database)];
    let mut outputs: Vec<_> =
        processes.iter_mut().map(|one| BufReader::new(one.stdout.take().unwrap())).collect();
    for output in &mut outputs {
        let mut line = String::new();
        while !line.contains("ready") {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "the process ended before it was ready");
        }
    }
    for process in &mut processes {
        drop(process.stdin.take());
    }
    let said: Vec<Vec<(EventId, u64)>> = outputs
        .into_iter()
        .map(|output| output.lines().filter_map(|line| acknowledged(&line.unwrap())).collect())
        .collect();
    for process in &mut processes {
        assert!(process.wait().unwrap().success());
    }
    let total: usize = said.iter().map(Vec::len).sum();
    let shares: Vec<usize> = said.iter().map(|one| one.len() * 100 / total.max(1)).collect();
    say(&format!("two processes: {total} events, shares {shares:?} %"));

    let mut stored = BTreeMap::new();
    let mut revisions: BTreeMap<StreamId, u32> = BTreeMap::new();
    let mut next = 1;
    loop {
        let events = ledger.read_positions(Position(next), 5_000).await.unwrap();
        if events.is_empty() {
            break;
        }
        for event in events {
            assert_eq!(event.position, Position(next), "positions are dense");
            let revision = revisions.entry(event.stream).or_default();
            *revision += 1;
            assert_eq!(event.revision.0, *revision, "revisions are dense");
            stored.insert(event.event_id, event.position.0);
            next += 1;
        }
    }
    assert_eq!(stored.len(), total + 1, "every stored event but the genesis was acknowledged, none twice");
    for (event, position) in said.iter().flatten() {
        assert_eq!(stored.get(event), Some(position), "an acknowledged event stands where it was said to");
    }
    assert!(shares.iter().all(|share| *share >= 25), "{shares:?}");
}
