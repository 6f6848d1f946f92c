//! Every command that changes a ledger's files, killed at each system call that changes one, and with that call failing: what
//! is half written is not believed, the next command goes on or says what to do, and the ledger verifies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use super::Setting;
use super::files_after::{self, Kind};
use super::prng::Prng;
use super::report::Report;
use crate::data_folder::{DataFolder, TestLedger};
use crate::events::{EventFile, Line};
use crate::program::Ran;

/// Calls that change something on a disk.
const CALLS: [&str; 12] = [
    "openat", "write", "fsync", "rename", "renameat", "link", "linkat", "unlink", "unlinkat", "chmod",
    "fchmod", "mkdir",
];
const FAULTS: [&str; 2] = ["signal=KILL", "error=EIO"];

/// What is done, by command line: `{W}` is a folder of the trial's own, `{F}` holds what was prepared.
const OPERATIONS: [(&str, Kind, &str); 10] = [
    ("events recorded, head signed", Kind::Writes, "import {F}/next.jsonl"),
    ("proof folder written anew", Kind::Rebuilds, "checkpoint --rebuild-proof"),
    ("signing key changed", Kind::Repeated, "log-key rotate"),
    ("backup", Kind::BacksUp, "backup {W}/backup --keys {W}/keys"),
    ("restore", Kind::Restores, "restore {F}/backup --keys {F}/keys"),
    ("key store adopted", Kind::Adopts, "keys adopt --without 1"),
    ("disposal prepared", Kind::Prepares, "dispose INV-1 --rule CIN-18-3 --prepare {W}/request"),
    ("request signed", Kind::Signs, "officer sign {W}/request --key {F}/one.key"),
    (
        "record disposed of",
        Kind::Repeated,
        "dispose --request {F}/signed --rewrite --backups-until 2027-02-28",
    ),
    ("damage found and remembered", Kind::FindsDamage, "verify"),
];

/// Walks through every operation.
pub(super) fn walk(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("files");
    if Command::new("strace").arg("-V").output().is_err() {
        report.say("Commands killed at each system call: not run, because the program strace is not there.");
        return Ok(());
    }
    let prepared = Prepared::make()?;
    let mut chance = Prng::of(setting.seed, "files");
    let (mut rows, mut number) = (Vec::new(), 0_u32);
    for (what, kind, line) in OPERATIONS {
        let mut trial = || {
            number += 1;
            prepared.trial(number, kind, line)
        };
        let steps = trial()?.steps()?;
        ensure!(steps.len() > 2, "{what}: only {steps:?} change a file");
        let wanted = usize::try_from(setting.scale.file_faults)?;
        let chosen = chosen(&steps, wanted, &mut chance);
        super::tell(&format!("files: {what}, {} of {} calls", chosen.len(), steps.len()));
        let (mut faults, mut went_on) = (0, 0);
        for (number, (call, at)) in chosen.iter().enumerate() {
            for (turn, fault) in FAULTS.into_iter().enumerate() {
                // Of some steps only, one kind of fault each.
                if wanted > 0 && (number + turn + rows.len()).is_multiple_of(2) {
                    continue;
                }
                let trial = trial()?;
                let inject = format!("inject={call}:{fault}:when={at}");
                let ran = trial.under(&["-o", "/dev/null"], &inject, call)?;
                faults += 1;
                went_on += u32::from(ran.code == trial.kind.ends_well());
                if let Err(wrong) = files_after::look(&trial, ran.code) {
                    let wrong = format!("{what}, {call} {at}, {fault}: {wrong:#}");
                    super::tell(&wrong);
                    report.expect(false, wrong);
                }
            }
        }
        rows.push(vec![what.to_owned(), steps.len().to_string(), faults.to_string(), went_on.to_string()]);
    }
    let columns = ["command", "calls that change a file", "kills and failures", "of them unharmed"];
    report.table("Commands killed, or their disk failing, at each system call", &columns, &rows);
    Ok(())
}

/// All steps, or some of them.
fn chosen(steps: &BTreeSet<(String, usize)>, wanted: usize, chance: &mut Prng) -> Vec<(String, usize)> {
    let mut steps: Vec<_> = steps.iter().cloned().collect();
    while wanted > 0 && steps.len() > wanted {
        let one = usize::try_from(chance.below(steps.len() as u64)).unwrap_or_default();
        steps.swap_remove(one);
    }
    steps
}

