//! Under which conditions a run took place: settings, machine, versions, date.

use std::fmt::Write as _;
use std::fs;

use ledger::test_support::TestDatabase;

use super::Scale;
use super::message_db_store::MessageDbStore;

/// Settings of the measured server: durable, otherwise as the program's own private PostgreSQL has them.
pub(super) fn settings() -> Vec<String> {
    let memory = memory_mebibytes();
    let mut settings: Vec<String> = [
        "fsync=on",
        "full_page_writes=on",
        "synchronous_commit=on",
        "wal_compression=off",
        "min_wal_size=256MB",
        "max_wal_size=2GB",
        "checkpoint_timeout=15min",
        "checkpoint_completion_target=0.9",
        "random_page_cost=1.1",
        "jit=off",
        "max_connections=400",
    ]
    .map(str::to_owned)
    .to_vec();
    settings.push(format!("shared_buffers={}MB", (memory / 8).clamp(32, 2048)));
    settings.push(format!("effective_cache_size={}MB", (memory / 2).max(64)));
    settings.push(format!("maintenance_work_mem={}MB", (memory / 32).clamp(32, 512)));
    settings.push(format!("work_mem={}MB", (memory / 1024).clamp(4, 32)));
    settings
}

/// A list of the conditions; starts the server.
pub(super) async fn describe(scale: &Scale) -> anyhow::Result<String> {
    let admin = TestDatabase::empty().await.admin().await;
    let row = admin.query_one("SELECT current_date::text, current_setting('server_version')", &[]).await?;
    let (date, version): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
    let mut out = String::new();
    let _ = writeln!(out, "- date: {date}");
    let _ = writeln!(out, "- machine: {}, {} MiB of memory", processor(), memory_mebibytes());
    let _ = writeln!(out, "- load when the run began: {}", load());
    let _ = writeln!(out, "- file system of the database: {}", file_system(&std::env::temp_dir()));
    let _ = writeln!(out, "- SHA-256 by the processor's own instructions: {}", own_sha());
    let _ = writeln!(out, "- peers: {}", peers());
    let _ = writeln!(out, "- PostgreSQL {version}, a Unix socket, one server for all stores");
    // Places of files say something about the machine and nothing about the figures.
    let sql = "SELECT name || ' = ' || current_setting(name) FROM pg_settings \
               WHERE setting IS DISTINCT FROM boot_val AND category <> 'File Locations' \
               AND name !~ 'director|file|^lc_|TimeZone|timezone|^application_name|^archive_command|encoding|text_search\
               |listen_addresses|stack_depth|shared_memory|unix_socket' ORDER BY name";
    let mut changed = Vec::new();
    for row in admin.query(sql, &[]).await? {
        changed.push(row.try_get::<_, String>(0)?);
    }
    let sql = "SELECT name || ' = ' || setting FROM pg_settings \
               WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'data_checksums') ORDER BY name";
    let mut durable = Vec::new();
    for row in admin.query(sql, &[]).await? {
        durable.push(row.try_get::<_, String>(0)?);
    }
    let _ = writeln!(out, "- durability: {}", durable.join(", "));
    let _ = writeln!(out, "- settings unlike PostgreSQL's defaults: {}", changed.join(", "));
    let build = if cfg!(debug_assertions) { "not optimised: the figures mean nothing" } else { "release" };
    let _ = writeln!(out, "- build: {build}; {} rounds of {:?}, medians\n", scale.rounds, scale.round);
    Ok(out)
}

/// Versions of what is compared with.
fn peers() -> String {
    let message_db = MessageDbStore::version().map(|version| format!("message-db {version}"));
    #[cfg(feature = "peers")]
    let crates = [Some("esrs 0.18 (sqlx 0.8)".to_owned()), super::uma_store::UmaStore::version()];
    #[cfg(not(feature = "peers"))]
    let crates: [Option<String>; 0] = [];
    let all: Vec<String> = crates.into_iter().chain([message_db]).flatten().collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// What hashes without these instructions costs several times as much.
fn own_sha() -> &'static str {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    if about.contains(" sha_ni") || about.contains(" sha2 ") { "yes" } else { "no" }
}

fn processor() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cores} cores, {}", model.map_or("unknown processor", |(_, name)| name))
}

/// What else the machine was busy with; figures of a busy machine are good for ratios only.
fn load() -> String {
    let averages = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut averages = averages.split(' ');
    match (averages.next(), averages.next()) {
        (Some(one), Some(five)) if !one.is_empty() => {
            format!("{one} in the last minute, {five} in the last five")
        }
        (_, _) => "unknown".to_owned(),
    }
}

fn memory_mebibytes() -> u64 {
    let about = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = about.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes.unwrap_or(2 << 20) >> 10
}

/// The type of the file system that holds a folder.
fn file_system(folder: &std::path::Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mounted = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let place = fields.next()?;
        folder.starts_with(place).then_some((place.len(), fields.next()?.to_owned()))
    });
    mounted.max().map_or_else(|| "unknown".to_owned(), |(_, kind)| kind)
}
