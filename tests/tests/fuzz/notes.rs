//! Signed notes, and the short texts that people and programs hand over: checkpoints, requests, particulars, keys, policies,
//! states, receipts.

use ledger::notes::{Note, NoteSigner, Sign as _, VerifierKey, sign_text};
use ledger::officers::{Particulars, Request};
use ledger::proof::{Checkpoint, TilePath};
use ledger::witness::Policy;
use verify::{Receipt, SeenBefore, State, WitnessKey};

use super::fuzz;

fn signer(name: &str) -> NoteSigner {
    NoteSigner::from_seed(name, &[7; 32]).unwrap()
}

fn noted(text: &str) -> Vec<u8> {
    let mut note = Note::try_new(text.to_owned()).unwrap();
    for name in ["caldicott-guardian.E09000001", "caseledger.example/E09000001/events"] {
        note.add(sign_text(&signer(name), text).unwrap()).unwrap();
    }
    note.to_string().into_bytes()
}

const REQUEST: &str = "caseledger request 2\naction: dispose\nledger: 00000000-0000-0000-0000-000000000001\n\
                       request: 00000000-0000-0000-0000-000000000004\nstream: 00000000-0000-0000-0000-000000000003\n\
                       up-to: 7\nrule: CIN-18-3\nparticulars: CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";
const CHECKPOINT: &str =
    "caseledger.example/E09000001/events\n4711\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";
const PARTICULARS: &str = "caseledger particulars 1\nrequest: 00000000-0000-0000-0000-000000000004\nrecord: child\n\
                           up-to: 7\nla_child_id: INV-1\nsalt: CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";

/// A note has one form: what is read is written as it was. And nobody signs by a change of bytes.
#[test]
fn signed_notes() {
    let samples = [noted(REQUEST), noted(CHECKPOINT), noted("x\n")];
    let known: Vec<String> = samples
        .iter()
        .map(|note| Note::parse(std::str::from_utf8(note).unwrap()).unwrap().text().to_owned())
        .collect();
    let key = signer("caldicott-guardian.E09000001").verifier().clone();
    fuzz("notes", &samples, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(false) };
        let _ = Checkpoint::of_note(text);
        let Ok(note) = Note::parse(text) else { return Ok(false) };
        if note.to_string() != text {
            return Err("it is written otherwise than it was read".to_owned());
        }
        let signed = note.is_signed_by(&key) == Some(true);
        if signed && !known.iter().any(|text| text == note.text()) {
            return Err("a text counts as signed that nobody signed".to_owned());
        }
        Ok(true)
    });
}

/// Requests and checkpoints have one form each.
#[test]
fn texts_of_notes() {
    let samples = [REQUEST, CHECKPOINT, PARTICULARS].map(|text| text.as_bytes().to_vec());
    fuzz("texts", &samples, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(false) };
        let mut read = Vec::new();
        read.extend(Request::parse(text).map(|request| request.to_string()));
        read.extend(Checkpoint::parse(text).map(|checkpoint| checkpoint.text()));
        read.extend(Particulars::parse(text).map(|particulars| particulars.to_string()));
        match read.iter().find(|again| *again != text) {
            Some(again) => Err(format!("it is written otherwise than it was read: {again:?}")),
            None => Ok(!read.is_empty()),
        }
    });
}

#[test]
fn keys_policies_states_and_receipts() {
    let key = signer("caseledger.example/E09000001/events").verifier().to_string();
    let policy =
        format!("witness partner {key} https://witness.example\ngroup enough any partner\nquorum enough\n");
    let receipt = "{\"ledger\":\"00000000-0000-0000-0000-000000000001\",\"epoch\":1,\"position\":3,\"leaf_hash\":\
                   \"0000000000000000000000000000000000000000000000000000000000000000\",\"tree_size\":4,\"root\":\
                   \"0000000000000000000000000000000000000000000000000000000000000000\"}\n";
    let texts = [
        key,
        policy,
        receipt.to_owned(),
        "tile/0/x001/067.p/8".to_owned(),
        "caseledger verify state 1\n".to_owned(),
    ];
    fuzz("small", &texts.map(String::into_bytes), |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(false) };
        let line = text.lines().next().unwrap_or_default();
        let taken = [
            VerifierKey::parse(line).is_ok_and(|key| key.to_string() == line),
            verify::Key::parse(line).is_some(),
            WitnessKey::parse(line).is_some(),
            Policy::parse(text).is_ok(),
            Receipt::read_lines(text).is_ok_and(|receipts| !receipts.is_empty()),
            State::parse(text).is_ok(),
            TilePath::parse(line).is_some(),
            SeenBefore::new(line, 1, 1, line, true).is_some(),
        ];
        Ok(taken.contains(&true))
    });
}
