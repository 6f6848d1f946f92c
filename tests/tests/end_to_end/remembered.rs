//! What a run of `verify` remembers for the next, and what `doctor` says of the last verification and backup. Every child is
//! invented.

use std::fs;

use caseledger_tests::data_folder::{DataFolder, shared};

use crate::disposal::two_invented_children;

#[tokio::test]
async fn verify_holds_the_log_against_what_its_last_run_found() {
    let ledger = shared().ledger("remembered");
    let file = shared().write("remembered.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    let none = ledger.run(&["doctor"]).ended(0);
    assert_eq!(none.out.matches("none that this machine knows of").count(), 2, "{}", none.out);
    ledger.run(&["verify"]).ended(0);
    let memory = shared().data().join("proof/remembered.verified");
    let found = fs::read_to_string(&memory).unwrap();
    ledger.run(&["verify"]).ended(0);
    let said = ledger.run(&["doctor"]).ended(0);
    assert!(said.out.contains("nothing was recorded since"), "{}", said.out);

    // A database that ends before it, and one with another history, without any other trace of it.
    let seen: serde_json::Value = serde_json::from_str(&found).unwrap();
    let size = seen["size"].as_u64().unwrap();
    let with = |name: &str, value: serde_json::Value| {
        let mut other = seen.clone();
        other[name] = value;
        fs::write(&memory, other.to_string()).unwrap();
        let ran = ledger.run(&["verify"]).ended(15);
        assert_eq!(fs::read_to_string(&memory).unwrap(), other.to_string(), "damage leaves it as it was");
        ran.out.clone()
    };
    let rewound = with("size", (size + 3).into());
    let damaged = ledger.run(&["doctor"]).ended(5);
    assert!(damaged.out.contains("1 finding at") && damaged.out.contains("found damage"), "{}", damaged.out);
    assert!(
        rewound.contains(&format!("an earlier run found {} events, {size} are here", size + 3)),
        "{rewound}"
    );
    let rewritten = with("root", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into());
    assert!(rewritten.contains("what an earlier run found"), "{rewritten}");
    let another = with("ledger", "00000000-0000-4000-8000-000000000001".into());
    assert!(another.contains("another ledger"), "{another}");

    fs::write(&memory, "cut").unwrap();
    assert!(ledger.run(&["verify"]).ended(20).message().contains("remembered.verified"));
    fs::write(&memory, found).unwrap();
    ledger.run(&["verify", "--size", "2"]).ended(0);
    ledger.run(&["doctor"]).ended(5);
    ledger.run(&["verify"]).ended(0);
    ledger.run(&["doctor"]).ended(0);
    assert!(fs::read_to_string(&memory).unwrap().contains(&format!("\"size\":{size}")), "it never goes back");

    // A run that had nothing to compare with is nothing to compare with either.
    let (proof, aside) = (shared().data().join("proof/remembered"), shared().data().join("remembered.aside"));
    fs::rename(&proof, &aside).unwrap();
    fs::remove_file(&memory).unwrap();
    for _ in 0..2 {
        ledger.run(&["verify"]).ended(18);
    }
    assert!(memory.exists());
    fs::rename(&aside, &proof).unwrap();

    let folder = shared().file("remembered.backup");
    ledger.run(&["backup", folder.to_str().unwrap()]).ended(0);
    let said = ledger.run(&["doctor"]).ended(0);
    assert!(said.out.contains("remembered.backup, without its keys"), "{}", said.out);
}

/// A head that somebody planted behind the log: `doctor` answers, although nothing can be read up to it.
#[tokio::test]
async fn doctor_answers_where_a_head_has_no_events() {
    let folder = DataFolder::make();
    for (name, further) in [("head_of_five", 5), ("head_of_none", 0)] {
        let ledger = folder.ledger(name);
        let file = folder.write("heads.jsonl", two_invented_children().text());
        ledger.import(&file, &[]).ended(0);
        let head = format!(
            "INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer) \
             SELECT max(tree_size), max(tree_size) + {further}, now(), 1, gen_random_uuid() FROM caseledger.heads"
        );
        ledger.connect("postgres").await.batch_execute(&head).await.unwrap();
        let said = ledger.run(&["doctor"]).ended(5);
        assert!(said.out.contains("newest head") && said.out.contains("has no events"), "{}", said.out);
    }
}

/// Whoever writes a head into the database that claims more than there is, has every command end as one that met damage.
#[tokio::test]
async fn every_command_that_meets_a_head_without_events_ends_with_damage() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("claims");
    let file = folder.write("claims.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    let owner = ledger.connect("postgres").await;
    owner.batch_execute("ALTER TABLE caseledger.heads DISABLE TRIGGER USER").await.unwrap();
    let event = "018e91ce-4c00-7ad4-8dd7-589c996c4729";
    let out = folder.file("claims.out");
    let out = out.to_str().unwrap();
    let file = file.to_str().unwrap();
    let commands: &[&[&str]] = &[
        &["import", file],
        &["reconcile", file],
        &["export", "events", "--out", out],
        &["export", "log", "--out", out],
        &["bundle", "INV-000001", "--out", out],
        &["roster"],
        &["replay", "INV-000001"],
        &["clocks", "INV-000001"],
        &["indicators"],
        &["due"],
        &["officer", "list"],
        &["hold", "list"],
        &["hold", "place", "INV-000001", "--reason", "court"],
        &["dispose", "INV-000001", "--rule", "CIN-18-3", "--prepare", out],
        &["disclose", "INV-000001", event, "--field", "name"],
        &["keys", "check"],
        &["keys", "adopt"],
        &["keys", "rotate-master"],
        &["checkpoint"],
        &["log-key", "show"],
        &["log-key", "rotate"],
        &["epoch", "prepare", "--reason", "restored-backup", "--out", out],
        &["clock", "show"],
        &["backup", out],
        &["reindex"],
        &["doctor"],
        &["serve", "--listen", "127.0.0.1:0"],
    ];
    for (claimed, every) in [(5_i64, 1), (3_000_000_000_000, 9), (i64::MAX, 9)] {
        let planted = format!(
            "DELETE FROM caseledger.heads WHERE mac IS NULL AND base_size > 0; \
             INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer) \
             SELECT max(tree_size), greatest(max(tree_size) + 5, {claimed}), now(), 1, gen_random_uuid() FROM caseledger.heads"
        );
        owner.batch_execute(&planted).await.unwrap();
        let found = ledger.run(&["verify"]).ended(11).out;
        assert!(found.contains("missing at positions 6 to"), "{found}");
        assert!(found.contains("newest checkpoint: 5"), "{found}");
        for command in commands.iter().step_by(every) {
            let ran = ledger.run(command).ended(5);
            let said = format!("{}{}", ran.out, ran.err);
            assert!(
                said.contains("newest head") && said.contains("caseledger verify"),
                "{command:?}: {said}"
            );
        }
    }
}
