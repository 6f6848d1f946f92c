//! The signed heads and tiles of one size, copied out of a folder that may already have grown past it.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::proof::{TILE_WIDTH, tile_path};

use super::files::write_through;
use super::manifest::BackupFault;

const HASH: usize = 32;

/// Copies the tiles of the tree of `size` and writes `checkpoint` beside them. Gives the number of tiles.
pub(crate) fn copy_proof(from: &Path, to: &Path, size: u64, checkpoint: &str) -> Result<u64, BackupFault> {
    let width = u64::try_from(TILE_WIDTH).unwrap_or(u64::MAX);
    let (mut hashes, mut level, mut tiles) = (size, 0, 0);
    while hashes > 0 {
        for index in 0..hashes / width {
            copy_tile(from, to, level, index, None)?;
            tiles += 1;
        }
        if let Some(partial) = usize::try_from(hashes % width).ok().filter(|partial| *partial > 0) {
            copy_tile(from, to, level, hashes / width, Some(partial))?;
            tiles += 1;
        }
        hashes /= width;
        level += 1;
    }
    write_through(&to.join("checkpoint"), checkpoint.as_bytes())?;
    Ok(tiles)
}

fn copy_tile(
    from: &Path,
    to: &Path,
    level: usize,
    index: u64,
    partial: Option<usize>,
) -> Result<(), BackupFault> {
    let place = tile_path(level, index, partial);
    let source = at_least(from, level, index, partial);
    let mut bytes = fs::read(&source).map_err(BackupFault::file(&source))?;
    // An unfinished tile is the beginning of every later one in its place.
    bytes.truncate(partial.unwrap_or(TILE_WIDTH) * HASH);
    write_through(&to.join(place), &bytes)
}

/// A file that holds at least the hashes asked for: the very tile, the full one, or the next wider unfinished one.
fn at_least(from: &Path, level: usize, index: u64, partial: Option<usize>) -> PathBuf {
    let exact = from.join(tile_path(level, index, partial));
    let Some(partial) = partial else { return exact };
    let wider = (partial..TILE_WIDTH).map(|width| from.join(tile_path(level, index, Some(width))));
    let full = from.join(tile_path(level, index, None));
    wider.chain([full]).find(|path| path.is_file()).unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, level: usize, index: u64, partial: Option<usize>) {
        let bytes: Vec<u8> =
            (0..partial.unwrap_or(TILE_WIDTH)).flat_map(|n| [u8::try_from(n % 251).unwrap(); HASH]).collect();
        let path = folder.join(tile_path(level, index, partial));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn tiles_of_an_earlier_size_are_the_beginnings_of_later_ones() {
        // The folder holds the tree of 600; the backup was pinned at 300, whose unfinished tile has become full.
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(from.path(), 0, 0, None);
        write(from.path(), 0, 1, None);
        write(from.path(), 0, 2, Some(88));
        write(from.path(), 1, 0, Some(2));
        assert_eq!(copy_proof(from.path(), to.path(), 300, "note").unwrap(), 3);
        let read = |path: PathBuf| fs::read(to.path().join(path)).unwrap().len() / HASH;
        assert_eq!(read(tile_path(0, 0, None)), 256);
        assert_eq!(read(tile_path(0, 1, Some(44))), 44);
        assert_eq!(read(tile_path(1, 0, Some(1))), 1);
        assert!(!to.path().join(tile_path(0, 2, Some(88))).exists());
        assert_eq!(fs::read_to_string(to.path().join("checkpoint")).unwrap(), "note");
        let lost = copy_proof(from.path(), tempfile::tempdir().unwrap().path(), 601, "note");
        assert!(matches!(lost, Err(BackupFault::File { .. })));
    }
}
