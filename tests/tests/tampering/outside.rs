//! What stands outside the database is changed, taken away or put back from an older copy: `verify` names it, and says so where
//! nothing is left to compare with.

use std::fs;
use std::path::{Path, PathBuf};

use verify::{DatabaseQuestion, KeptCheckpoint, NOTHING_COMPARED, Report};

use crate::fixture::Fixture;
use crate::rewriting::rewrite;

/// The exit code, and all that was said.
fn told(report: &Report) -> (u8, String) {
    let found = report.findings.by_kind().flat_map(|(_, _, examples)| examples).map(ToString::to_string);
    (report.exit_code(), found.chain(report.notes.clone()).collect::<Vec<_>>().join("\n"))
}

/// A copy of the proof folder with one thing done to it.
async fn with_folder(fixture: &Fixture, change: impl FnOnce(&Path)) -> (u8, String) {
    let copy = tempfile::tempdir().unwrap();
    copy_all(&fixture.folder.path().join("proof"), copy.path());
    change(copy.path());
    let proof_folder = Some(copy.path().to_owned());
    told(&fixture.verify(&DatabaseQuestion { proof_folder, ..fixture.question() }).await)
}

pub(crate) fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// All tiles that the checkpoint needs.
pub(crate) fn tiles(folder: &Path) -> Vec<PathBuf> {
    let (mut open, mut files) = (vec![folder.join("tile")], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let list = if entry.path().is_dir() { &mut open } else { &mut files };
            list.push(entry.path());
        }
    }
    files.sort();
    files
}

pub(crate) fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tile_that_is_changed_missing_cut_or_longer_is_named_at_every_level() {
    let fixture = Fixture::make(700).await;
    assert_eq!(with_folder(&fixture, |_| ()).await.0, 0);
    let needed = tiles(&fixture.folder.path().join("proof"));
    let levels = |level: &str| needed.iter().filter(|path| path.to_string_lossy().contains(level)).count();
    assert!(levels("tile/0/") >= 3 && levels("tile/1/") >= 1, "{needed:?}");
    let size = fixture.size();
    for tile in &needed {
        let name = tile.strip_prefix(fixture.folder.path().join("proof")).unwrap();
        // A narrower tile than the checkpoint's is left over from an earlier one.
        let width = fs::metadata(tile).unwrap().len() / 32;
        let level = name.iter().nth(1).unwrap().to_string_lossy().parse::<u32>().unwrap();
        let wanted = width == 256 || width == (size >> (8 * level)) % 256;
        let (gone, what) = with_folder(&fixture, |folder| fs::remove_file(folder.join(name)).unwrap()).await;
        assert_eq!(
            (gone, what.contains(&*name.to_string_lossy())),
            (if wanted { 20 } else { 0 }, wanted),
            "{what}"
        );
        let (cut, what) =
            with_folder(&fixture, |folder| fs::write(folder.join(name), [7; 31]).unwrap()).await;
        assert_eq!((cut, what.contains("is cut")), (if wanted { 20 } else { 0 }, wanted), "{what}");
        let longer = [fs::read(tile).unwrap(), vec![0; 5]].concat();
        let (longer, what) =
            with_folder(&fixture, |folder| fs::write(folder.join(name), &longer).unwrap()).await;
        assert_eq!((longer, what.contains("holds more")), (if wanted { 20 } else { 0 }, wanted), "{what}");
        let (changed, what) = with_folder(&fixture, |folder| flip(&folder.join(name), 5)).await;
        assert_eq!(changed, if wanted { 15 } else { 0 }, "{}: {what}", name.display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_of_the_folder_is_told_from_one_that_a_crash_left_behind() {
    let fixture = Fixture::make(700).await;
    let sql = "SELECT note, tree_size FROM caseledger.checkpoints ORDER BY tree_size";
    let rows = fixture.admin().query(sql, &[]).await.unwrap();
    assert!(rows.len() >= 3, "{} checkpoints", rows.len());
    for (age, row) in rows.iter().rev().enumerate() {
        let note: String = row.get(0);
        let (code, said) =
            with_folder(&fixture, |folder| fs::write(folder.join("checkpoint"), note).unwrap()).await;
        let older = said.contains("the folder is an older copy");
        assert_eq!((code == 0, older), (age < 2, age >= 2), "{age} back: {code} {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_anything_from_outside_there_is_no_clean_bill() {
    let fixture = Fixture::make(700).await;
    let nothing = |folder: &Path| {
        fs::remove_dir_all(folder.join("tile")).and(fs::remove_file(folder.join("checkpoint")))
    };
    let (code, said) = with_folder(&fixture, |folder| nothing(folder).unwrap()).await;
    assert_eq!(code, NOTHING_COMPARED, "{said}");
    assert!(said.contains("holds no checkpoint") && said.contains("nothing that stands outside"), "{said}");
    // Each of these is something from outside.
    let bare = DatabaseQuestion { examples: 10, ..DatabaseQuestion::default() };
    let kept = KeptCheckpoint { label: "kept".to_owned(), note: fixture.checkpoint.clone() };
    let (report, state) = verify::verify_database(&fixture.database.appender(), &bare).await.unwrap();
    assert_eq!(report.exit_code(), NOTHING_COMPARED);
    for question in [
        DatabaseQuestion { checkpoints: vec![kept], ..bare.clone() },
        DatabaseQuestion { trusted: vec![fixture.log_key.clone()], ..bare.clone() },
        DatabaseQuestion { state, ..bare.clone() },
    ] {
        let report = fixture.verify(&question).await;
        assert_eq!(report.exit_code(), 0, "{:?}", told(&report));
    }
    // What was signed can be taken out of the database together with a rewritten row, and not out of anybody's hand.
    rewrite(&fixture, 300).await;
    let (code, _) = with_folder(&fixture, |folder| nothing(folder).unwrap()).await;
    assert_eq!(code, NOTHING_COMPARED);
    assert_eq!(with_folder(&fixture, |_| ()).await.0, 15);
}

/// A run up to a size below the checkpoint compared the rows with the tiles, and said that nothing was compared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_below_the_checkpoint_is_held_against_the_tiles_that_lead_to_it() {
    let fixture = Fixture::make(700).await;
    let size = Some(300);
    let run = async |change: &dyn Fn(&Path)| {
        let copy = tempfile::tempdir().unwrap();
        copy_all(&fixture.folder.path().join("proof"), copy.path());
        change(copy.path());
        let proof_folder = Some(copy.path().to_owned());
        told(&fixture.verify(&DatabaseQuestion { proof_folder, size, ..fixture.question() }).await)
    };
    let (code, what) = run(&|_| ()).await;
    assert_eq!(code, 0, "{what}");
    assert!(what.contains("agree with the tiles"), "{what}");
    // A tile above the size, which no row of the run is compared with, still has to lead to the checkpoint.
    let (code, what) = run(&|folder| flip(&folder.join("tile/0/001"), 8000)).await;
    assert_eq!(code, 15, "{what}");
    let (code, what) = run(&|folder| fs::remove_file(folder.join("checkpoint")).unwrap()).await;
    assert_eq!(code, NOTHING_COMPARED, "{what}");
    let (code, what) = run(&|folder| fs::remove_dir_all(folder.join("tile")).unwrap()).await;
    assert_eq!(code, 20, "{what}");
}
