//! What a guide starts with ` &`: it runs until the guide ends.

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// An address on which nobody listens.
pub(super) fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A command that runs beside the others; told to end when dropped.
pub(super) struct Standing(Child);

impl Standing {
    /// Starts it and waits until it answers.
    pub(super) fn start(mut command: Command, address: &str) -> Standing {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut standing = Standing(command.spawn().unwrap());
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert_eq!(standing.0.try_wait().unwrap(), None, "{command:?} ended");
            assert!(began.elapsed() < PATIENCE, "{command:?} does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        standing
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        let _ = rustix::process::kill_process_group(Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}
