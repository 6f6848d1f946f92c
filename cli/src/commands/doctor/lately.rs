//! When the ledger was last verified and backed up, as far as this machine remembers.

use std::path::Path;

use domain::ids::{LedgerId, Position};

use super::Checks;
use crate::remembered::{self, BackedUp, Damaged, Remembered, Verified};

pub(super) fn look(checks: &mut Checks, data: &Path, name: &str, (ledger, head): (LedgerId, Position)) {
    let ledger = ledger.to_string();
    let since = |size: u64| match head.0.saturating_sub(size) {
        0 => "nothing was recorded since".to_owned(),
        events => format!("{events} events were recorded since"),
    };
    tell(
        checks,
        &ledger,
        "last verify",
        remembered::load(data, name),
        "run `caseledger verify`",
        |seen: &Verified| format!("{}, up to position {}; {}", seen.at, seen.size, since(seen.size)),
    );
    if let Ok(Some(Damaged { at, findings, .. })) = remembered::load(data, name) {
        let findings = if findings == 1 { "1 finding".to_owned() } else { format!("{findings} findings") };
        let found = format!("{findings} at {at}, and no run over the whole log since found none");
        checks.tell(
            "last verify found damage",
            false,
            found,
            "run `caseledger verify` and read what it names",
        );
    }
    tell(
        checks,
        &ledger,
        "last backup",
        remembered::load(data, name),
        "run `caseledger backup`",
        |made: &BackedUp| {
            let keys = if made.keys { "with" } else { "without" };
            format!("{}, into {}, {keys} its keys; {}", made.at, made.folder, since(made.size))
        },
    );
}

fn tell<T: Remembered>(
    checks: &mut Checks,
    ledger: &str,
    check: &str,
    found: anyhow::Result<Option<T>>,
    way_out: &str,
    say: impl FnOnce(&T) -> String,
) {
    match found {
        Ok(Some(found)) if found.ledger() != ledger => {
            checks.note(check, "what is remembered is of another ledger".to_owned(), way_out);
        }
        Ok(Some(found)) => checks.note(check, say(&found), ""),
        Ok(None) => checks.note(check, "none that this machine knows of".to_owned(), way_out),
        Err(fault) => checks.note(check, format!("{fault:#}"), way_out),
    }
}
