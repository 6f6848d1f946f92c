//! Every part of the format against `tests/fixtures/ledger-format/vectors.json`.

use proptest::prelude::*;
use serde_json::Value;

use crate::hash::{Hash, hex, unhex, uuid_of};
use crate::leaf::{self, Leaf};
use crate::row::Row;
use crate::sealed::{self, Disclosed};
use crate::tree::{self, Range};
use crate::{NotCanonical, canonical};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/ledger-format/vectors.json")).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key}"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let list = value[key].as_array().unwrap_or_else(|| panic!("no list {key}"));
    assert!(!list.is_empty(), "{key} would check nothing");
    list
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn hashes(list: &Value) -> Vec<Hash> {
    list.as_array().unwrap().iter().map(|hash| unhex(hash.as_str().unwrap()).unwrap()).collect()
}

#[test]
fn canonical_json_is_told_from_every_other_form() {
    let vectors = vectors();
    for vector in list(&vectors["canonical"], "written") {
        canonical::check(text(vector, "canonical").as_bytes()).unwrap();
    }
    for refused in list(&vectors["canonical"], "refused") {
        assert!(canonical::check(refused.as_str().unwrap().as_bytes()).is_err(), "{refused}");
    }
}

#[test]
fn what_is_not_canonical_is_named_by_its_place() {
    let sixteen = format!("{}1{}", "[".repeat(16), "]".repeat(16));
    canonical::check(sixteen.as_bytes()).unwrap();
    for (text, at) in [
        (format!("[{sixteen}]"), 16),
        ("{\"a\":1,\"a\":2}".to_owned(), 7),
        ("{\"b\":1,\"a\":2}".to_owned(), 7),
        ("[1,]".to_owned(), 3),
        ("[01]".to_owned(), 1),
        ("[1]x".to_owned(), 3),
        ("\"\\u001F\"".to_owned(), 1),
        ("\"\\u000a\"".to_owned(), 1),
        ("\"open".to_owned(), 5),
        ("tru".to_owned(), 0),
        (String::new(), 0),
    ] {
        let NotCanonical { at: found, .. } = canonical::check(text.as_bytes()).unwrap_err();
        assert_eq!(found, at, "{text}");
    }
    assert!(canonical::check(b"\"\xff\"").is_err());
}

/// The columns that an envelope of the vectors stands for.
fn row(envelope: &Value) -> Row<'_> {
    let of = |key: &str| envelope[key].as_str();
    let id = |key: &str| of(key).map(|text| uuid_of(text).unwrap());
    let number = |key: &str| envelope[key].as_i64();
    let small = |key: &str| i16::try_from(number(key).unwrap()).unwrap();
    Row {
        position: 1,
        recorded_at: 0,
        revision: i32::try_from(number("revision").unwrap()).unwrap(),
        import_row: number("import_row").map(|row| i32::try_from(row).unwrap()),
        import_as_at: of("import_as_at").map(|day| {
            assert_eq!(day, "2022-09-30");
            19_265
        }),
        category: small("category"),
        schema_version: small("schema_version"),
        leaf_format: 1,
        stream: id("stream").unwrap(),
        event_id: id("event_id").unwrap(),
        command_id: id("command_id").unwrap(),
        recorded_by: id("recorded_by").unwrap(),
        import_id: id("import_id"),
        causation: id("causation"),
        correlation: id("correlation"),
        salt: None,
        leaf_hash: &[],
        kind: of("kind").unwrap().as_bytes(),
        occurred: of("occurred").unwrap().as_bytes(),
        source_recorded_at: of("source_recorded_at").map(str::as_bytes),
        role: of("role").map(str::as_bytes),
        team: of("team").map(str::as_bytes),
        import_sheet: of("import_sheet").map(str::as_bytes),
        confidentiality: of("confidentiality").map(str::as_bytes),
        facts: None,
        sealed: None,
    }
}

#[test]
fn envelopes_are_rebuilt_from_columns_and_leaves_from_envelopes() {
    for vector in list(&vectors(), "events") {
        let envelope: Value = serde_json::from_str(text(vector, "envelope")).unwrap();
        let mut written = Vec::new();
        row(&envelope).push_envelope(&mut written);
        assert_eq!(String::from_utf8(written.clone()).unwrap(), text(vector, "envelope"));
        let salt: [u8; 32] = unhex(text(vector, "salt")).unwrap();
        let (hides_envelope, hides_facts) = (salt.first_chunk().unwrap(), salt.last_chunk().unwrap());
        let sealed = bytes(text(vector, "sealed"));
        let leaf = Leaf {
            leaf_format: i16::try_from(vector["leaf_format"].as_i64().unwrap()).unwrap(),
            recorded_at: vector["recorded_at"].as_i64().unwrap(),
            envelope_commitment: leaf::commit_envelope(hides_envelope, &written),
            facts_commitment: leaf::commit_facts(hides_facts, text(vector, "facts").as_bytes()),
            sealed_hash: leaf::hash_sealed(Some(&*sealed).filter(|sealed| !sealed.is_empty())),
        };
        assert_eq!(hex(&leaf.envelope_commitment), text(vector, "envelope_commitment"));
        assert_eq!(hex(&leaf.facts_commitment), text(vector, "facts_commitment"));
        assert_eq!(hex(&leaf.sealed_hash), text(vector, "sealed_hash"));
        let mut hashed = Vec::new();
        leaf.push_hashed(&mut hashed);
        assert_eq!(hex(&hashed[1..]), text(vector, "leaf"));
        assert_eq!(hex(&leaf.hash()), text(vector, "leaf_hash"));
    }
}

