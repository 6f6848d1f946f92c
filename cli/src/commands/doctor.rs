//! `caseledger doctor`: is this ledger set up and kept as it should be?

use domain::ids::Position;

use super::lookups;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};
use crate::place::{Open, Server, clock, connect};
use crate::writing;

/// Looks at roles, rights, clock, positions and read models; prints one line each.
///
/// # Errors
/// A [`Failure`] where the ledger cannot be read at all.
pub(crate) async fn run(server: &Server, name: &str, open: &Open) -> Result<Outcome, Failure> {
    let mut checks = Checks::new();
    let mut tell =
        |check: &str, good: bool, found: String, way_out: &str| checks.tell(check, good, found, way_out);
    let client = connect(&server.role(name, "caseledger_appender")).await?;
    let row = client
        .query_one(
            "SELECT current_user::text, rolsuper, clock_timestamp(), \
             has_table_privilege('caseledger.events', 'UPDATE, DELETE, TRUNCATE') FROM pg_roles WHERE rolname = current_user",
            &[],
        )
        .await
        .or_fail(Outcome::Fault)?;
    let (user, superuser, may_change): (String, bool, bool) = (row.get(0), row.get(1), row.get(3));
    tell(
        "role",
        !superuser,
        format!("appends as {user}"),
        "connect as caseledger_appender, never as a superuser",
    );
    tell(
        "rights",
        !may_change,
        "events can be added and read only".to_owned(),
        "run `caseledger init` again to restore the rights",
    );
    let ahead = (clock().now() - row.get::<_, chrono::DateTime<chrono::Utc>>(2)).num_milliseconds();
    tell(
        "clock",
        ahead.abs() < 1_000,
        format!("{ahead} ms from the database's"),
        "set the clock of this machine or of the database's",
    );
    let head = open.ledger.head().await.or_fail(Outcome::Fault)?;
    let lead = (head.recorded_at - row.get::<_, chrono::DateTime<chrono::Utc>>(2)).num_milliseconds();
    tell(
        "time of the newest event",
        lead < 5_000,
        if lead > 0 {
            format!("{lead} ms ahead of the database's clock")
        } else {
            head.recorded_at.to_rfc3339()
        },
        "the database's clock was ahead when it was recorded: nothing can be recorded before that time is reached",
    );
    let row = client
        .query_one("SELECT count(*), max(position) FROM caseledger.events", &[])
        .await
        .or_fail(Outcome::Fault)?;
    let (count, last): (i64, i64) = (row.get(0), row.get(1));
    tell(
        "positions",
        count == last,
        format!("{count} events up to position {last}"),
        "a row is missing: restore from a backup and verify",
    );
    let reached = open.project().await?;
    tell(
        "read models",
        reached >= head.position,
        format!("at position {}", reached.0),
        "see the projector's message",
    );
    let custody = open.ledger.custody().await.or_fail(Outcome::Fault)?;
    let irregular = custody.irregular().len();
    tell(
        "system stream",
        irregular == 0,
        format!("{irregular} entries that nobody authorised"),
        "see `caseledger officer list`, and have the ledger verified",
    );
    tell("first event", head.position >= Position(1), open.ledger.genesis().opened_at.to_rfc3339(), "");
    guards(&mut checks, server, name).await?;
    keys(&mut checks, open).await?;
    if checks.healthy {
        identifiers(&mut checks, open).await?;
    }
    signing(&mut checks, open).await?;
    checks.answer.print(Format::Table).or_fail(Outcome::Fault)?;
    Ok(if checks.healthy { Outcome::Done } else { Outcome::Integrity })
}

/// What was looked at so far.
struct Checks {
    answer: Answer,
    healthy: bool,
}

impl Checks {
    fn new() -> Self {
        Self { answer: Answer::new(&["check", "result", "what_to_do"]), healthy: true }
    }

    fn tell(&mut self, check: &str, good: bool, found: String, way_out: &str) {
        self.healthy &= good;
        let way_out = if good { "" } else { way_out };
        let result = if good { format!("ok: {found}") } else { format!("NOT OK: {found}") };
        self.answer.row(vec![check.into(), result.into(), way_out.into()]);
    }
}

/// Do triggers, functions, policies and rights stand as they were installed?
async fn guards(checks: &mut Checks, server: &Server, name: &str) -> Result<(), Failure> {
    let database = server.role(name, "caseledger_appender");
    let found = ledger::compare_guards(&database).await.or_fail(Outcome::Fault)?;
    let told = found.missing.iter().map(|line| format!("lacks {line}"));
    let told: Vec<String> = told.chain(found.extra.iter().map(|line| format!("has {line}"))).collect();
    let way_out = "somebody with the database's own rights changed what guards the log: find out who and why, run \
                   `caseledger verify` against a kept checkpoint, and restore a backup into a database of another name";
    if told.is_empty() {
        checks.tell("guards", true, format!("{} stand as installed", found.standing), "");
    }
    for line in told {
        checks.tell("guards", false, line, way_out);
    }
    Ok(())
}

