//! The signer: killed between any two system calls, two of them at once, one paused while another takes over, and
//! an older copy of the database under a newer checkpoint.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use ledger::proof::{Checkpoint, SignerFault, TILE_WIDTH, tile_path};
use ledger::{AppendError, Ledger, Options};
use rustix::process::Signal;
use tokio::time::sleep;

use super::Setting;
use super::answer::{Answer, Said};
use super::child::Running;
use super::inside;
use super::oracle::Oracle;
use super::place::Place;
use super::prng::Prng;
use super::report::{Report, median_and_most};
use super::script::Asked;
use super::server::{Folders, Server};

const LONG: Duration = Duration::from_secs(30);
/// System calls with which the proof folder is written.
const CALLS: [&str; 4] = ["write", "fsync", "rename", "mkdir"];

/// What a signing process does: with `once` it signs what is new and ends, otherwise it signs until it is told.
pub(super) async fn inside(place: &Place, once: bool) -> anyhow::Result<()> {
    let stop = inside::told_to_stop();
    let ledger = place.open("signer", Options::default()).await?;
    let signing = ledger.start_signing(place.proof_options()?).await?;
    let mut status = signing.status();
    inside::say(&Said::Ready);
    let head = ledger.head().await?.position.0;
    if once {
        ensure!(signing.covers(head, LONG).await, "not signed");
        signing.finish().await;
        return Ok(());
    }
    let mut size = 0;
    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
        let (signed, leads) = {
            let now = status.borrow_and_update();
            (now.tree_size, now.lease)
        };
        if leads && signed > size {
            inside::say(&Said::Signed(signed));
            size = signed;
        }
        let _ = tokio::time::timeout(Duration::from_millis(5), status.changed()).await;
    }
    signing.finish().await;
    Ok(())
}

struct Log {
    place: Place,
    ledger: Ledger,
    oracle: Oracle,
    asked: Asked,
}

impl Log {
    async fn make(server: &Server, name: &str, run: u64) -> anyhow::Result<Self> {
        let place = Place::make(server, name).await?;
        let ledger = place.open("grower", Options::default()).await?;
        let oracle = Oracle::new(place.verifier()?);
        Ok(Self { place, ledger, oracle, asked: Asked { run, caller: 1, number: 0 } })
    }

    async fn grow(&mut self, commands: u64) -> anyhow::Result<u64> {
        let mut size = 0;
        for _ in 0..commands {
            let recorded = self.ledger.append(self.asked.command()).await?;
            self.oracle.acknowledge(self.asked, Answer::of(&recorded));
            self.asked = self.asked.next();
            size = recorded.tree_size;
        }
        Ok(size)
    }

    /// The checkpoint of a proof folder is whole, and its tiles are there and lead to it.
    async fn look_at(&mut self, folder: &Path) -> anyhow::Result<u64> {
        self.oracle.look(&self.place.admin().await?).await?;
        let Ok(note) = fs::read_to_string(folder.join("checkpoint")) else { return Ok(0) };
        self.oracle.checkpoint(&note);
        let (checkpoint, _) = Checkpoint::of_note(&note).context("the checkpoint is torn")?;
        let tiles = leaves_in_tiles(folder, checkpoint.tree_size);
        if tiles.map(|leaves| ledger::tree::root(&leaves)).ok() != Some(checkpoint.root) {
            self.oracle.unproved(format!(
                "the tiles do not lead to the checkpoint of size {}",
                checkpoint.tree_size
            ));
        }
        Ok(checkpoint.tree_size)
    }

    async fn finish(&mut self, report: &mut Report, what: &str) -> anyhow::Result<()> {
        let admin = self.place.admin().await?;
        for row in admin.query("SELECT note FROM caseledger.checkpoints", &[]).await? {
            self.oracle.checkpoint(row.try_get(0)?);
        }
        self.oracle.look_at_everything(&admin).await?;
        report.expect_clean(what, self.oracle.findings());
        Ok(())
    }
}

fn leaves_in_tiles(folder: &Path, size: u64) -> anyhow::Result<Vec<ledger::Hash>> {
    let size = usize::try_from(size)?;
    let mut leaves = Vec::new();
    for index in 0..size.div_ceil(TILE_WIDTH) {
        let width = (size - index * TILE_WIDTH).min(TILE_WIDTH);
        let partial = (width < TILE_WIDTH).then_some(width);
        let tile = |width| fs::read(folder.join(tile_path(0, index as u64, width)));
        // An unfinished tile may go once the full one is there.
        let bytes = tile(partial).or_else(|_| tile(None))?;
        leaves
            .extend(bytes.chunks_exact(32).take(width).filter_map(|hash| ledger::Hash::try_from(hash).ok()));
    }
    Ok(leaves)
}

