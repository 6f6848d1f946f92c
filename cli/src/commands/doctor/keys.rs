//! The key store.

use super::Checks;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::Open;
use crate::writing;

/// What to do about a tombstone without its event.
const NOBODY_DESTROYED: &str = "the database was restored from before the destruction, or somebody put the file there: have two \
                                officers ask for the destruction again, or put the keys' backup back";

/// Is the key store this ledger's, and whole? Nothing is changed.
pub(super) async fn look(checks: &mut Checks, open: &Open) -> Result<(), Failure> {
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
    for key in open.ledger.tombstones_of_nothing().await.map_err(writing::of_key_store)? {
        let found =
            format!("the key store says that key {key} was destroyed, and no event of the ledger does");
        checks.tell("destroyed keys", false, found, NOBODY_DESTROYED);
    }
    Ok(())
}
