//! Files that go out and may name children, and what is no file that could come in. Every child is invented.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use caseledger_tests::data_folder::DataFolder;
use caseledger_tests::events::id;
use caseledger_tests::program::Ran;

use crate::disposal::two_invented_children;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_names_children_is_its_owners_alone_and_there_whole_or_not_at_all() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("outgoing");
    let file = folder.write("children.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    let event = id(100).to_string();
    let out = folder.file("outgoing");
    fs::create_dir(&out).unwrap();
    let named = |name: &str| out.join(name).display().to_string();
    let lines = [
        (vec!["export", "events", "--out"], "events.jsonl"),
        (vec!["export", "log", "--out"], "log.jsonl"),
        (vec!["bundle", "INV-1", "--out"], "child.jsonl"),
        (vec!["disclose", "INV-1", &event, "--field", "la_child_id", "--out"], "field.jsonl"),
        (vec!["verify", "--state"], "auditor.state"),
    ];
    for (line, name) in &lines {
        let path = named(name);
        ledger.run(&[line.as_slice(), &[path.as_str()]].concat()).ended(0);
        assert_eq!(mode(Path::new(&path)), 0o600, "{name}");
    }
    // A command that fails leaves what was there, and nothing beside it.
    let before = fs::read(named("child.jsonl")).unwrap();
    ledger.run(&["bundle", "NOBODY", "--out", &named("child.jsonl")]).ended(6);
    assert_eq!(fs::read(named("child.jsonl")).unwrap(), before);
    assert_eq!(fs::read_dir(&out).unwrap().count(), lines.len());
    // What an officer signs stays readable to those who could read it.
    let request = folder.file("outgoing.request").display().to_string();
    ledger.run(&["dispose", "INV-1", "--rule", "CIN-18-3", "--prepare", &request]).ended(0);
    fs::set_permissions(&request, fs::Permissions::from_mode(0o640)).unwrap();
    let key = folder.file("guardian.outgoing.key").display().to_string();
    ledger.run(&["officer", "keygen", "caldicott-guardian.INV", "--out", &key]).ended(0);
    ledger.run(&["officer", "sign", &request, "--key", &key]).ended(0);
    assert_eq!(mode(Path::new(&request)), 0o640);
}

#[test]
fn a_pipe_a_folder_and_a_device_are_no_files_to_import_and_are_not_waited_for() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("no_file");
    let pipe = folder.file("pipe.xlsx");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, words) in [
        (pipe.as_path(), "it is a pipe"),
        (Path::new("/dev/zero"), "it is a device"),
        (Path::new("/tmp"), "it is a folder"),
    ] {
        let refused = Ran::of(ledger.command().arg("import").arg(path)).ended(3);
        assert!(refused.message().contains(words), "{}", refused.message());
    }
}
