//! Full disks: of the tables, of the write-ahead log, of the proof folder; and a proof folder that cannot be written.
//!
//! Each is a small file system of its own in a mount name space of its own, so that nothing is left behind. Where
//! mounting is not permitted the campaign says so and does nothing.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use ledger::{AppendError, Ledger, Options};
use tokio_postgres::error::SqlState;

use super::Setting;
use super::answer::Answer;
use super::oracle::Oracle;
use super::place::Place;
use super::prng::Prng;
use super::report::{FINDINGS, Report, counts, ms};
use super::script::Asked;
use super::server::{Folders, Server, give_away};

/// Most appends until a disk must be full.
const MOST: u32 = 100_000;
const LONG: Duration = Duration::from_secs(60);

/// Runs the campaign in a mount name space, as a child process, and takes over its tables.
pub(super) fn measure(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("full disks");
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private"]).arg(&setting.program);
    unshare.args(["inside", "disk", &setting.seed.to_string()]);
    let Ok(done) = unshare.stderr(std::process::Stdio::inherit()).output() else {
        report.say("Full disks: not run, because the program unshare is not there.");
        return Ok(());
    };
    let text = String::from_utf8_lossy(&done.stdout);
    if !text.contains('|') {
        report.say("Full disks: not run, because mounting a file system is not permitted here.");
        return Ok(());
    }
    for line in text.lines() {
        match line.strip_prefix("FAILED: ") {
            Some(failure) => report.failures.push(failure.to_owned()),
            None => report.text.push_str(&format!("{line}\n")),
        }
    }
    report.text.push('\n');
    report.expect(done.status.success(), "the campaign of full disks came to no end");
    Ok(())
}

/// The campaign itself, in the child process.
pub(super) async fn inside(seed: u64) -> anyhow::Result<()> {
    let mut report = Report::default();
    let mut rows = vec![tables(seed).await?];
    rows.push(write_ahead_log(seed).await?);
    rows.extend(proof_folder(seed).await?);
    for row in &mut rows {
        let failures = std::mem::take(&mut row.failures);
        report.failures.extend(failures);
    }
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.cells).collect();
    let mut columns = vec!["disk", "what callers are told", "meanwhile"];
    columns.extend(FINDINGS);
    columns.push("after freeing, ms until recorded or signed");
    report.table("Full disk", &columns, &rows);
    for failure in &report.failures {
        report.text.push_str(&format!("FAILED: {failure}\n"));
    }
    std::io::stdout().write_all(report.text.as_bytes())?;
    Ok(())
}

struct Row {
    cells: Vec<String>,
    failures: Vec<String>,
}

/// A file system in memory.
fn mount(place: &Path, size: &str) -> anyhow::Result<()> {
    fs::create_dir_all(place)?;
    run(Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(place))?;
    give_away(place)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let done = command.output()?;
    ensure!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// Fills the rest of a file system.
struct Ballast(PathBuf);

impl Ballast {
    fn fill(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("ballast");
        let mut file = File::create(&path)?;
        for block in [1 << 16, 1 << 12] {
            while file.write_all(&vec![1; block]).is_ok() {}
        }
        Ok(Self(path))
    }

    fn remove(self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.0)?)
    }
}

/// One caller on a full disk: what was told, and what was refused.
struct Caller {
    ledger: Ledger,
    oracle: Oracle,
    asked: Asked,
}

impl Caller {
    async fn new(place: &Place, run: u64) -> anyhow::Result<Self> {
        let ledger = place.open("full", Options::default()).await?;
        let oracle = Oracle::new(place.verifier()?);
        // A caller that seals nothing: its keys lie on another disk.
        Ok(Self { ledger, oracle, asked: Asked { run, caller: 1, number: 0 } })
    }

    async fn append(&mut self) -> Result<(), AppendError> {
        let recorded = self.ledger.append(self.asked.command()).await?;
        self.oracle.acknowledge(self.asked, Answer::of(&recorded));
        self.asked = self.asked.next();
        Ok(())
    }

    async fn append_until_refused(&mut self) -> anyhow::Result<AppendError> {
        for _ in 0..MOST {
            if let Err(error) = self.append().await {
                return Ok(error);
            }
        }
        anyhow::bail!("the disk does not become full")
    }

    /// The refused command is asked again until it is recorded.
    async fn until_recorded(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        while let Err(error) = self.append().await {
            ensure!(began.elapsed() < LONG, "nothing is recorded after the disk was freed: {error:?}");
        }
        Ok(began.elapsed())
    }

    async fn row(
        mut self,
        name: &str,
        told: &str,
        meanwhile: &str,
        place: &Place,
        time: Duration,
    ) -> anyhow::Result<Row> {
        self.oracle.look(&place.admin().await?).await?;
        let findings = self.oracle.findings();
        let mut cells = vec![name.to_owned(), told.to_owned(), meanwhile.to_owned()];
        cells.extend(counts(findings));
        cells.push(ms(time));
        let failures = if findings.total() > 0 {
            vec![format!("{name}: {}", findings.words.join("; "))]
        } else {
            Vec::new()
        };
        Ok(Row { cells, failures })
    }
}

