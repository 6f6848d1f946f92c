//! `caseledger doctor`: is this ledger set up and kept as it should be?

use domain::ids::Position;

use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};
use crate::place::{Open, Server, clock, connect};

/// Looks at roles, rights, clock, positions and read models; prints one line each.
///
/// # Errors
/// A [`Failure`] where the ledger cannot be read at all.
pub(crate) async fn run(server: &Server, name: &str, open: &Open) -> Result<Outcome, Failure> {
    let mut answer = Answer::new(&["check", "result", "what_to_do"]);
    let mut healthy = true;
    let mut tell = |check: &str, good: bool, found: String, way_out: &str| {
        healthy &= good;
        let way_out = if good { "" } else { way_out };
        answer.row(vec![
            check.into(),
            if good { format!("ok: {found}") } else { format!("NOT OK: {found}") }.into(),
            way_out.into(),
        ]);
    };
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
    let returned = open.ledger.returned_keys().len();
    tell(
        "destroyed keys",
        returned == 0,
        format!("{returned} were in the key store again and are destroyed again"),
        "find out which backup of the key store was restored, and destroy it once it is past its time",
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
    answer.print(Format::Table).or_fail(Outcome::Fault)?;
    Ok(if healthy { Outcome::Done } else { Outcome::Integrity })
}
