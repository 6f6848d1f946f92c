//! Who may sign the log, and under which name: folded from the system stream.

use domain::events::{Body, RecordedEvent};
use domain::ids::LedgerId;

use crate::notes::{KeyType, Sign, SignFault, SignatureLine, VerifierKey, from_base64, to_base64};

/// What the log says about its checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogName {
    /// First line of its checkpoints.
    pub origin: String,
    /// Epoch, from 1.
    pub epoch: u32,
    /// Keys that may sign, the oldest first; the last one is the present one. Empty for a ledger that is not signed.
    pub keys: Vec<VerifierKey>,
    /// Earlier origins, the oldest first, each with the epoch that it stood for.
    pub earlier: Vec<(u32, String)>,
}

impl LogName {
    /// Folds the system stream. A key whose registration is not signed as it must be does not count.
    pub fn of(ledger: LedgerId, system: &[RecordedEvent]) -> Self {
        let mut name = Self { origin: String::new(), epoch: 1, keys: Vec::new(), earlier: Vec::new() };
        for event in system {
            name.apply(ledger, &event.event.body);
        }
        name
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other events leave name and keys as they are")]
    fn apply(&mut self, ledger: LedgerId, body: &Body) {
        match body {
            Body::LedgerOpened(opened) => {
                self.origin.clone_from(&opened.origin);
                self.epoch = opened.epoch;
                self.keys = opened.public_keys.iter().filter_map(|key| log_key(key)).collect();
            }
            Body::LogKeyRegistered(registered) => {
                let Some(key) = log_key(&registered.key) else { return };
                let text = registration_text(ledger, self.keys.last(), &key);
                let by_new = signed(&key, &text, &registered.signature_new);
                let by_previous = match (self.keys.last(), &registered.signature_previous) {
                    (None, None) => true,
                    (Some(previous), Some(signature)) => signed(previous, &text, signature),
                    (None, Some(_)) | (Some(_), None) => false,
                };
                if by_new && by_previous {
                    self.keys.push(key);
                }
            }
            Body::EpochOpened(opened) => {
                let previous = std::mem::replace(&mut self.origin, opened.origin.clone());
                self.earlier.push((self.epoch, previous));
                self.epoch = opened.epoch;
            }
            _ => {}
        }
    }
}

/// A key of the log: Ed25519 over note texts.
fn log_key(text: &str) -> Option<VerifierKey> {
    VerifierKey::parse(text).ok().filter(|key| key.key_type() == KeyType::Ed25519)
}

fn signed(key: &VerifierKey, text: &str, signature: &str) -> bool {
    from_base64(signature)
        .and_then(|bytes| <[u8; 64]>::try_from(bytes).ok())
        .is_some_and(|bytes| key.signed(text, &SignatureLine::of(key, bytes.to_vec())))
}

/// What both keys sign when a key is registered: `docs/ledger-format.md` section 9.
pub(crate) fn registration_text(
    ledger: LedgerId,
    previous: Option<&VerifierKey>,
    key: &VerifierKey,
) -> String {
    let previous = previous.map_or_else(|| "none".to_owned(), ToString::to_string);
    format!("caseledger log key 1\nledger: {ledger}\nprevious: {previous}\nkey: {key}\n")
}

/// Base64 of a signature over a text.
pub(crate) fn signature(signer: &dyn Sign, text: &str) -> Result<String, SignFault> {
    Ok(to_base64(&signer.sign(text.as_bytes())?))
}
