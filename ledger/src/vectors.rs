//! The published vectors of `docs/ledger-format.md`, which were written by another implementation.

use domain::envelope::{Category, Confidentiality, EventContext, ImportRef, SealedFields};
use domain::ids::{CommandId, EventId, ImportId, KeyedIds, LedgerId, Revision, StreamId};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::batch_mac::{BatchKey, CommandOfBatch, HeadOfBatch};
use crate::hash::{Hash, hex, unhex};
use crate::identifiers::{Tokens, normalised};
use crate::keys::{KeyId, KeyPurpose, MasterKey, SecretKey};
use crate::leaf::{self, Envelope, Leaf};
use crate::sealing::{self, BoxRandomness, DisclosedField, Place};
use crate::{LedgerIds, tree};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../tests/fixtures/ledger-format/vectors.json")).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key}"))
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn key(hex: &str) -> SecretKey {
    SecretKey::from_bytes(Zeroizing::new(unhex(hex).unwrap()))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let list = value[key].as_array().unwrap_or_else(|| panic!("no list {key}"));
    assert!(!list.is_empty(), "{key} would check nothing");
    list
}

#[test]
fn canonical_json() {
    let vectors = vectors();
    for vector in list(&vectors["canonical"], "written") {
        let value: Value = serde_json::from_str(text(vector, "value")).unwrap();
        assert_eq!(domain::canonical::write(&value).unwrap(), text(vector, "canonical"));
        domain::canonical::check(text(vector, "canonical")).unwrap();
    }
    for refused in list(&vectors["canonical"], "refused") {
        assert!(domain::canonical::check(refused.as_str().unwrap()).is_err(), "{refused}");
    }
}

/// The context that an envelope text of the vectors stands for.
fn context(envelope: &Value) -> EventContext {
    let id = |key: &str| envelope[key].as_str().map(|text| text.parse::<uuid::Uuid>().unwrap());
    let mut context =
        EventContext::new(id("recorded_by").unwrap(), envelope["role"].as_str().unwrap_or("").to_owned());
    context.team = envelope["team"].as_str().map(str::to_owned);
    context.causation = id("causation").map(EventId);
    context.correlation = id("correlation");
    context.confidentiality =
        envelope["confidentiality"].as_str().map(|name| Confidentiality::from_name(name).unwrap());
    context.import = id("import_id").map(|import| ImportRef {
        import: ImportId(import),
        as_at: text(envelope, "import_as_at").parse().unwrap(),
        sheet: text(envelope, "import_sheet").to_owned(),
        row: u32::try_from(envelope["import_row"].as_u64().unwrap()).unwrap(),
    });
    context
}

#[test]
fn envelopes_and_leaves() {
    for vector in list(&vectors(), "events") {
        let envelope: Value = serde_json::from_str(text(vector, "envelope")).unwrap();
        let context = context(&envelope);
        let revision = Revision(u32::try_from(envelope["revision"].as_u64().unwrap()).unwrap());
        let written = Envelope {
            stream: text(&envelope, "stream").parse().unwrap(),
            category: Category::from_code(i16::try_from(envelope["category"].as_i64().unwrap()).unwrap())
                .unwrap(),
            event_id: text(&envelope, "event_id").parse().unwrap(),
            command_id: text(&envelope, "command_id").parse::<CommandId>().unwrap(),
            kind: text(&envelope, "kind"),
            schema_version: u16::try_from(envelope["schema_version"].as_u64().unwrap()).unwrap(),
            occurred: text(&envelope, "occurred"),
            source_recorded_at: envelope["source_recorded_at"].as_str(),
            context: &context,
        };
        let written = written.text().unwrap();
        assert_eq!(written.at(revision), text(vector, "envelope"));
        let salt = unhex(text(vector, "salt")).unwrap();
        let sealed = Some(bytes(text(vector, "sealed"))).filter(|sealed| !sealed.is_empty());
        let leaf = Leaf {
            recorded_at: chrono::DateTime::from_timestamp_micros(vector["recorded_at"].as_i64().unwrap())
                .unwrap(),
            envelope_commitment: written.commitment(revision, &salt),
            facts_commitment: leaf::commit_facts(&salt, text(vector, "facts")),
            sealed_hash: leaf::hash_sealed(sealed.as_deref()),
        };
        assert_eq!(leaf::commit_envelope(&salt, text(vector, "envelope")), leaf.envelope_commitment);
        for (key, hash) in [
            ("envelope_commitment", leaf.envelope_commitment),
            ("facts_commitment", leaf.facts_commitment),
            ("sealed_hash", leaf.sealed_hash),
            ("leaf_hash", leaf.hash()),
        ] {
            assert_eq!(hex(&hash), text(vector, key), "{key} of {}", text(vector, "name"));
        }
        assert_eq!(hex(&leaf.to_bytes()), text(vector, "leaf"));
    }
}