#[test]
fn disclosed_fields_lead_to_the_root_of_their_box_and_changed_ones_do_not() {
    let vectors = vectors();
    let roots = sealed::box_roots(&bytes(text(&vectors["sealed"], "container"))).unwrap();
    for vector in list(&vectors, "disclosed_fields") {
        let field = Disclosed {
            name: text(vector, "name"),
            text: text(vector, "text"),
            salt: unhex(text(vector, "salt")).unwrap(),
            index: vector["index"].as_u64().unwrap(),
            of: vector["of"].as_u64().unwrap(),
            proof: hashes(&vector["proof"]),
            root: unhex(text(vector, "root")).unwrap(),
        };
        assert!(field.holds());
        assert!(roots.contains(&field.root));
        assert!(!Disclosed { text: "Another", ..field.clone() }.holds());
        assert!(!Disclosed { name: "Another", ..field.clone() }.holds());
        assert!(!Disclosed { index: field.index ^ 1, ..field.clone() }.holds());
        assert!(!Disclosed { proof: Vec::new(), ..field }.holds());
    }
}

#[test]
fn a_container_that_is_cut_or_goes_on_is_none() {
    let container = bytes(text(&vectors()["sealed"], "container"));
    assert_eq!(sealed::box_roots(&container).unwrap().len(), 2);
    for length in 0..container.len() {
        assert_eq!(sealed::box_roots(&container[..length]), None, "{length} bytes");
    }
    assert_eq!(sealed::box_roots(&[container, vec![0]].concat()), None);
}

#[test]
fn trees_and_inclusion_proofs() {
    for vector in list(&vectors(), "trees") {
        let leaves: Vec<Hash> = vector["leaves"].as_array().unwrap().iter().map(leaf_of).collect();
        let mut range = Range::default();
        leaves.iter().for_each(|leaf| range.push(0, *leaf, |_, _, _| {}));
        assert_eq!(hex(&range.root()), text(vector, "root"));
        let size = u64::try_from(leaves.len()).unwrap();
        for ((index, leaf), proof) in (0..).zip(&leaves).zip(vector["inclusion"].as_array().unwrap()) {
            let proof = hashes(proof);
            assert!(tree::includes(&range.root(), size, index, leaf, &proof));
            assert!(!tree::includes(&range.root(), size, index, &[7; 32], &proof));
            assert!(!tree::includes(&range.root(), size, size, leaf, &proof));
        }
    }
}

fn leaf_of(data: &Value) -> Hash {
    tree::leaf_hash(&bytes(data.as_str().unwrap()))
}

proptest! {
    #[test]
    fn the_growing_range_has_the_root_of_an_independent_tree(size in 0_u32..300, cut in 0_u32..300) {
        let mut oracle = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        let mut range = Range::default();
        for number in 0..size {
            let data = number.to_be_bytes().to_vec();
            range.push(0, tree::leaf_hash(&data), |_, _, _| {});
            oracle.push(data);
            if number == cut {
                range = Range::kept(range.size(), range.peaks().to_vec()).unwrap();
            }
        }
        let expected = oracle.root();
        prop_assert_eq!(&range.root()[..], &expected.as_bytes()[..]);
    }

    #[test]
    fn complete_subtrees_can_be_pushed_whole(size in 1_u64..200) {
        let leaves: Vec<Hash> = (0..size).map(|number| tree::leaf_hash(&number.to_be_bytes())).collect();
        let mut one_by_one = Range::default();
        let mut eights = Vec::new();
        for leaf in &leaves {
            one_by_one.push(0, *leaf, |height, index, hash| {
                if height == 3 {
                    eights.push((index, *hash));
                }
            });
        }
        let mut in_parts = Range::default();
        for (index, eight) in &eights {
            prop_assert_eq!(in_parts.size(), index * 8);
            in_parts.push(3, *eight, |_, _, _| {});
        }
        leaves.iter().skip(eights.len() * 8).for_each(|leaf| in_parts.push(0, *leaf, |_, _, _| {}));
        prop_assert_eq!(in_parts, one_by_one);
    }

    #[test]
    fn what_serde_json_writes_of_sorted_ascii_maps_is_canonical(map in proptest::collection::btree_map("[ -~]{0,6}", "[ -~\\n\\t]{0,9}", 0..6)) {
        let text = serde_json::to_string(&map).unwrap();
        prop_assert_eq!(canonical::check(text.as_bytes()), Ok(()));
    }
}