/// Do identifiers lead to the children whose events say them, and to no others?
async fn identifiers(checks: &mut Checks, open: &Open) -> Result<(), Failure> {
    let found = lookups::compare_index(&open.ledger).await?;
    let (missing, extra) = (found.missing(), found.extra());
    let agree = format!("{} agree with the events", found.agreeing);
    let told = if found.is_none() {
        agree
    } else {
        format!("{agree}, {missing} are missing, {extra} no event says")
    };
    let way_out = if extra == 0 {
        "run `caseledger reindex`: rows were taken away, or an older program made fewer of them"
    } else {
        "somebody changed the index: look at no child and dispose of none by an identifier before `caseledger reindex` \
         has put it right"
    };
    checks.tell("identifiers", found.is_none(), told, way_out);
    Ok(())
}

/// Is the key store this ledger's, and whole? Nothing is changed.
async fn keys(checks: &mut Checks, open: &Open) -> Result<(), Failure> {
    let problems = open.ledger.key_store_problems().await.map_err(writing::of_key_store)?;
    for problem in &problems {
        checks.tell("key store", false, problem.to_string(), "put right what the line says");
    }
    let state = open.ledger.key_store_state().await.map_err(writing::of_keys)?;
    if problems.is_empty() {
        let noted = open.ledger.custody().await.or_fail(Outcome::Fault)?.key_store().fingerprint().is_some();
        let noted = if noted { "the one that is noted" } else { "noted by the next command that writes" };
        checks.tell("key store", true, format!("{noted}, {} packs", state.packs), "");
    }
    let left = state.leftovers.len();
    let way_out = "run `caseledger keys rotate-master` or any command that writes: they are wiped";
    checks.tell("left by interrupted commands", left == 0, format!("{left} files in the key store"), way_out);
    let rotating = if state.is_rotating { "a new one is being introduced" } else { "one" };
    let way_out = "if no `caseledger keys rotate-master` is running, run it again to finish it";
    checks.tell("master key", !state.is_rotating, rotating.to_owned(), way_out);
    let lacking = open.ledger.streams_lacking_keys().await.or_fail(Outcome::Fault)?;
    let first = lacking.first().map_or(String::new(), |first| format!(", the first is {first}"));
    checks.tell(
        "keys of children",
        lacking.is_empty(),
        format!("{} have sealed text and no key{first}", lacking.len()),
        "put the newest backup of the keys back; where there is none, see `caseledger keys adopt`",
    );
    let returned = open.ledger.returned_keys().len();
    checks.tell(
        "destroyed keys",
        returned == 0,
        format!("{returned} are in the key store again"),
        "run `caseledger keys check`; find out which backup was restored, and destroy it once it is past its time",
    );
    Ok(())
}

/// Does the proof folder hold the newest signed head? One that a crash kept from being published is no older copy.
async fn proof_folder(checks: &mut Checks, open: &Open) -> Result<(), Failure> {
    let behind = open.log.signed_after_folder(&open.ledger).await?;
    let found = match behind {
        0 | 1 => "no older copy".to_owned(),
        _ => {
            format!("{} is an older copy: {behind} heads were signed after its own", open.log.proof.display())
        }
    };
    let way_out = "put back the newest copy of the folder, and run caseledger verify";
    checks.tell("proof folder", behind <= 1, found, way_out);
    Ok(())
}

/// Is the log the one that was signed, and can it be signed here?
async fn signing(checks: &mut Checks, open: &Open) -> Result<(), Failure> {
    match open.log.compare(&open.ledger).await {
        Ok(signed) => {
            checks.tell("signed heads", true, format!("the log is the one signed up to {signed}"), "")
        }
        Err(failure) => {
            let found = format!("{:#}", failure.error);
            checks.tell("signed heads", false, found, "see docs/proof.md, after restoring a backup");
        }
    }
    proof_folder(checks, open).await?;
    let (has_key, has_proof) = (open.log.key.exists(), open.log.proof.exists());
    let found = if has_key { "is here" } else { "is on another machine, or nobody signs" };
    checks.tell(
        "signing key",
        has_key || !has_proof,
        if has_key || !has_proof {
            found.to_owned()
        } else {
            format!("{} is missing", open.log.key.display())
        },
        "put it back from the backup of the keys; without it nothing is signed",
    );
    Ok(())
}
