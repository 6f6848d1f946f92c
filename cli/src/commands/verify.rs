//! `caseledger verify`: has anybody rewritten the ledger? Asks the room that shares no code with what wrote it.

use std::fs;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use domain::ids::LedgerId;
use ledger::keys::{KeyId, KeyPurpose, KeyStore as _};
use serde_json::Value;
use verify::{
    BatchKey, DatabaseFault, DatabaseQuestion, FileQuestion, KeptCheckpoint, Key, Receipt, Report,
    SeenBefore, State, WitnessKey, Witnesses,
};

use crate::arguments::VerifyArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::{self, OfFile as _, Outgoing};
use crate::output::Answer;
use crate::place::{Server, clock};
use crate::remembered::{self, Damaged, Verified};
use crate::signing::LogPlace;

/// Checks an exported log or a bundle; needs no database.
///
/// # Errors
/// A [`Failure`] where a file cannot be read.
pub(crate) fn of_file(file: &Path, arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    let question = FileQuestion {
        examples: arguments.examples,
        checkpoints: checkpoints(arguments)?,
        receipts: receipts(arguments)?,
        trusted: trusted(arguments)?,
        witnesses: witnesses(arguments)?,
    };
    let opened = fs::File::open(file).reading(file).or_fail(UNREADABLE)?;
    let report = verify::verify_file(BufReader::new(opened), &question)
        .with_context(|| file.display().to_string())
        .or_fail(UNREADABLE)?;
    print(&report, arguments)
}

/// Checks the ledger of this name in its database. It is not opened as a ledger: nothing of what it says is believed.
///
/// # Errors
/// A [`Failure`] where it cannot be read.
pub(crate) async fn of_database(
    server: &Server,
    name: &str,
    arguments: &VerifyArguments,
) -> Result<Outcome, Failure> {
    if !server.has_database(name).await? {
        return Err(server.no_ledger(name));
    }
    if let Some(folder) = arguments.proof.as_deref().filter(|folder| !folder.is_dir()) {
        let message =
            format!("--proof {}: no such folder; name the folder of tiles and checkpoint", folder.display());
        return Err(Failure::new(UNREADABLE, message));
    }
    let question = DatabaseQuestion {
        size: arguments.size,
        examples: arguments.examples,
        checkpoints: checkpoints(arguments)?,
        receipts: receipts(arguments)?,
        seen: seen_before(server, name)?,
        trusted: trusted(arguments)?,
        witnesses: witnesses(arguments)?,
        proof_folder: Some(
            arguments.proof.clone().unwrap_or_else(|| LogPlace::of(server.data(), name).proof),
        ),
        state: state(arguments)?,
        every: arguments.every,
    };
    let config = server.role(name, "caseledger_appender");
    let (mut report, next) = verify::verify_database(&config, &question).await.map_err(fault)?;
    let clean = report.findings.is_clean();
    let key = batch_key(server, name, &mut report)?;
    let batches = verify::verify_batches(&config, key.as_ref(), &mut report, arguments.examples).await;
    batches.map_err(fault)?;
    let next = next.filter(|_| clean == report.findings.is_clean());
    if let (Some(path), Some(next)) = (&arguments.state, next) {
        Outgoing::write_text(path, &next.to_text()).writing(path).or_fail(Outcome::Fault)?;
    }
    remember(server, name, &report)?;
    // With a state only what was recorded since is read.
    remember_damage(server, name, &report, arguments.size.is_none() && arguments.state.is_none());
    print(&report, arguments)
}

fn seen_before(server: &Server, name: &str) -> Result<Option<SeenBefore>, Failure> {
    let verified: Option<Verified> = remembered::load(server.data(), name).or_fail(UNREADABLE)?;
    Ok(verified
        .and_then(|seen| SeenBefore::new(&seen.ledger, seen.epoch, seen.size, &seen.root, seen.compared)))
}

/// What the next run compares with; only the end of a log without damage, and never an earlier one than is remembered.
fn remember(server: &Server, name: &str, report: &Report) -> Result<(), Failure> {
    let (Some(ledger), Some(root), true) = (&report.ledger, &report.root, report.findings.is_clean()) else {
        return Ok(());
    };
    let held: Option<Verified> = remembered::load(server.data(), name).or_fail(UNREADABLE)?;
    if held.is_none_or(|held| (held.epoch, held.size) <= (report.epoch, report.size)) {
        let (ledger, root, at) = (ledger.clone(), root.clone(), clock().now().to_rfc3339());
        // What nothing outside agreed with is no comparison for the next run either.
        let compared = !report.nothing_compared;
        let verified = Verified { ledger, epoch: report.epoch, size: report.size, root, at, compared };
        remembered::store(server.data(), name, &verified);
    }
    Ok(())
}

/// What `doctor` says until a later run over the whole log finds nothing.
fn remember_damage(server: &Server, name: &str, report: &Report, is_whole: bool) {
    let findings: u64 = report.findings.by_kind().map(|(_, count, _)| count).sum();
    if findings == 0 {
        if is_whole {
            remembered::forget::<Damaged>(server.data(), name);
        }
        return;
    }
    let (ledger, at) = (report.ledger.clone().unwrap_or_default(), clock().now().to_rfc3339());
    remembered::store(server.data(), name, &Damaged { ledger, at, findings });
}

