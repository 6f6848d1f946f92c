//! Signed heads and the key that signs.

use super::Checks;
use crate::exit_code::Failure;
use crate::place::Open;

/// Is the log the one that was signed, and can it be signed here?
pub(super) async fn look(checks: &mut Checks, open: &Open) -> Result<(), Failure> {
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