fn place(vector: &Value) -> Place<'_> {
    Place {
        ledger: text(vector, "ledger_id").parse().unwrap(),
        stream: text(vector, "stream").parse().unwrap(),
        event_id: text(vector, "event_id").parse().unwrap(),
        kind: text(vector, "kind"),
        schema_version: u16::try_from(vector["schema_version"].as_u64().unwrap()).unwrap(),
    }
}

#[test]
fn sealed_container() {
    let vectors = vectors();
    let vector = &vectors["sealed"];
    let place = place(&vector["place"]);
    let parts: Vec<_> = list(vector, "boxes")
        .iter()
        .map(|one| {
            let fields: SealedFields = serde_json::from_value(one["fields"].clone()).unwrap();
            let random = BoxRandomness {
                nonce: unhex(text(one, "nonce")).unwrap(),
                salt: unhex(text(one, "salt")).unwrap(),
            };
            (KeyId(unhex(text(one, "key_id")).unwrap()), key(text(one, "key")), fields, random)
        })
        .collect();
    let borrowed = parts
        .iter()
        .map(|(id, key, fields, random)| {
            (*id, key, fields, BoxRandomness { nonce: random.nonce, salt: random.salt })
        })
        .collect();
    let container = sealing::seal_with(&place, borrowed).unwrap();
    assert_eq!(hex(&container), text(vector, "container"));
    for (id, key, fields, _) in &parts {
        assert_eq!(&sealing::open(&place, &container, *id, key).unwrap().into_fields(), fields);
    }
    let (id, key, fields, _) = &parts[0];
    let opened = sealing::open(&place, &container, *id, key).unwrap();
    assert_eq!(list(&vectors, "disclosed_fields").len(), fields.0.len());
    for disclosed in list(&vectors, "disclosed_fields") {
        let expected = DisclosedField {
            name: text(disclosed, "name").to_owned(),
            text: text(disclosed, "text").to_owned(),
            salt: unhex(text(disclosed, "salt")).unwrap(),
            index: usize::try_from(disclosed["index"].as_u64().unwrap()).unwrap(),
            of: usize::try_from(disclosed["of"].as_u64().unwrap()).unwrap(),
            proof: list(disclosed, "proof")
                .iter()
                .map(|hash| unhex(hash.as_str().unwrap()).unwrap())
                .collect(),
        };
        assert_eq!(opened.disclose(&expected.name).unwrap(), expected);
        assert_eq!(expected.root(), unhex(text(disclosed, "root")));
        assert_eq!(expected.root(), Some(opened.root));
        let forged = DisclosedField { text: "another".to_owned(), ..expected };
        assert_ne!(forged.root(), Some(opened.root));
    }
}

