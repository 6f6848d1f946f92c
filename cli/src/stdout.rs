//! Standard output, whose reader may go away (`| head`): nothing is wrong then, and the program ends quietly.

use std::io::{self, ErrorKind, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Set once nobody reads standard output any more. A process has one standard output, so this is one fact about it.
static READER_GONE: AtomicBool = AtomicBool::new(false);

/// Standard output; every answer goes through it.
pub(crate) fn stdout() -> Out {
    Out(io::stdout())
}

/// Whether somebody stopped reading standard output: what failed since then failed because nobody wants it.
pub(crate) fn reader_is_gone() -> bool {
    READER_GONE.load(Ordering::Relaxed)
}

/// Standard output that remembers when its reader has gone.
pub(crate) struct Out(Stdout);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(remembered)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(remembered)
    }
}

fn remembered(fault: io::Error) -> io::Error {
    if fault.kind() == ErrorKind::BrokenPipe {
        READER_GONE.store(true, Ordering::Relaxed);
        return fault;
    }
    io::Error::new(fault.kind(), format!("cannot write to standard output: {fault}"))
}