/// Kills the signer at its first, second, … call of each kind, until it gets through.
pub(super) async fn killed(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("signer killed between system calls");
    if Command::new("strace").arg("-V").output().is_err() {
        report.say("Signer killed at each system call: not run, because the program strace is not there.");
        return Ok(());
    }
    let server = Server::make(Folders::fresh()?, &[]).await?;
    let mut chance = Prng::of(setting.seed, "signer");
    let mut rows = Vec::new();
    for call in CALLS {
        let mut log = Log::make(&server, &format!("killed_at_{call}"), chance.next()).await?;
        let (mut kills, mut after, mut resumed) = (0, 0, Vec::new());
        loop {
            let most = setting.scale.signer_kills;
            after += 1;
            let size = log.grow(chance.between(20, 400)).await?;
            let before = log.look_at(&log.place.proof.clone()).await?;
            sign_once(setting, &log.place, Some(&format!("{call}:signal=KILL:when={after}")))?;
            let now = log.look_at(&log.place.proof.clone()).await?;
            ensure!(now >= before, "the checkpoint went back from {before} to {now}");
            let got_through = now >= size;
            kills += u32::from(!got_through);
            let began = Instant::now();
            sign_once(setting, &log.place, None)?;
            let now = log.look_at(&log.place.proof.clone()).await?;
            report.expect(now >= size, format!("{call} {after}: signing did not resume: {now} of {size}"));
            resumed.push(began.elapsed());
            if got_through || (most > 0 && kills >= most) {
                break;
            }
        }
        log.finish(report, call).await?;
        rows.push(vec![
            format!("killed at its n-th {call}"),
            kills.to_string(),
            log.oracle.findings().unproved.to_string(),
            median_and_most(&resumed),
        ]);
    }
    rows.push(failing(setting, &server, report, chance.next()).await?);
    let columns = ["signer", "kills", "torn, forked or without its tiles", "next start to signed, ms"];
    report.table("Signer killed while it writes", &columns, &rows);
    Ok(())
}

/// A disk that fails at the n-th flush: nothing is published over it, and it is tried again.
async fn failing(
    setting: &Setting,
    server: &Server,
    report: &mut Report,
    run: u64,
) -> anyhow::Result<Vec<String>> {
    let mut log = Log::make(server, "failing", run).await?;
    let (rounds, mut times) = (if setting.scale.signer_kills == 0 { 8 } else { 1 }, Vec::new());
    for after in 1..=rounds {
        let size = log.grow(300).await?;
        let began = Instant::now();
        sign_once(setting, &log.place, Some(&format!("fsync:error=EIO:when={after}")))?;
        times.push(began.elapsed());
        let now = log.look_at(&log.place.proof.clone()).await?;
        // Where it could not begin at all, or was told to end before it could try again, the next one signs.
        if now < size {
            sign_once(setting, &log.place, None)?;
        }
        let now = log.look_at(&log.place.proof.clone()).await?;
        report.expect(now >= size, format!("fsync {after} fails: signed {now} of {size}"));
    }
    log.finish(report, "a disk that fails").await?;
    let unproved = log.oracle.findings().unproved.to_string();
    Ok(vec![
        "EIO at the n-th fsync of a thread".to_owned(),
        rounds.to_string(),
        unproved,
        median_and_most(&times),
    ])
}

/// A process that signs what is new, with a fault injected into its system calls.
fn sign_once(setting: &Setting, place: &Place, inject: Option<&str>) -> anyhow::Result<()> {
    let mut command =
        Command::new(if inject.is_some() { "strace".as_ref() } else { setting.program.as_path() });
    if let Some(fault) = inject {
        let call = fault.split(':').next().unwrap_or_default();
        command.args(["-f", "-q", "-o", "/dev/null", "-e", &format!("trace={call}")]);
        command.args(["-e", &format!("inject={fault}")]).arg(&setting.program);
    }
    Running::start_as(command, "sign", place, &["once".to_owned()])?.end()?;
    Ok(())
}