/// A ledger, and the files that commands are given; each trial gets a copy.
struct Prepared {
    folder: DataFolder,
    files: PathBuf,
}

/// A copy of the prepared ledger, on which one operation is done.
pub(super) struct Trial<'p> {
    prepared: &'p Prepared,
    pub(super) ledger: TestLedger,
    pub(super) kind: Kind,
    pub(super) line: Vec<String>,
    /// A folder of its own.
    pub(super) own: PathBuf,
}

const BASE: &str = "base";

fn child(number: u64) -> EventFile {
    let registered = Line::new(number * 100, number, "child_registered", "2024-03-04")
        .sealed(serde_json::json!({ "la_child_id": format!("INV-{number}") }));
    EventFile::new().event(&registered)
}

impl Prepared {
    fn make() -> anyhow::Result<Self> {
        let folder = DataFolder::make();
        let files = folder.file("prepared");
        fs::create_dir(&files)?;
        let this = Self { folder, files };
        let (base, file) =
            (this.folder.ledger(BASE), |name: &str| this.files.join(name).display().to_string());
        let import = |number: u64, name: &str| -> anyhow::Result<()> {
            fs::write(file(name), child(number).text())?;
            base.import(Path::new(&file(name)), &[]).ended(0);
            Ok(())
        };
        import(1, "first.jsonl")?;
        copy(&this.data("keys", BASE), &this.files.join("older"))?;
        import(2, "second.jsonl")?;
        for key in ["one.key", "two.key"] {
            let made = base.run(&["officer", "keygen", &format!("{key}.INV"), "--out", &file(key)]).ended(0);
            base.run(&["officer", "register", made.out.trim()]).ended(0);
        }
        for request in ["request", "signed"] {
            base.run(&["dispose", "INV-1", "--rule", "CIN-18-3", "--prepare", &file(request)]).ended(0);
        }
        for key in ["one.key", "two.key"] {
            base.run(&["officer", "sign", &file("signed"), "--key", &file(key)]).ended(0);
        }
        base.run(&["verify"]).ended(0);
        base.run(&["backup", &file("backup"), "--keys", &file("keys")]).ended(0);
        fs::write(file("next.jsonl"), child(3).text())?;
        Ok(this)
    }

    fn data(&self, room: &str, name: &str) -> PathBuf {
        self.folder.data().join(room).join(name)
    }

    fn trial(&self, number: u32, kind: Kind, line: &str) -> anyhow::Result<Trial<'_>> {
        let name = format!("t{number}");
        let own = self.folder.file(&format!("own-{number}"));
        fs::create_dir(&own)?;
        let of = |part: &str| {
            part.replace("{W}", &own.display().to_string()).replace("{F}", &self.files.display().to_string())
        };
        let line = line.split(' ').map(of).collect();
        let trial = Trial { prepared: self, ledger: self.folder.ledger(&name), kind, line, own };
        if kind != Kind::Restores {
            trial.on_server(&format!("CREATE DATABASE caseledger_{name} TEMPLATE caseledger_{BASE}"))?;
            for room in ["keys", "proof", "signing"] {
                self.copy_names(room, &name)?;
            }
        }
        trial.set_up()?;
        Ok(trial)
    }

    /// What has the ledger's name in a folder, under another name.
    fn copy_names(&self, room: &str, name: &str) -> anyhow::Result<()> {
        for entry in fs::read_dir(self.folder.data().join(room))? {
            let entry = entry?.file_name().to_string_lossy().into_owned();
            if let Some(rest) = entry.strip_prefix(BASE) {
                copy(&self.data(room, &entry), &self.data(room, &format!("{name}{rest}")))?;
            }
        }
        Ok(())
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        let name = self.ledger.name().to_owned();
        let _ = self.on_server(&format!("DROP DATABASE IF EXISTS caseledger_{name} WITH (FORCE)"));
        let _ = fs::remove_dir_all(&self.own);
        for room in ["keys", "proof", "signing"] {
            let _ = fs::remove_dir_all(self.data(room));
        }
    }
}

