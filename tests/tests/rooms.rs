//! Holds the direction between the rooms of the workspace, as `cargo metadata` reports it.
//!
//! It reads manifests, not source: a crate cannot be used without being declared there. Build and
//! development dependencies count as well, because a test that needs an upper room shows that the lower
//! one is not understandable alone. Invariant: every arrow between two rooms stands in [`ALLOWED`].

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Which rooms each room may know; the order is from the bottom up.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ledger", &["domain"]),
    // What checks the ledger shares no code with what writes it.
    ("verify", &[]),
    ("projections", &["domain"]),
    ("replay", &["domain", "ledger", "projections"]),
    ("exchange", &["domain", "projections"]),
    ("recording", &["domain", "ledger", "replay", "exchange"]),
    ("api", &["domain", "ledger", "projections", "replay", "exchange", "recording"]),
    ("cli", &["domain", "ledger", "verify", "projections", "replay", "exchange", "recording", "api"]),
    (
        "tests",
        &["domain", "ledger", "verify", "projections", "replay", "exchange", "recording", "api", "cli"],
    ),
];

/// Room name to the rooms it declares, whatever the kind of dependency.
type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn rooms_know_only_the_rooms_below_them() {
    assert_eq!(offences(&arrows_of(&workspace_metadata())), Vec::<String>::new());
}

#[test]
fn every_room_of_the_design_is_in_the_workspace() {
    let found: BTreeSet<String> = arrows_of(&workspace_metadata()).into_keys().collect();
    let designed: BTreeSet<String> = ALLOWED.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(found, designed);
}

#[test]
fn an_arrow_upwards_is_found_whatever_its_kind() {
    for kind in [Value::Null, Value::from("dev"), Value::from("build")] {
        let metadata = serde_json::json!({ "packages": [
            { "name": "caseledger-ledger", "dependencies": [
                { "name": "caseledger-domain", "kind": null },
                { "name": "caseledger-projections", "kind": kind },
                { "name": "serde", "kind": null },
            ] },
            { "name": "caseledger-cellar", "dependencies": [] },
            { "name": "caseledger-cli", "dependencies": [{ "name": "caseledger-tests", "kind": kind }] },
        ] });
        assert_eq!(
            offences(&arrows_of(&metadata)),
            [
                "cellar is no room of the design",
                "cli must not know tests",
                "ledger must not know projections"
            ]
        );
    }
}

/// Each arrow that the design does not draw, as a sentence, sorted by room.
fn offences(arrows: &Arrows) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut found = Vec::new();
    for (room, known) in arrows {
        let Some(may_know) = allowed.get(room.as_str()) else {
            found.push(format!("{room} is no room of the design"));
            continue;
        };
        let strangers = known.iter().filter(|other| !may_know.contains(&other.as_str()));
        found.extend(strangers.map(|other| format!("{room} must not know {other}")));
    }
    found
}

/// The arrows between packages of this workspace; packages from elsewhere are left out.
fn arrows_of(metadata: &Value) -> Arrows {
    let packages = metadata["packages"].as_array().expect("metadata lists its packages");
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("a package lists its dependencies");
            (
                room_of(package).expect("a workspace package is a room"),
                dependencies.iter().filter_map(room_of).collect(),
            )
        })
        .collect()
}

/// The room's short name, or nothing for a crate from elsewhere.
fn room_of(item: &Value) -> Option<String> {
    item["name"].as_str()?.strip_prefix("caseledger-").map(str::to_owned)
}

/// What cargo says about this workspace alone; reads no network and changes no lock file.
fn workspace_metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo ran this test, so it can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}