/// The tables lie on a full disk, the write-ahead log does not.
async fn tables(seed: u64) -> anyhow::Result<Row> {
    let mut folders = Folders::fresh()?;
    let disk = folders.root.join("disk");
    mount(&disk, "80m")?;
    folders.data = disk.join("data");
    folders.wal = Some(folders.root.join("wal"));
    let server = Server::make(folders, &["max_wal_size=64MB"]).await?;
    let place = Place::make(&server, "tables").await?;
    let mut caller = Caller::new(&place, Prng::of(seed, "tables").next()).await?;
    caller.append().await?;
    let ballast = Ballast::fill(&disk)?;
    let refused = caller.append_until_refused().await?;
    let full = |error: &AppendError| matches!(error, AppendError::Database { source, .. } if source.code() == Some(&SqlState::DISK_FULL));
    let mut failures = Vec::new();
    if !full(&refused) {
        failures.push(format!("tables: told {refused:?}"));
    }
    let again = caller.append().await;
    ensure!(again.is_err(), "a command is recorded on a full disk");
    let read = caller.ledger.read_positions(domain::ids::Position(1), 10).await?;
    ensure!(!read.is_empty() && caller.ledger.head().await?.position.0 > 1, "reads go on");
    ballast.remove()?;
    let time = caller.until_recorded().await?;
    let mut row = caller
        .row("tables", "refused by the database (53100, disk full)", "reads go on", &place, time)
        .await?;
    row.failures.extend(failures);
    Ok(row)
}

/// The write-ahead log lies on a full disk: PostgreSQL stops itself, and is started again once there is room.
async fn write_ahead_log(seed: u64) -> anyhow::Result<Row> {
    let mut folders = Folders::fresh()?;
    let disk = folders.root.join("disk");
    mount(&disk, "48m")?;
    folders.wal = Some(disk.join("wal"));
    let mut server = Server::make(folders, &["max_wal_size=8MB", "min_wal_size=2MB"]).await?;
    let place = Place::make(&server, "wal").await?;
    let mut caller = Caller::new(&place, Prng::of(seed, "wal").next()).await?;
    caller.append().await?;
    let ballast = Ballast::fill(&disk)?;
    let refused = caller.append_until_refused().await?;
    let mut failures = Vec::new();
    if !matches!(refused, AppendError::Unavailable { .. }) {
        failures.push(format!("write-ahead log: told {refused:?}"));
    }
    ballast.remove()?;
    let stopped = server.has_ended()?;
    let began = Instant::now();
    if stopped {
        server.start().await?;
    }
    caller.until_recorded().await?;
    let meanwhile =
        if stopped { "PostgreSQL stops itself; started again" } else { "PostgreSQL recovers by itself" };
    let told = "outcome unknown, ask again with the same id";
    let mut row = caller.row("write-ahead log", told, meanwhile, &place, began.elapsed()).await?;
    row.failures.extend(failures);
    Ok(row)
}

/// The proof folder cannot be written: appends go on, nothing is signed, and signing goes on by itself afterwards.
async fn proof_folder(seed: u64) -> anyhow::Result<Vec<Row>> {
    let server = Server::make(Folders::fresh()?, &[]).await?;
    let mut rows = Vec::new();
    for (name, read_only) in [("proof folder, full", false), ("proof folder, read-only", true)] {
        let database = if read_only { "folder_read_only" } else { "folder_full" };
        let place = Place::make(&server, database).await?;
        mount(&place.proof, "2m")?;
        let mut caller = Caller::new(&place, Prng::of(seed, name).next()).await?;
        let signing = caller.ledger.start_signing(place.proof_options()?).await?;
        caller.append().await?;
        ensure!(signing.covers(2, LONG).await, "nothing is signed to begin with");
        let before = fs::read_to_string(place.proof.join("checkpoint"))?;
        let remount =
            |how: &str| run(Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&place.proof));
        let ballast = if read_only {
            remount("ro")?;
            None
        } else {
            Some(Ballast::fill(&place.proof)?)
        };
        for _ in 0..300 {
            caller.append().await?;
        }
        // Two turns of the signer, in which it fails.
        let size = caller.ledger.head().await?.position.0;
        ensure!(!signing.covers(size, Duration::from_secs(3)).await, "signed without a place for its tiles");
        ensure!(signing.status().borrow().stopped.is_none(), "the signer stopped for good");
        ensure!(
            fs::read_to_string(place.proof.join("checkpoint"))? == before,
            "the checkpoint is still the whole old one"
        );
        match ballast {
            Some(ballast) => ballast.remove()?,
            None => remount("rw")?,
        }
        let began = Instant::now();
        ensure!(signing.covers(size, LONG).await, "signing does not go on");
        let time = began.elapsed();
        caller.append().await?;
        caller.oracle.checkpoint(&before);
        signing.finish().await;
        caller.oracle.checkpoint(&fs::read_to_string(place.proof.join("checkpoint"))?);
        let told = "nothing: appends go on";
        rows.push(
            caller.row(name, told, "the old checkpoint stays whole", &place, time).await.context(name)?,
        );
    }
    Ok(rows)
}
