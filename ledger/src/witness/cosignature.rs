//! The Ed25519 cosignature of C2SP `tlog-cosignature`: a time, and a signature over that time and the note's text.

use chrono::{DateTime, Utc};

use crate::notes::{KeyType, Sign, SignFault, SignatureLine, VerifierKey};

/// How many seconds a cosignature may be ahead of the reader's clock.
pub const COSIGNATURE_AHEAD_S: u64 = 300;

/// Countersigns a checkpoint's text at a time.
///
/// # Errors
/// [`SignFault`]; also for a time before 1970, which no cosignature can hold.
pub fn cosign(signer: &dyn Sign, text: &str, now: DateTime<Utc>) -> Result<SignatureLine, SignFault> {
    let refused = |reason: &str| SignFault::Refused {
        name: signer.verifier().name().to_owned(),
        reason: reason.to_owned(),
    };
    let seconds = u64::try_from(now.timestamp()).map_err(|_| refused("the clock is before 1970"))?;
    let signature = signer.sign(message(text, seconds).as_bytes())?;
    let key = signer.verifier().of_type(KeyType::CosignatureV1);
    Ok(SignatureLine::of(&key, [seconds.to_be_bytes().as_slice(), &signature].concat()))
}

/// When a witness countersigned a checkpoint's text, in seconds since 1970; `None` where the line is not by this key,
/// or does not verify.
pub fn cosigned_at(key: &VerifierKey, text: &str, line: &SignatureLine) -> Option<u64> {
    if key.key_type() != KeyType::CosignatureV1 || !key.is_named_in(line) {
        return None;
    }
    let (seconds, signature) = line.signature().split_first_chunk::<8>()?;
    let seconds = u64::from_be_bytes(*seconds);
    let signature: &[u8; 64] = signature.try_into().ok()?;
    let in_range = i64::try_from(seconds).is_ok();
    (in_range && key.verify_strict(message(text, seconds).as_bytes(), signature)).then_some(seconds)
}

fn message(text: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}