/// Two signers; the one with the lease is stopped, loses it, and comes back.
pub(super) async fn paused(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("signer paused past the loss of its lease");
    let server = Server::make(Folders::fresh()?, &[]).await?;
    let mut chance = Prng::of(setting.seed, "paused");
    let mut rows = Vec::new();
    for (name, shared) in [("a proof folder each", false), ("one proof folder", true)] {
        let mut log = Log::make(&server, if shared { "shared" } else { "apart" }, chance.next()).await?;
        let places = ["a", "b"].map(|one| {
            if shared { log.place.clone() } else { log.place.with_proof(&format!("proof-{one}")) }
        });
        let mut signers = Vec::new();
        for place in &places {
            signers.push(Running::start(&setting.program, "sign", place, &["on".to_owned()])?);
        }
        let (mut takeovers, mut back, mut seen) = (Vec::new(), 0_u64, BTreeMap::new());
        for _ in 0..setting.scale.takeovers {
            let size = log.grow(chance.between(20, 100)).await?;
            let leader = leader(&mut signers, size).await?;
            // Anywhere between two looks of the signer, also in the middle of its files.
            log.grow(chance.between(1, 300)).await?;
            sleep(Duration::from_millis(chance.below(700))).await;
            at(&mut signers, leader)?.signal(Signal::STOP)?;
            let began = Instant::now();
            let admin = log.place.admin().await?;
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                       AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                       AND (classid::bigint << 32 | objid::bigint) = x'636173656c656403'::bigint";
            let ended: i64 = admin.query_one(sql, &[]).await?.try_get(0)?;
            ensure!(ended == 1, "{ended} sessions had the lease");
            let size = log.grow(chance.between(20, 100)).await?;
            let other = 1 - leader;
            at(&mut signers, other)?
                .wait_for(|said| matches!(said.1, Said::Signed(signed) if signed >= size), LONG)
                .await?;
            takeovers.push(began.elapsed());
            at(&mut signers, leader)?.signal(Signal::CONT)?;
            let size = log.grow(chance.between(20, 100)).await?;
            at(&mut signers, other)?
                .wait_for(|said| matches!(said.1, Said::Signed(signed) if signed >= size), LONG)
                .await?;
            for place in &places {
                let now = log.look_at(&place.proof).await?;
                let before = seen.insert(place.proof.clone(), now).unwrap_or_default();
                back += u64::from(now < before);
            }
        }
        for signer in signers {
            signer.stop()?;
        }
        for place in &places {
            log.look_at(&place.proof).await?;
        }
        log.finish(report, name).await?;
        report.expect(back == 0, format!("{name}: the checkpoint went back {back} times"));
        rows.push(vec![
            name.to_owned(),
            setting.scale.takeovers.to_string(),
            log.oracle.findings().unproved.to_string(),
            back.to_string(),
            median_and_most(&takeovers),
        ]);
    }
    let columns = [
        "two signers, with",
        "takeovers",
        "second roots or notes, missing tiles",
        "checkpoint gone back",
        "takeover ms, median / most",
    ];
    report.table("Signer paused past the loss of its lease", &columns, &rows);
    Ok(())
}

fn at(signers: &mut [Running], number: usize) -> anyhow::Result<&mut Running> {
    signers.get_mut(number).context("there are two signers")
}

/// Who signed this size.
async fn leader(signers: &mut [Running], size: u64) -> anyhow::Result<usize> {
    let began = Instant::now();
    loop {
        for (number, signer) in signers.iter().enumerate() {
            if signer.heard().iter().any(|said| matches!(said.1, Said::Signed(signed) if signed >= size)) {
                return Ok(number);
            }
        }
        ensure!(began.elapsed() < LONG, "nobody signs");
        sleep(Duration::from_millis(2)).await;
    }
}

/// An older copy of the cluster is put back under a running program and a newer checkpoint.
pub(super) async fn older_copy(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("older copy");
    let mut server = Server::make(Folders::fresh()?, &[]).await?;
    let mut log = Log::make(&server, "older", Prng::of(setting.seed, "older").next()).await?;
    log.grow(50).await?;
    let data = server.folders().data.clone();
    let copy = data.with_file_name("copy");
    server.stop()?;
    copy_folder(&data, &copy)?;
    server.start().await?;
    let size = log.grow(50).await?;
    let signing = log.ledger.start_signing(log.place.proof_options()?).await?;
    ensure!(signing.covers(size, LONG).await, "not signed");
    signing.finish().await;
    server.stop()?;
    fs::remove_dir_all(&data)?;
    fs::rename(&copy, &data)?;
    server.start().await?;
    let (running, again) =
        (log.ledger.append(log.asked.command()).await, log.ledger.append(log.asked.next().command()).await);
    let rewound = |answer: &Result<_, AppendError>| {
        matches!(answer, Err(AppendError::Rewound { .. } | AppendError::Halted { .. }))
    };
    report
        .expect(rewound(&running) && rewound(&again), format!("the running program: {running:?}, {again:?}"));
    let started = log.place.open("started", Options::default()).await?;
    let fault = started.start_signing(log.place.proof_options()?).await.map(|_| ());
    report.expect(
        matches!(fault, Err(SignerFault::Rewound { .. })),
        format!("a signer that starts: {fault:?}"),
    );
    let said = |holds: bool| if holds { "refuses" } else { "goes on" }.to_owned();
    let rows = vec![
        vec!["the program that was running".to_owned(), said(rewound(&running)), said(rewound(&again))],
        vec!["a program that starts and signs".to_owned(), said(fault.is_err()), "-".to_owned()],
    ];
    report.table("Older copy of the database under a newer checkpoint", &["who", "first", "again"], &rows);
    Ok(())
}

/// With owners and modes.
fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(done.success(), "cp");
    Ok(())
}
