//! What processes use, as Linux tells it: processor time of a server with all its processes, and memory.
//!
//! Elsewhere than on Linux everything is zero.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Ticks of the kernel's clock in `/proc/<pid>/stat`, a second; the same on every Linux that Rust runs on.
const TICKS: u64 = 100;

/// Processor time of this program so far.
pub(super) fn own_time() -> Duration {
    stat("self").map_or(Duration::ZERO, |stat| stat.own)
}

/// Processor time so far of a server, of its children, and of the children that have ended.
pub(super) fn time_of_server(process: u32) -> Duration {
    let own = stat(&process.to_string()).map_or(Duration::ZERO, |stat| stat.own + stat.ended_children);
    own + children(process).map(exact_time).sum::<Duration>()
}

/// The process id that PostgreSQL wrote into its data folder.
pub(super) fn postmaster(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

/// Bytes of memory that this program holds now.
pub(super) fn own_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or(0) * 1_024
}

struct Stat {
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

fn stat(process: &str) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let time =
        |first: usize| Some(Duration::from_millis((ticks(first)? + ticks(first + 1)?) * 1_000 / TICKS));
    Some(Stat { parent: fields.get(1)?.parse().ok()?, own: time(11)?, ended_children: time(13)? })
}

fn children(parent: u32) -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        let process = entry.file_name().to_str()?.to_owned();
        let child: u32 = process.parse().ok()?;
        (stat(&process)?.parent == parent).then_some(child)
    })
}

/// To the nanosecond, where the kernel counts that finely.
fn exact_time(process: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{process}/schedstat")).unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    nanoseconds.map_or_else(
        || stat(&process.to_string()).map_or(Duration::ZERO, |stat| stat.own),
        Duration::from_nanos,
    )
}
