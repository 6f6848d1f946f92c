//! Notes against published examples, against the `signed_note` crate, and what is refused.

use proptest::prelude::*;
use signed_note::{Signer as _, Verifier as _};

use super::*;

// Published examples: the C2SP page and the documentation of Go's `sumdb/note`.
const SPEC_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SPEC_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const GO_PRIVATE: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_TEXT: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n";
const GO_LINE: &str = "\u{2014} PeterNeumann \
    x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

fn signer(name: &str, seed: u8) -> NoteSigner {
    NoteSigner::from_seed(name, &[seed; 32]).unwrap()
}

#[test]
fn published_examples() {
    let key = VerifierKey::parse(SPEC_KEY).unwrap();
    assert_eq!(key.to_string(), SPEC_KEY);
    let note = Note::parse(SPEC_NOTE).unwrap();
    assert_eq!(note.is_signed_by(&key), Some(true));
    assert_eq!(note.to_string(), SPEC_NOTE);

    let signer = NoteSigner::parse(GO_PRIVATE).unwrap();
    assert_eq!(signer.verifier().to_string(), GO_PUBLIC);
    assert_eq!(signer.to_text().as_str(), GO_PRIVATE);
    assert_eq!(sign_text(&signer, GO_TEXT).unwrap().to_string(), GO_LINE);
    assert_eq!(note.is_signed_by(signer.verifier()), None);
}

#[test]
fn a_private_key_is_not_printed() {
    let signer = NoteSigner::parse(GO_PRIVATE).unwrap();
    assert!(!format!("{signer:?}").contains("AYEKFALV"));
    let cut = GO_PRIVATE.trim_end_matches("DFz");
    assert!(!NoteSigner::parse(cut).unwrap_err().to_string().contains("AYEK"));
}

#[test]
fn keys_with_any_byte_changed_are_refused() {
    for (text, fails) in [
        (GO_PUBLIC, (|t: &str| VerifierKey::parse(t).is_err()) as fn(&str) -> bool),
        (GO_PRIVATE, |t: &str| NoteSigner::parse(t).is_err()),
    ] {
        assert!(!fails(text));
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] += 1;
            assert!(fails(&String::from_utf8(changed).unwrap()), "byte {at} of {text}");
            assert!(fails(&text[..at]), "cut at {at} of {text}");
            assert!(at == 0 || fails(&text[at..]), "from {at} of {text}");
        }
    }
}

#[test]
fn keys_of_other_types_or_lengths_are_refused() {
    // The first two are the rejected keys of Go's own tests: hash adjusted, 34 bytes; hash adjusted, type 0x65.
    for (text, fault) in [
        ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", NoteKeyFault::Shape),
        (
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            NoteKeyFault::Type { found: 0x65 },
        ),
        ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", NoteKeyFault::Name),
        ("PeterNeumann", NoteKeyFault::Shape),
        ("", NoteKeyFault::Shape),
    ] {
        assert_eq!(VerifierKey::parse(text), Err(fault), "{text}");
    }
    // The neutral point: every text would verify under it.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(VerifierKey::try_new("a", KeyType::Ed25519, &neutral), Err(NoteKeyFault::Weak));
}

#[test]
fn notes_that_are_none() {
    let line = GO_LINE;
    let cases: Vec<(String, NoteFault)> = vec![
        (String::new(), NoteFault::Shape),
        ("text\n".into(), NoteFault::Shape),
        (format!("text\n\n{line}"), NoteFault::Shape),
        (format!("text\n{line}\n"), NoteFault::Shape),
        ("text\n\n".into(), NoteFault::Shape),
        (format!("te\tt\n\n{line}\n"), NoteFault::ControlCharacter { line: 1 }),
        (format!("text\r\n\n{line}\n"), NoteFault::ControlCharacter { line: 1 }),
        (format!("text\n\n{line}\nmore\n"), NoteFault::SignatureLine { line: 4 }),
        (format!("text\n\n{line} \n"), NoteFault::SignatureLine { line: 3 }),
        ("text\n\n- PeterNeumann x08go/ZJ\n".into(), NoteFault::SignatureLine { line: 3 }),
        ("text\n\n\u{2014} Peter+Neumann x08go/ZJ\n".into(), NoteFault::SignatureLine { line: 3 }),
        ("text\n\n\u{2014} PeterNeumann x08gow==\n".into(), NoteFault::SignatureLine { line: 3 }),
        (format!("text\n\n{}", format!("{line}\n").repeat(101)), NoteFault::TooManySignatures { found: 101 }),
    ];
    for (text, fault) in cases {
        assert_eq!(Note::parse(&text), Err(fault), "{text:?}");
    }
    assert_eq!(
        Note::parse(&"a".repeat(MAX_NOTE_BYTES + 1)),
        Err(NoteFault::TooLarge { bytes: MAX_NOTE_BYTES + 1 })
    );
    assert_eq!(Note::try_new("no newline"), Err(NoteFault::Shape));
}

