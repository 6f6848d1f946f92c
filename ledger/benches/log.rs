//! How fast this log appends, imports and reads on this machine: figures for whoever changes the ledger.
//!
//! Run with `cargo bench -p caseledger-ledger --features test-support --bench log`; the server flushes every commit.
//! The comparison with other systems is `make bench`.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot run has failed")]

use std::time::{Duration, Instant};

use domain::envelope::Category;
use domain::ids::Position;
use futures::TryStreamExt;
use ledger::test_support::{self, append_to, fresh_ledger, some_command, some_event, some_stream};
use ledger::{Command, Expected, Ledger, StreamAppend, StreamRange};

const SECONDS_EACH: u64 = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(run());
}

async fn run() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let durable = [
        "fsync=on",
        "synchronous_commit=on",
        "max_connections=200",
        "shared_buffers=256MB",
        "max_wal_size=4GB",
    ];
    test_support::serve_with(durable.map(str::to_owned).to_vec());
    for callers in [1_usize, 8, 32, 128, 512] {
        let (_database, ledger) = fresh_ledger().await;
        let (rate, p50, p99) = append(&ledger, callers).await;
        println!(
            "append, {callers} callers, 1 event a command: {rate:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms"
        );
    }
    let (_database, ledger) = fresh_ledger().await;
    bulk(&ledger, 300_000).await;
    read(&ledger).await;
}

async fn append(ledger: &Ledger, callers: usize) -> (f64, f64, f64) {
    let until = Instant::now() + Duration::from_secs(SECONDS_EACH);
    let tasks: Vec<_> = (0..callers).map(|_| tokio::spawn(append_until(ledger.clone(), until))).collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.expect("no append fails"));
    }
    took.sort_unstable();
    let at = |percent: usize| {
        took.get(took.len() * percent / 100).map_or(0.0, |time: &Duration| time.as_secs_f64() * 1e3)
    };
    let count = u32::try_from(took.len()).map_or(f64::NAN, f64::from);
    (count / Duration::from_secs(SECONDS_EACH).as_secs_f64(), at(50), at(99))
}

async fn append_until(ledger: Ledger, until: Instant) -> Vec<Duration> {
    let mut took = Vec::new();
    while Instant::now() < until {
        let started = Instant::now();
        let command = append_to(some_stream(), Expected::NoStream, vec![some_event(1)]);
        ledger.append(command).await.expect("the append succeeds");
        took.push(started.elapsed());
    }
    took
}

async fn bulk(ledger: &Ledger, events: u32) {
    const A_CHUNK: u32 = 2_000;
    const A_STREAM: u32 = 20;
    let started = Instant::now();
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                for chunk in 0..events / A_CHUNK {
                    if chunk % 3 != writer {
                        continue;
                    }
                    let append = |_| {
                        let events = (0..A_STREAM).map(some_event).collect();
                        StreamAppend::new(some_stream(), Category::Child, Expected::Any, events)
                    };
                    let appends = (0..A_CHUNK / A_STREAM).map(append).collect();
                    ledger
                        .append_bulk(Command { command_id: some_command(), appends })
                        .await
                        .expect("a chunk");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("no chunk fails");
    }
    println!("bulk: {:.0} events/s", f64::from(events) / started.elapsed().as_secs_f64());
}

async fn read(ledger: &Ledger) {
    let head = ledger.head().await.expect("a head").position;
    let started = Instant::now();
    let mut next = 1;
    while next <= head.0 {
        let page = ledger.read_positions(Position(next), 10_000).await.expect("a page");
        next += u64::try_from(page.len()).expect("a length");
    }
    let rate = |started: Instant| {
        u32::try_from(head.0).map_or(f64::NAN, f64::from) / started.elapsed().as_secs_f64()
    };
    println!("read by position, 1 reader: {:.0} events/s", rate(started));
    let started = Instant::now();
    let readers: Vec<_> = StreamRange::split(2)
        .into_iter()
        .map(|range| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                let pages = ledger.read_stream_range(range, head, 10_000);
                pages.try_fold(0, async |sum, page| Ok(sum + page.len())).await.expect("pages")
            })
        })
        .collect();
    let mut sum = 0;
    for reader in readers {
        sum += reader.await.expect("no reader fails");
    }
    println!("read by stream range, 2 readers: {:.0} events/s ({sum} events)", rate(started));
}
