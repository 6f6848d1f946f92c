//! Countersignatures of witnesses under a checkpoint: C2SP `tlog-cosignature` of the kind Ed25519 (0x04).

use ed25519_dalek::{Signature, VerifyingKey};
use signed_note::Signature as Line;

use crate::hash::sha256;
use crate::notes;

/// What a witness signs before the note's text, with the time in seconds in between.
const LABEL: &str = "cosignature/v1\ntime ";

/// A witness's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl WitnessKey {
    /// Reads `name+hash+base64` of a key of the kind 0x04; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, id, body) = (parts.next()?, parts.next()?, notes::unbase64(parts.next()?)?);
        let (&kind, public) = body.split_first()?;
        let id = u32::from_str_radix(id, 16).ok()?;
        let hash = sha256(&[name.as_bytes(), b"\n", &body]);
        let key = VerifyingKey::from_bytes(public.try_into().ok()?).ok().filter(|key| !key.is_weak())?;
        let right = kind == 4 && hash.starts_with(&id.to_be_bytes());
        right.then(|| Self { name: name.to_owned(), id, key })
    }

    /// Whether a line of a note is this witness's signature over its text.
    fn signed(&self, text: &str, line: &Line) -> bool {
        let signed = || {
            let (time, signature) = line.signature().split_first_chunk::<8>()?;
            let message = format!("{LABEL}{}\n{text}", u64::from_be_bytes(*time));
            self.key.verify_strict(message.as_bytes(), &Signature::from_slice(signature).ok()?).ok()
        };
        (line.name(), line.id()) == (&self.name, self.id) && signed().is_some()
    }
}

/// Whose signatures are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witnesses {
    /// The witnesses.
    pub keys: Vec<WitnessKey>,
    /// How many of them have to have signed one checkpoint.
    pub quorum: usize,
}

impl Witnesses {
    /// Whether enough witnesses have signed a note.
    pub(crate) fn have_signed(&self, note: &str) -> bool {
        let Some(text) = notes::text_of(note) else { return false };
        let lines: Vec<Line> =
            note.lines().filter_map(|line| Line::from_bytes(line.as_bytes()).ok()).collect();
        let signed = self.keys.iter().filter(|key| lines.iter().any(|line| key.signed(&text, line)));
        signed.count() >= self.quorum
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    const TEXT: &str = "a.example/log\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

    fn witness(seed: u8) -> (SigningKey, WitnessKey) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let body = [&[4], key.verifying_key().as_bytes().as_slice()].concat();
        let name = format!("witness-{seed}.example");
        let hash = crate::hash::hex(&sha256(&[name.as_bytes(), b"\n", &body])[..4]);
        let parsed = WitnessKey::parse(&format!("{name}+{hash}+{}", notes::base64(&body))).unwrap();
        (key, parsed)
    }

    fn line(key: &SigningKey, witness: &WitnessKey, time: u64, text: &str) -> String {
        let signature = key.sign(format!("{LABEL}{time}\n{text}").as_bytes()).to_bytes();
        let body = [&witness.id.to_be_bytes()[..], &time.to_be_bytes(), &signature].concat();
        format!("\u{2014} {} {}\n", witness.name, notes::base64(&body))
    }

    #[test]
    fn a_quorum_counts_different_witnesses_over_this_text_only() {
        let ((one, one_key), (two, two_key)) = (witness(1), witness(2));
        let note = |lines: &[String]| format!("{TEXT}\n{}", lines.concat());
        let (by_one, by_two) = (line(&one, &one_key, 5, TEXT), line(&two, &two_key, 6, TEXT));
        let elsewhere = line(&two, &two_key, 6, "another text\n");
        let both = Witnesses { keys: vec![one_key, two_key], quorum: 2 };
        assert!(both.have_signed(&note(&[by_one.clone(), by_two])));
        assert!(!both.have_signed(&note(&[by_one.clone(), by_one.clone()])));
        assert!(!both.have_signed(&note(&[by_one.clone(), elsewhere])));
        assert!(Witnesses { quorum: 1, ..both }.have_signed(&note(&[by_one])));
    }

    #[test]
    fn a_key_of_another_kind_or_hash_is_none() {
        assert_eq!(WitnessKey::parse("witness.example+00000000+BAAA"), None);
        let body = [&[1], witness(3).0.verifying_key().as_bytes().as_slice()].concat();
        let hash = crate::hash::hex(&sha256(&[b"w\n", &body])[..4]);
        assert_eq!(WitnessKey::parse(&format!("w+{hash}+{}", notes::base64(&body))), None);
    }
}
