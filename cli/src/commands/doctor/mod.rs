//! `caseledger doctor`: is this ledger set up and kept as it should be?

mod disk;
mod events;
mod guards;
mod keys;
mod lately;
mod signing;

use domain::ids::Position;
use ledger::NewestHead;
use tokio_postgres::Client;

use crate::arguments::DoctorArguments;
use crate::database::connect;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::{Server, clock};

/// Looks at roles, rights, clock, positions, events, read models, keys and signed heads; prints one line each. Nothing is
/// changed.
///
/// # Errors
/// A [`Failure`] where the ledger cannot be read at all.
pub(crate) async fn run(
    server: &Server,
    name: &str,
    arguments: &DoctorArguments,
) -> Result<Outcome, Failure> {
    if !server.holds(name).await? {
        return Err(server.no_ledger(name));
    }
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
    let database_time: chrono::DateTime<chrono::Utc> = row.get(2);
    let ahead = (clock().now() - database_time).num_milliseconds();
    tell(
        "clock",
        ahead.abs() < 1_000,
        format!("{ahead} ms from the database's"),
        "set the clock of this machine or of the database's",
    );
    if !newest_head(&mut checks, &client).await? {
        // What follows reads the log up to that head.
        return checks.end(arguments);
    }
    let open = &server.open(name).await?;
    let mut tell =
        |check: &str, good: bool, found: String, way_out: &str| checks.tell(check, good, found, way_out);
    let head = open.ledger.head().await.or_fail(Outcome::Fault)?;
    let lead = (head.recorded_at - database_time).num_milliseconds();
    tell(
        "time of the newest event",
        lead < 5_000,
        if lead > 0 {
            format!("{lead} ms ahead of the database's clock")
        } else {
            head.recorded_at.to_rfc3339()
        },
        "a clock was ahead when it was recorded, and nothing can be recorded: see `caseledger clock show`",
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
    guards::look(&mut checks, server, name).await?;
    events::look(&mut checks, server, name, head.position, arguments.full).await?;
    keys::look(&mut checks, open).await?;
    if checks.healthy {
        guards::identifiers(&mut checks, open).await?;
    }
    signing::look(&mut checks, open).await?;
    disk::look(&mut checks, server.data());
    lately::look(&mut checks, server.data(), name, (open.ledger.id(), head.position));
    checks.end(arguments)
}

/// Does the newest head stand for the last events? The tables are asked, because a ledger with such a head is not opened.
async fn newest_head(checks: &mut Checks, client: &Client) -> Result<bool, Failure> {
    let newest = NewestHead::look(client).await.or_fail(Outcome::Fault)?;
    let row =
        client.query_one("SELECT count(*) FROM caseledger.events", &[]).await.or_fail(Outcome::Fault)?;
    let (count, last): (i64, i64) = (row.get(0), newest.last_event);
    checks.tell(
        "positions",
        count == last,
        format!("{count} events up to position {last}"),
        "a row is missing: restore from a backup and verify",
    );
    checks.tell(
        "newest head",
        newest.has_events(),
        format!("of events {} to {}", newest.first, newest.last),
        "it has no events, and this program did not write it: nothing can be recorded; run `caseledger verify`",
    );
    Ok(newest.has_events())
}

/// What was looked at so far.
struct Checks {
    answer: Answer,
    /// Whether what is stored is as it should be.
    healthy: bool,
    /// Whether the machine is fit for more.
    fit: bool,
}

impl Checks {
    fn new() -> Self {
        Self { answer: Answer::new(&["check", "result", "what_to_do"]), healthy: true, fit: true }
    }

    fn tell(&mut self, check: &str, good: bool, found: String, way_out: &str) {
        self.healthy &= good;
        self.row(check, good, &found, way_out);
    }

    /// Prints what was found.
    fn end(self, arguments: &DoctorArguments) -> Result<Outcome, Failure> {
        self.answer.print(arguments.format).or_fail(Outcome::Fault)?;
        Ok(match (self.healthy, self.fit) {
            (false, _) => Outcome::Integrity,
            (true, false) => Outcome::Fault,
            (true, true) => Outcome::Done,
        })
    }

    /// The same of the machine: nothing that is stored is wrong.
    fn tell_of_machine(&mut self, check: &str, good: bool, found: &str, way_out: &str) {
        self.fit &= good;
        self.row(check, good, found, way_out);
    }

    /// What is neither right nor wrong.
    fn note(&mut self, check: &str, found: String, way_out: &str) {
        self.answer.row(vec![check.into(), found.into(), way_out.into()]);
    }

    fn row(&mut self, check: &str, good: bool, found: &str, way_out: &str) {
        let way_out = if good { "" } else { way_out };
        let result = if good { format!("ok: {found}") } else { format!("NOT OK: {found}") };
        self.answer.row(vec![check.into(), result.into(), way_out.into()]);
    }
}