/// The key of the ledger's batches, from the key store on this machine; where it is not to be had, the report says so.
fn batch_key(server: &Server, name: &str, report: &mut Report) -> Result<Option<BatchKey>, Failure> {
    let ledger = report.ledger.as_deref().and_then(|id| id.parse().ok()).map(LedgerId);
    let Some(ledger) = ledger.filter(|_| report.macs_from.is_some()) else {
        report.notes.push(
            "batches carry no MACs: a program of before wrote this ledger, and none of today".to_owned(),
        );
        return Ok(None);
    };
    let key = match server.keys(name) {
        Ok(keys) => keys.find(KeyId::new(ledger, KeyPurpose::Batches)).or_fail(Outcome::Fault)?,
        Err(_) => None,
    };
    if key.is_none() {
        report.notes.push(
            "the batches were not held against the key that authenticates them: this ledger's key store is not here"
                .to_owned(),
        );
    }
    Ok(key.map(|key| BatchKey(*key.bytes())))
}

const UNREADABLE: Outcome = Outcome::Damaged(20);

/// A database that is away is a fault of the machine; one that is there and cannot be read is damage.
fn fault(fault: DatabaseFault) -> Failure {
    let outcome = match &fault {
        DatabaseFault::Database { source, .. } if source.as_db_error().is_none() => Outcome::Fault,
        DatabaseFault::NoSuchSize { .. } => Outcome::Usage,
        DatabaseFault::Database { .. }
        | DatabaseFault::NoLedger { .. }
        | DatabaseFault::Shape { .. }
        | DatabaseFault::ProofFolder { .. } => UNREADABLE,
    };
    Failure { outcome, error: anyhow!(fault) }
}

fn checkpoints(arguments: &VerifyArguments) -> Result<Vec<KeptCheckpoint>, Failure> {
    let kept = |path: &std::path::PathBuf| {
        Ok(KeptCheckpoint { label: path.display().to_string(), note: text_of(path)? })
    };
    arguments.checkpoint.iter().map(kept).collect()
}

fn receipts(arguments: &VerifyArguments) -> Result<Vec<Receipt>, Failure> {
    let mut receipts = Vec::new();
    for path in &arguments.receipts {
        let read = Receipt::read_lines(&text_of(path)?);
        receipts.extend(read.with_context(|| path.display().to_string()).or_fail(UNREADABLE)?);
    }
    Ok(receipts)
}

fn trusted(arguments: &VerifyArguments) -> Result<Vec<Key>, Failure> {
    let key = |text: &String| {
        Key::parse(text).ok_or_else(|| {
            Failure::new(
                Outcome::Usage,
                format!("--log-key {text:?} is invalid; write name+hash+base64, as `log-key show` prints it"),
            )
        })
    };
    arguments.log_key.iter().map(key).collect()
}

/// Whose countersignatures are asked for: all of those named unless a number is given.
fn witnesses(arguments: &VerifyArguments) -> Result<Option<Witnesses>, Failure> {
    let key = |text: &String| {
        let none = || {
            Failure::new(
                Outcome::Usage,
                format!("--witness {text:?} is invalid; write name+hash+base64, as the witness prints it"),
            )
        };
        WitnessKey::parse(text).ok_or_else(none)
    };
    let keys: Vec<WitnessKey> = arguments.witness.iter().map(key).collect::<Result<_, _>>()?;
    let quorum = arguments.quorum.unwrap_or(keys.len());
    Ok((!keys.is_empty()).then_some(Witnesses { keys, quorum }))
}

/// What an earlier run remembered; a file that is not there yet is made at the end of this one.
fn state(arguments: &VerifyArguments) -> Result<Option<State>, Failure> {
    let Some(path) = arguments.state.as_ref().filter(|path| path.exists()) else { return Ok(None) };
    let state = State::parse(&text_of(path)?).with_context(|| path.display().to_string());
    state.or_fail(UNREADABLE).map(Some)
}

fn text_of(path: &Path) -> Result<String, Failure> {
    files::text(path, UNREADABLE)
}

fn print(report: &Report, arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    let mut answer =
        Answer::new(&["damage", "exit_code", "count", "place", "stream", "detail"]).if_empty("No problems");
    answer.note("ledger", report.ledger.clone());
    answer.note("origin", report.origin.clone());
    answer.note("size", report.size);
    answer.note("root", report.root.clone());
    answer.note("read", format!("{} events of {} streams", report.events, report.streams));
    answer.note("read_from", report.read_from);
    answer.note("disposed", report.disposed);
    answer.note("checkpoints_agreeing", report.checkpoints.len());
    answer.note("newest_checkpoint", report.checkpoints.last().copied());
    answer.note("receipts_agreeing", report.receipts);
    for note in &report.notes {
        answer.also("note", note.clone());
    }
    let clean = if report.nothing_compared { "no damage, and nothing outside was compared" } else { "clean" };
    answer.note("result", report.findings.first().map_or_else(|| clean.to_owned(), ToString::to_string));
    for (kind, count, examples) in report.findings.by_kind() {
        for finding in examples {
            answer.row(vec![
                kind.name().into(),
                kind.exit_code().into(),
                count.into(),
                finding.place.to_string().into(),
                finding.stream.clone().map_or(Value::Null, Value::from),
                finding.detail.clone().into(),
            ]);
        }
    }
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(match report.exit_code() {
        0 => Outcome::Done,
        code => Outcome::Damaged(code),
    })
}
