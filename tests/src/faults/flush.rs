//! A kill never tests the disk: what PostgreSQL has written survives in the machine's memory. So it is shown apart
//! that every acknowledged batch was waited for: flushes counted by PostgreSQL, and by a trace of its system calls.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use ledger::{Ledger, Options};
use tokio::time::sleep;
use tokio_postgres::Client;

use super::Setting;
use super::place::Place;
use super::prng::Prng;
use super::report::Report;
use super::script::Asked;
use super::server::{Folders, Server};

/// Nothing but a caller who waits makes PostgreSQL flush.
const ONLY_ON_REQUEST: [&str; 5] = [
    "autovacuum=off",
    "wal_writer_delay=10s",
    "wal_writer_flush_after=1GB",
    "checkpoint_timeout=1h",
    // So that the appender's session is known by its last statement.
    "track_activity_query_size=16384",
];

/// Counts heads and flushes of one caller's appends.
pub(super) async fn measure(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("flushes");
    let server = Server::make(Folders::fresh()?, &ONLY_ON_REQUEST).await?;
    let place = Place::make(&server, "flushes").await?;
    let ledger = place.open("serial", Options::default()).await?;
    let admin = place.admin().await?;
    let mut chance = Prng::of(setting.seed, "flush");
    let appends = setting.scale.flushes;

    let before = (heads(&admin).await?, flushes(&admin).await?);
    one_after_another(&ledger, chance.next(), appends).await?;
    drop(ledger);
    wait_until_counted(&admin).await?;
    let after = (heads(&admin).await?, flushes(&admin).await?);
    let (batches, flushed) = (after.0 - before.0, after.1 - before.1);
    let mut rows = vec![row("pg_stat_wal.wal_sync", appends, batches, flushed)];
    report.expect(flushed >= batches, format!("{batches} batches, {flushed} flushes in pg_stat_wal"));

    let ledger = place.open("serial", Options::default()).await?;
    one_after_another(&ledger, chance.next(), 1).await?;
    let trace = server.folders().root.join("trace");
    let backend = appender(&admin).await?;
    match Tracer::start(backend, &trace).await {
        Ok(tracer) => {
            let before = heads(&admin).await?;
            one_after_another(&ledger, chance.next(), appends).await?;
            let batches = heads(&admin).await? - before;
            let flushed = tracer.flushes()?;
            rows.push(row("fdatasync of the appender's backend, strace", appends, batches, flushed));
            report.expect(flushed >= batches, format!("{batches} batches, {flushed} calls of fdatasync"));
        }
        Err(reason) => rows.push(vec![
            "strace".to_owned(),
            format!("not run: {reason}"),
            String::new(),
            String::new(),
            String::new(),
        ]),
    }
    report.table(
        "Flushes of one caller's appends",
        &["counted by", "appends", "batches (heads)", "flushes", "flushes a batch"],
        &rows,
    );
    Ok(())
}

fn row(counted_by: &str, appends: u32, batches: i64, flushed: i64) -> Vec<String> {
    let ratio = f64::from(i32::try_from(flushed).unwrap_or(i32::MAX))
        / f64::from(i32::try_from(batches).unwrap_or(i32::MAX));
    vec![
        counted_by.to_owned(),
        appends.to_string(),
        batches.to_string(),
        flushed.to_string(),
        format!("{ratio:.3}"),
    ]
}

async fn one_after_another(ledger: &Ledger, run: u64, appends: u32) -> anyhow::Result<()> {
    let mut asked = Asked { run, caller: 0, number: 0 };
    for _ in 0..appends {
        ledger.append(asked.command()).await?;
        asked = asked.next();
    }
    Ok(())
}

async fn heads(admin: &Client) -> anyhow::Result<i64> {
    Ok(admin.query_one("SELECT count(*) FROM caseledger.heads", &[]).await?.try_get(0)?)
}

async fn flushes(admin: &Client) -> anyhow::Result<i64> {
    Ok(admin.query_one("SELECT wal_sync FROM pg_stat_wal", &[]).await?.try_get(0)?)
}

/// A session reports what it counted when it ends, at the latest.
async fn wait_until_counted(admin: &Client) -> anyhow::Result<()> {
    let began = Instant::now();
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'serial'";
    while admin.query_one(sql, &[]).await?.try_get::<_, i64>(0)? > 0 {
        ensure!(began.elapsed() < Duration::from_secs(10), "sessions do not end");
        sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// The process of the session that wrote last.
async fn appender(admin: &Client) -> anyhow::Result<i32> {
    let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = 'serial' \
               AND (query LIKE '%INTO caseledger.heads%' OR query = 'COMMIT') ORDER BY query_start";
    let rows = admin.query(sql, &[]).await?;
    rows.last().context("the appender has a session")?.try_get(0).context("its process")
}

struct Tracer {
    strace: Child,
    into: std::path::PathBuf,
}

impl Tracer {
    async fn start(process: i32, into: &Path) -> anyhow::Result<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-q", "-e", "trace=fdatasync", "-p", &process.to_string(), "-o"]).arg(into);
        let strace = strace.stdin(Stdio::null()).stderr(Stdio::null()).spawn().context("strace")?;
        let mut this = Self { strace, into: into.to_owned() };
        let began = Instant::now();
        while !is_traced(process) {
            ensure!(this.strace.try_wait()?.is_none(), "strace may not attach here");
            ensure!(began.elapsed() < Duration::from_secs(10), "strace does not attach");
            sleep(Duration::from_millis(2)).await;
        }
        Ok(this)
    }

    fn flushes(mut self) -> anyhow::Result<i64> {
        rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.strace),
            rustix::process::Signal::INT,
        )?;
        self.strace.wait()?;
        let trace = std::fs::read_to_string(&self.into)?;
        Ok(i64::try_from(
            trace.lines().filter(|line| line.contains("fdatasync(") && line.ends_with("= 0")).count(),
        )?)
    }
}

fn is_traced(process: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|tracer| tracer.trim() != "0"))
}