impl Trial<'_> {
    fn set_up(&self) -> anyhow::Result<()> {
        match self.kind {
            Kind::Rebuilds => fs::remove_dir_all(self.data("proof"))?,
            Kind::Adopts => {
                fs::remove_dir_all(self.data("keys"))?;
                copy(&self.prepared.files.join("older"), &self.data("keys"))?;
            }
            Kind::Signs => {
                for name in ["request", "request.particulars"] {
                    copy(&self.prepared.files.join(name), &self.own.join(name))?;
                }
            }
            Kind::FindsDamage => self.in_ledger(
                "ALTER TABLE caseledger.events DISABLE TRIGGER USER; \
                 UPDATE caseledger.events SET role = 'somebody_else' WHERE position = 2",
            )?,
            Kind::Writes | Kind::Repeated | Kind::BacksUp | Kind::Restores | Kind::Prepares => {}
        }
        Ok(())
    }

    /// Where something of this ledger stands in the data folder.
    pub(super) fn data(&self, room: &str) -> PathBuf {
        self.prepared.data(room, self.ledger.name())
    }

    /// A prepared file.
    pub(super) fn prepared(&self, name: &str) -> String {
        self.prepared.files.join(name).display().to_string()
    }

    fn on_server(&self, sql: &str) -> anyhow::Result<()> {
        // The prepared ledger knows where the server is also when this one is not there.
        let run = async {
            let client = self.prepared.folder.ledger(BASE).on_server("postgres").await;
            client.batch_execute(sql).await
        };
        tokio::runtime::Handle::current().block_on(run).with_context(|| sql.to_owned())
    }

    fn in_ledger(&self, sql: &str) -> anyhow::Result<()> {
        let run = async { self.ledger.connect("postgres").await.batch_execute(sql).await };
        tokio::runtime::Handle::current().block_on(run).with_context(|| sql.to_owned())
    }

    /// Another ledger beside this one.
    pub(super) fn beside(&self, name: &str) -> TestLedger {
        self.prepared.folder.ledger(name)
    }

    /// Takes away another ledger that was made of this one.
    pub(super) fn forget(&self, name: &str) -> anyhow::Result<()> {
        self.on_server(&format!("DROP DATABASE IF EXISTS caseledger_{name} WITH (FORCE)"))?;
        for room in ["keys", "proof"] {
            let _ = fs::remove_dir_all(self.prepared.data(room, name));
        }
        Ok(())
    }

    /// Runs a command on this ledger.
    pub(super) fn run(&self, line: &[&str]) -> Ran {
        self.ledger.run(line)
    }

    /// The operation again, as somebody would give it who saw it end.
    pub(super) fn again(&self) -> Ran {
        self.run(&self.line.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The operation under `strace`; one that does not end within a minute is ended.
    fn under(&self, more: &[&str], inject: &str, trace: &str) -> anyhow::Result<Ran> {
        let plain = self.ledger.command();
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", "60", "strace", "-f", "-qq", "-y"]).args(more);
        command.args(["-e", &format!("trace={trace}")]);
        if !inject.is_empty() {
            command.args(["-e", inject]);
        }
        command.arg(plain.get_program()).args(plain.get_args()).args(&self.line).stdin(Stdio::null());
        Ok(Ran::of(&mut command))
    }

    /// The calls of the operation that change a file, each with its number among its thread's calls of that name.
    fn steps(&self) -> anyhow::Result<BTreeSet<(String, usize)>> {
        let log = self.own.join("calls");
        let log = log.to_str().context("a path of letters")?;
        let ran = self.under(&["-o", log], "", &CALLS.join(","))?;
        ensure!(
            ran.code == self.kind.ends_well(),
            "caseledger {} ended with {}: {}",
            ran.line,
            ran.code,
            ran.err
        );
        let (mut counts, mut steps) = (BTreeMap::<(String, String), usize>::new(), BTreeSet::new());
        let places = [self.prepared.folder.data(), self.own.clone()].map(|place| place.display().to_string());
        for line in fs::read_to_string(log)?.lines() {
            let Some((thread, call)) = line.split_once(' ') else { continue };
            let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
            let count = counts.entry((thread.to_owned(), name.to_owned())).or_default();
            *count += 1;
            let reads = name == "openat" && !arguments.contains("O_CREAT") && !arguments.contains("O_WRONLY");
            let of_server = arguments.contains("/postgres/");
            if !reads && !of_server && places.iter().any(|place| arguments.contains(place)) {
                steps.insert((name.to_owned(), *count));
            }
        }
        Ok(steps)
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(done.success(), "copy {} to {}", from.display(), to.display());
    Ok(())
}
