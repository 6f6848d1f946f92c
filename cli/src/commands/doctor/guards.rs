//! What guards the log, and what leads to children.

use super::Checks;
use crate::commands::lookups;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::{Open, Server};

/// Do triggers, functions, policies and rights stand as they were installed?
pub(super) async fn look(checks: &mut Checks, server: &Server, name: &str) -> Result<(), Failure> {
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
pub(super) async fn identifiers(checks: &mut Checks, open: &Open) -> Result<(), Failure> {
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
