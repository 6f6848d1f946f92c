//! What stands beside the rows, changed alone and two at once: heads and their MACs, commands, look-up tables, subtrees, signed
//! heads, tiles. None is hidden by another.
//!
//! `CASELEDGER_TEST_PAIRS` says how many pairs (200), `CASELEDGER_TEST_SEED` which ones (1).

use std::fs;
use std::path::Path;

use caseledger_tests::dice::Dice;
use ledger::keys::{KeyId, KeyPurpose, KeyStore as _};
use verify::{BatchKey, DatabaseQuestion, Kind, Place, Report, verify_batches};

use crate::fixture::Fixture;
use crate::outside::{copy_all, flip, tiles};
use crate::setting;

/// One change; those of the database stand for a statement in which `$` is a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Database(&'static str),
    Tile,
    TileCut,
    TileRemoved,
    Checkpoint,
    CheckpointRemoved,
}

const OF: &str = "base_size < $ AND tree_size >= $";
const CHANGES: [Change; 20] = [
    Change::Database("UPDATE caseledger.heads SET mac = NULL WHERE OF"),
    Change::Database("UPDATE caseledger.heads SET mac = set_byte(mac, 7, get_byte(mac, 7) # 1) WHERE OF"),
    Change::Database("UPDATE caseledger.heads SET epoch = epoch + 1 WHERE OF"),
    Change::Database(
        "UPDATE caseledger.heads SET recorded_at = recorded_at + interval '1 microsecond' WHERE OF",
    ),
    Change::Database("UPDATE caseledger.heads SET root = set_byte(root, 3, get_byte(root, 3) # 1) WHERE OF"),
    Change::Database("UPDATE caseledger.commands SET request_hash = sha256(request_hash) WHERE COMMAND"),
    Change::Database("UPDATE caseledger.commands SET event_count = event_count + 1 WHERE COMMAND"),
    Change::Database("UPDATE caseledger.commands SET first_position = first_position - 1 WHERE COMMAND"),
    Change::Database("DELETE FROM caseledger.commands WHERE COMMAND"),
    Change::Database(
        "DELETE FROM caseledger.kinds WHERE first_position = (SELECT min(first_position) FROM kept.kinds)",
    ),
    Change::Database("UPDATE caseledger.kinds SET first_position = first_position + 1"),
    Change::Database("INSERT INTO caseledger.kinds VALUES ('exit_recorded', $)"),
    Change::Database("UPDATE caseledger.subtrees SET hash = sha256(hash) WHERE (height, index) = (8, 1)"),
    Change::Database(
        "ALTER TABLE caseledger.heads DROP CONSTRAINT IF EXISTS heads_check; \
         INSERT INTO caseledger.heads SELECT max(tree_size), max(tree_size), now(), 1, gen_random_uuid() FROM caseledger.heads",
    ),
    Change::Database("INSERT INTO caseledger.commands VALUES (gen_random_uuid(), 99999$, 1, sha256('x'))"),
    Change::Tile,
    Change::TileCut,
    Change::TileRemoved,
    Change::Checkpoint,
    Change::CheckpointRemoved,
];

impl Change {
    async fn make(self, dice: &mut Dice, fixture: &Fixture, folder: &Path) {
        let position = (2 + dice.below(fixture.size() - 1)).to_string();
        let command = "command_id = (SELECT command_id FROM kept.events WHERE position = $)";
        match self {
            Self::Database(sql) => {
                let sql = sql.replace("OF", OF).replace("COMMAND", command).replace('$', &position);
                fixture.change(&[sql]).await;
            }
            Self::Tile => change_tile(dice, folder, |path| flip(path, 9)),
            Self::TileCut => change_tile(dice, folder, |path| {
                let bytes = fs::read(path).unwrap();
                fs::write(path, &bytes[..bytes.len() - 32]).unwrap();
            }),
            Self::TileRemoved => change_tile(dice, folder, |path| fs::remove_file(path).unwrap()),
            Self::Checkpoint if folder.join("checkpoint").exists() => flip(&folder.join("checkpoint"), 60),
            Self::CheckpointRemoved | Self::Checkpoint => drop(fs::remove_file(folder.join("checkpoint"))),
        }
    }
}

