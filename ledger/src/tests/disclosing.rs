//! One sealed field, shown and proved alone; the other fields stay hidden.

use domain::envelope::SealedFields;
use domain::ids::{EventId, Revision};
use serde_json::Value;

use crate::disclosure::{DisclosureFault, Shown};
use crate::notes::from_base64;
use crate::sealing::{DisclosedField, was_sealed};
use crate::test_support::{append_to, fresh_ledger, some_event, some_stream};
use crate::{Expected, tree};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_field_is_proved_and_nothing_else_is_shown() {
    let (_database, ledger) = fresh_ledger().await;
    let stream = some_stream();
    let mut event = some_event(7);
    // An invented child.
    event.sealed = SealedFields::none()
        .with("name", "Invented Child")
        .with("upn", "H123456789012")
        .with("note", "secret words");
    let plain = some_event(8);
    let (id, other) = (event.event_id, plain.event_id);
    ledger.append(append_to(stream, Expected::NoStream, vec![event, plain])).await.unwrap();
    let shown = Shown { envelope: false, facts: false, fields: &["upn"] };
    let bundle = ledger.disclose(stream, id, shown).await.unwrap();
    for hidden in ["Invented Child", "secret words", "number", "contact_received"] {
        assert!(!bundle.contains(hidden), "{hidden}");
    }
    let lines: Vec<Value> = bundle.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [header, line, last] = lines.as_slice() else { panic!("three lines") };
    assert_eq!(last, &serde_json::json!({ "events": 1 }));

    // The field leads to the container's root, the container to the leaf, the leaf to the root of the log.
    let hash = |text: &Value| <[u8; 32]>::try_from(from_base64(text.as_str().unwrap()).unwrap()).unwrap();
    let given = &line["fields"][0];
    let field = DisclosedField {
        name: given["name"].as_str().unwrap().to_owned(),
        text: given["text"].as_str().unwrap().to_owned(),
        salt: crate::hash::unhex(given["salt"].as_str().unwrap()).unwrap(),
        index: given["index"].as_u64().unwrap().try_into().unwrap(),
        of: given["of"].as_u64().unwrap().try_into().unwrap(),
        proof: given["proof"].as_array().unwrap().iter().map(hash).collect(),
    };
    assert_eq!((field.text.as_str(), field.of), ("H123456789012", 3));
    let container = from_base64(line["sealed"].as_str().unwrap()).unwrap();
    assert!(was_sealed(&container, &field));
    for spoiled in [
        DisclosedField { text: "H999999999999".to_owned(), ..field.clone() },
        DisclosedField { name: "name".to_owned(), ..field.clone() },
        DisclosedField { index: 0, ..field.clone() },
    ] {
        assert!(!was_sealed(&container, &spoiled), "{spoiled:?}");
    }
    let commitment = |name: &str| crate::hash::unhex::<32>(line[name].as_str().unwrap()).unwrap();
    let recorded_at: i64 = line["recorded_at"].as_str().unwrap().parse().unwrap();
    let leaf = [
        &1_u16.to_be_bytes()[..],
        &recorded_at.to_be_bytes(),
        &commitment("envelope_commitment"),
        &commitment("facts_commitment"),
        &crate::leaf::hash_sealed(Some(&container)),
    ]
    .concat();
    let proof: Vec<[u8; 32]> = line["proof"].as_array().unwrap().iter().map(hash).collect();
    let size = usize::try_from(header["tree_size"].as_u64().unwrap()).unwrap();
    let root = tree::root_from_inclusion(tree::leaf_hash(&leaf), 1, size, &proof);
    assert_eq!(root, Some(hash(&header["root"])));

    // What is not there is said; what was asked for with it is shown with its salt.
    let missing = ledger.disclose(stream, id, Shown { fields: &["address"], ..shown }).await;
    assert!(matches!(missing, Err(DisclosureFault::NoSuchField { .. })), "{missing:?}");
    let nothing = ledger.disclose(stream, other, shown).await;
    assert!(matches!(nothing, Err(DisclosureFault::NoSuchField { .. })), "{nothing:?}");
    let elsewhere = ledger.disclose(some_stream(), id, shown).await;
    assert!(matches!(elsewhere, Err(DisclosureFault::NotInStream { .. })), "{elsewhere:?}");
    let unknown = ledger.disclose(stream, EventId(some_stream().0), shown).await;
    assert!(matches!(unknown, Err(DisclosureFault::NotInStream { .. })), "{unknown:?}");
    let more = ledger.disclose(stream, id, Shown { envelope: true, ..shown }).await.unwrap();
    assert!(more.contains("contact_received") && !more.contains("number"));
    assert_eq!(ledger.read_stream(stream, Revision(1)).await.unwrap().len(), 2);
}