#[test]
fn keys_and_keyed_values() {
    let vectors = vectors();
    for vector in list(&vectors, "key_ids") {
        let ledger: LedgerId = text(vector, "ledger_id").parse().unwrap();
        let subject: StreamId = text(vector, "subject").parse().unwrap();
        let purpose = match vector["purpose"].as_u64().unwrap() {
            1 => KeyPurpose::Subject(subject),
            2 => KeyPurpose::Identifiers,
            3 => KeyPurpose::Ids,
            4 => KeyPurpose::Requests,
            5 => KeyPurpose::Batches,
            other => panic!("purpose {other}"),
        };
        assert_eq!(KeyId::new(ledger, purpose).to_string(), text(vector, "key_id"));
    }
    let wrapped = &vectors["wrapped_key"];
    let id = KeyId(unhex(text(wrapped, "key_id")).unwrap());
    let master = MasterKey::new(unhex(text(wrapped, "master_id")).unwrap(), key(text(wrapped, "master_key")));
    let data = key(text(wrapped, "key"));
    let file = master.wrap_with(id, &data, &unhex(text(wrapped, "nonce")).unwrap());
    assert_eq!(hex(&file), text(wrapped, "file"));
    assert_eq!(master.unwrap(id, &file).unwrap().bytes(), data.bytes());

    let ids = LedgerIds::new(key(text(&vectors["keyed_ids"], "key")));
    for vector in list(&vectors["keyed_ids"], "ids") {
        let parts: Vec<&str> =
            vector["parts"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
        let on = text(vector, "on").parse().unwrap();
        assert_eq!(ids.stream(&parts).to_string(), text(vector, "stream"));
        assert_eq!(ids.entity(&parts).to_string(), text(vector, "entity"));
        assert_eq!(ids.event(on, &parts).to_string(), text(vector, "event"));
        assert_eq!(ids.command(on, &parts).to_string(), text(vector, "command"));
    }
    let tokens = Tokens::new(key(text(&vectors["identifier_index"], "key")));
    for vector in list(&vectors["identifier_index"], "tokens") {
        assert_eq!(normalised(text(vector, "given")).as_str(), text(vector, "normalised"));
        assert_eq!(hex(&tokens.token(text(vector, "kind"), text(vector, "given"))), text(vector, "token"));
    }
}

#[test]
fn the_mac_of_a_batch() {
    let vectors = vectors();
    let (vector, head) = (&vectors["batch_mac"], &vectors["batch_mac"]["head"]);
    let batches = BatchKey::new(text(vector, "ledger_id").parse().unwrap(), key(text(vector, "key")));
    let micros = head["recorded_at"].as_i64().unwrap();
    let head = HeadOfBatch {
        epoch: i32::try_from(head["epoch"].as_i64().unwrap()).unwrap(),
        base: head["base_size"].as_u64().unwrap(),
        size: head["tree_size"].as_u64().unwrap(),
        recorded_at: chrono::DateTime::from_timestamp_micros(micros).unwrap(),
        root: unhex(text(head, "root")).unwrap(),
    };
    let hashes: Vec<Hash> =
        list(vector, "commands").iter().map(|one| unhex(text(one, "request_hash")).unwrap()).collect();
    let commands = list(vector, "commands").iter().zip(&hashes).map(|(one, hash)| CommandOfBatch {
        id: text(one, "command_id").parse().unwrap(),
        first_position: one["first_position"].as_i64().unwrap(),
        event_count: i32::try_from(one["event_count"].as_i64().unwrap()).unwrap(),
        request_hash: hash,
    });
    assert_eq!(hex(&batches.mac(&head, commands)), text(vector, "mac"));
}

#[test]
fn trees() {
    for vector in list(&vectors(), "trees") {
        let leaves: Vec<_> = vector["leaves"]
            .as_array()
            .unwrap()
            .iter()
            .map(|leaf| tree::leaf_hash(&bytes(leaf.as_str().unwrap())))
            .collect();
        assert_eq!(Some(tree::root(&leaves)), unhex(text(vector, "root")));
        for (index, proof) in vector["inclusion"].as_array().unwrap().iter().enumerate() {
            let expected: Vec<_> =
                proof.as_array().unwrap().iter().map(|hash| unhex(hash.as_str().unwrap()).unwrap()).collect();
            assert_eq!(tree::inclusion(&leaves, index).unwrap(), expected);
            assert_eq!(
                tree::root_from_inclusion(leaves[index], index, leaves.len(), &expected),
                Some(tree::root(&leaves))
            );
        }
    }
}
