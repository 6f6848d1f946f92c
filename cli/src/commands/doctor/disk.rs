//! Room for what comes.

use super::Checks;
use crate::place::Server;

/// Less than this is too little: an import of a whole authority fits into it.
const LEAST: u64 = 1 << 28;

/// Is there room in the data folder? Where the database is elsewhere, only keys and proofs stand here.
pub(super) fn look(checks: &mut Checks, server: &Server) {
    let way_out = "make room: without it nothing can be recorded, and PostgreSQL stops";
    match rustix::fs::statvfs(server.data()) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let told = format!("{} MiB free where the data folder stands", free >> 20);
            checks.tell("disk", free >= LEAST, told, way_out);
        }
        Err(fault) => checks.tell("disk", false, format!("{}: {fault}", server.data().display()), way_out),
    }
}