#[test]
fn a_line_by_a_known_key_that_does_not_verify_is_told_apart_from_no_line() {
    let (log, other) = (signer("log", 1), signer("other", 2));
    let mut note = Note::try_new("a\n\nb\n").unwrap();
    note.add(sign_text(&log, "something else\n").unwrap()).unwrap();
    assert_eq!(note.is_signed_by(log.verifier()), Some(false));
    assert_eq!(note.is_signed_by(other.verifier()), None);
    // The same name with another key is another signer.
    assert_eq!(note.is_signed_by(signer("log", 3).verifier()), None);
    // A cosignature key does not sign a bare text.
    let cosigner = log.verifier().of_type(KeyType::CosignatureV1);
    assert_ne!(cosigner.key_hash(), log.verifier().key_hash());
    assert_eq!(VerifierKey::parse(&cosigner.to_string()).unwrap(), cosigner);
}

#[test]
fn key_files_are_private_and_never_overwritten() {
    let folder = std::env::temp_dir().join(format!("caseledger-note-key-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("log.key");
    let key = signer("log", 7);
    store_signer(&path, &key).unwrap();
    assert_eq!(load_signer(&path).unwrap().verifier(), key.verifier());
    assert!(matches!(store_signer(&path, &signer("log", 8)), Err(KeyFileFault::Taken { .. })));
    assert_eq!(load_signer(&path).unwrap().verifier(), key.verifier());
    let open: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o444);
    std::fs::set_permissions(&path, open).unwrap();
    assert!(matches!(load_signer(&path), Err(KeyFileFault::Storage(crate::keys::KeyFault::TooOpen { .. }))));
    assert!(matches!(load_signer(&folder.join("none")), Err(KeyFileFault::Missing { .. })));
    std::fs::remove_dir_all(&folder).unwrap();
}

proptest! {
    /// What is signed here verifies in the independent crate, and the other way round.
    #[test]
    fn agrees_with_the_independent_crate(
        text in "[ -~\u{e9}\u{2014}\n]{0,200}",
        name in "[a-z0-9./-]{1,20}",
        seed in any::<[u8; 32]>(),
        flip in any::<prop::sample::Index>(),
    ) {
        let text = format!("{text}\n");
        let ours = NoteSigner::from_seed(&name, &seed).unwrap();
        let mut note = Note::try_new(text.clone()).unwrap();
        note.add(sign_text(&ours, &text).unwrap()).unwrap();

        let theirs = signed_note::StandardVerifier::new(&ours.verifier().to_string()).unwrap();
        let read = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
        prop_assert_eq!(read.text(), text.as_bytes());
        let known = signed_note::VerifierList::new(vec![Box::new(theirs.clone())]);
        prop_assert_eq!(read.verify(&known).unwrap().0.len(), 1);

        let their_signer = signed_note::StandardSigner::new(&ours.to_text()).unwrap();
        prop_assert_eq!(their_signer.sign(text.as_bytes()).unwrap(), ours.sign(text.as_bytes()).unwrap().to_vec());

        // One bit elsewhere in the text: neither accepts.
        let mut changed = text.into_bytes();
        let at = flip.index(changed.len());
        changed[at] ^= 1;
        let signature = note.signatures()[0].signature();
        prop_assert!(!theirs.verify(&changed, signature));
        prop_assert!(!ours.verifier().verify_strict(&changed, signature.try_into().unwrap()));
        prop_assert_eq!(Note::parse(&note.to_string()).unwrap(), note);
    }
}