/// One of the full tiles, which are always read.
fn change_tile(dice: &mut Dice, folder: &Path, change: impl FnOnce(&Path)) {
    let full = tiles(folder).into_iter().filter(|path| fs::metadata(path).unwrap().len() == 256 * 32);
    let full: Vec<_> = full.collect();
    if !full.is_empty() {
        change(dice.one_of(full.as_slice()).as_path());
    }
}

async fn checked(fixture: &Fixture, folder: &Path) -> Report {
    let question = DatabaseQuestion { proof_folder: Some(folder.to_owned()), ..fixture.question() };
    let mut report = fixture.verify(&question).await;
    let id = KeyId::new(fixture.ledger.id(), KeyPurpose::Batches);
    let key = BatchKey(*fixture.database.keys().find(id).unwrap().unwrap().bytes());
    verify_batches(&fixture.database.appender(), Some(&key), &mut report, 10).await.unwrap();
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_beside_the_rows_is_found_alone_and_in_pairs() {
    let fixture = Fixture::make(700).await;
    let mut dice = Dice::new(setting("CASELEDGER_TEST_SEED", 1));
    let alone = CHANGES.map(|change| vec![change]);
    let mut two = |_| [*dice.one_of(&CHANGES), *dice.one_of(&CHANGES)].to_vec();
    let pairs = (0..setting("CASELEDGER_TEST_PAIRS", 200)).map(&mut two);
    // The same twice may undo itself.
    let pairs: Vec<_> = pairs.filter(|pair| pair.first() != pair.last()).collect();
    for changes in alone.into_iter().chain(pairs) {
        let copy = tempfile::tempdir().unwrap();
        copy_all(&fixture.folder.path().join("proof"), copy.path());
        for change in &changes {
            change.make(&mut dice, &fixture, copy.path()).await;
        }
        let report = checked(&fixture, copy.path()).await;
        assert_ne!(report.exit_code(), 0, "{changes:?}: {:?}", report.notes);
        fixture.restore().await;
    }
    let whole = checked(&fixture, &fixture.folder.path().join("proof")).await;
    assert_eq!(whole.exit_code(), 0, "{:?}", whole.findings.first().map(ToString::to_string));
}

/// Somebody with the database's rights claims millions of millions of events: what is not there takes neither time nor memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_claims_millions_of_millions_of_events_is_named_at_once() {
    let fixture = Fixture::make(700).await;
    let proof = fixture.folder.path().join("proof");
    let end = fixture.size();
    let head = |base: u64, size: u64| {
        format!(
            "INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer) \
             VALUES ({base}, {size}, now(), 1, gen_random_uuid())"
        )
    };
    let far = 3_000_000_000_000_u64;
    let event = format!("UPDATE caseledger.events SET position = {far} WHERE position = 9");
    let cases = [
        (vec![head(end, far)], end + 1, far),
        (vec![head(end, 9_223_372_036_854_775_807)], end + 1, 9_223_372_036_854_775_807),
        (vec![head(far, far + 1)], end + 1, far + 1),
        (vec![head(end, far), event], 9, far),
    ];
    for (planted, first, last) in cases {
        fixture.change(&planted).await;
        let looked = tokio::time::timeout(std::time::Duration::from_secs(30), checked(&fixture, &proof));
        let report = looked.await.unwrap_or_else(|_| panic!("{planted:?} takes longer than it may"));
        let missing = report.findings.by_kind().find(|(kind, _, _)| *kind == Kind::Missing);
        let (_, count, examples) = missing.unwrap_or_else(|| panic!("{planted:?}: nothing is missing"));
        assert!(count >= last - end - 2, "{planted:?}: {count}");
        assert_eq!(first_of(&examples[0].place), first, "{planted:?}: {:?}", examples[0]);
        assert_eq!(report.size, last);
        fixture.restore().await;
    }
    assert_eq!(checked(&fixture, &proof).await.exit_code(), 0);
}

fn first_of(place: &Place) -> u64 {
    match place {
        Place::At { position } => *position,
        Place::Between { first, .. } => *first,
        Place::Nowhere => 0,
    }
}
