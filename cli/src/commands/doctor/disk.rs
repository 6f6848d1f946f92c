//! Free space for what is recorded next.

use std::path::Path;

use super::Checks;

/// Less than this is too little: an import of a whole authority fits into it.
const LEAST: u64 = 1 << 28;

/// Is there space on the disk of the data folder? Where the database is elsewhere, only keys and proofs are there.
pub(super) fn look(checks: &mut Checks, data: &Path) {
    let way_out = "free some space: without it nothing can be recorded, and PostgreSQL stops";
    match rustix::fs::statvfs(data) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let (is_enough, found) = judge(free);
            checks.tell_of_machine("disk", is_enough, &found, way_out);
        }
        Err(fault) => checks.tell_of_machine("disk", false, &format!("{}: {fault}", data.display()), way_out),
    }
}

fn judge(free: u64) -> (bool, String) {
    (free >= LEAST, format!("{} MiB free on the disk of the data folder", free >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_space_is_told_and_is_no_damage() {
        assert_eq!(judge(LEAST), (true, "256 MiB free on the disk of the data folder".to_owned()));
        assert_eq!(judge(LEAST - 1), (false, "255 MiB free on the disk of the data folder".to_owned()));
        let mut checks = Checks::new();
        checks.tell_of_machine("disk", false, "0 MiB free", "free some space");
        assert!(checks.healthy && !checks.fit);
        look(&mut checks, Path::new("/nowhere/that/is"));
        assert!(checks.healthy);
    }
}
