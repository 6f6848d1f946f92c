//! `caseledger serve` as a process of its own, and requests by hand.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::data_folder::TestLedger;

/// A server under test, ended with the value.
#[derive(Debug)]
pub struct Server {
    process: Child,
    address: String,
    said: Arc<Mutex<String>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What it answered.
#[derive(Debug)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// Head and body.
    pub text: String,
}

impl Reply {
    /// Whether a text stands in it, in any case.
    pub fn has(&self, part: &str) -> bool {
        self.text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
    }

    /// The body.
    pub fn json(&self) -> Value {
        let (_, body) = self.text.split_once("\r\n\r\n").expect("the server is there");
        serde_json::from_str(body).unwrap_or_else(|fault| panic!("{fault}: {}", self.text))
    }
}

impl Server {
    /// Serves a ledger, once it says that it does.
    pub fn of(ledger: &TestLedger) -> Server {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("the server is there")
            .local_addr()
            .expect("the server is there");
        let address = free.to_string();
        let mut command = ledger.command();
        command.args(["serve", "--listen", &address, "--host", "ledger.example"]).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the server is there");
        let mut said =
            BufReader::new(process.stderr.take().expect("the server is there")).lines().map_while(Result::ok);
        let ready = said.by_ref().any(|line| line.starts_with("ledger "));
        assert!(ready, "the server ended");
        // Its talk is read on, so that it never waits for a reader.
        let heard = Arc::new(Mutex::new(String::new()));
        let hears = Arc::clone(&heard);
        let hear = move |line: String| {
            let mut heard = hears.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push_str(&line);
            heard.push('\n');
        };
        drop(thread::spawn(move || said.for_each(hear)));
        Server { process, address, said: heard }
    }

    /// Waits until it has said something since it was ready, not longer than that; gives all that it said.
    ///
    /// # Panics
    /// Where it does not say so.
    pub fn says_within(&self, part: &str, longest: Duration) -> String {
        let began = Instant::now();
        loop {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if said.contains(part) {
                return said;
            }
            assert!(began.elapsed() < longest, "{part:?} was not said in {longest:?}: {said}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        self.process.try_wait().expect("own process").is_none()
    }

    /// Tells it to end, and gives how it did.
    pub fn told_to_end(&mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.process), Signal::TERM).expect("own process");
        self.process.wait().expect("own process")
    }

    /// Sends the text of a request.
    ///
    /// # Errors
    /// Where there is no answer.
    pub fn try_ask(&self, request: &str) -> std::io::Result<Reply> {
        self.try_ask_bytes(request.as_bytes())
    }

    /// The same of a request that need be no text.
    ///
    /// # Errors
    /// Where there is no answer.
    pub fn try_ask_bytes(&self, request: &[u8]) -> std::io::Result<Reply> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.write_all(request)?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.map(|status| Reply { status, text }).ok_or_else(|| std::io::ErrorKind::InvalidData.into())
    }

    /// The same, where there is an answer.
    pub fn ask(&self, request: &str) -> Reply {
        self.try_ask(request).expect("the server is there")
    }

    /// Asks for a page.
    pub fn get(&self, path: &str) -> Reply {
        self.ask(&get(path, "localhost"))
    }

    /// Asks a question of GraphQL.
    pub fn graphql(&self, document: &str) -> Reply {
        let body = serde_json::json!({ "query": document }).to_string();
        let length = body.len();
        self.ask(&format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Waits until pages are answered, not longer than that.
    pub fn answers_within(&self, longest: Duration, what: &str) {
        let until = Instant::now() + longest;
        loop {
            let ready =
                self.try_ask(&get("/health/ready", "localhost")).is_ok_and(|reply| reply.status == 200);
            if ready && self.get("/children").status == 200 {
                return;
            }
            assert!(Instant::now() < until, "no answer {longest:?} after {what}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until every task beside it works, not longer than that.
    pub fn is_healthy_within(&self, longest: Duration, what: &str) {
        let until = Instant::now() + longest;
        loop {
            let told = self.get("/health/ready").json();
            let checks = told.get("checks").and_then(Value::as_object).expect("the server is there").clone();
            if checks.values().all(|check| check.get("ok") == Some(&Value::Bool(true))) {
                return;
            }
            assert!(Instant::now() < until, "{longest:?} after {what}: {told}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The text of a plain request.
pub fn get(path: &str, host: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

/// The process of a private PostgreSQL, below its folder.
pub fn find_pid(home: &Path) -> Pid {
    let found = std::fs::read_dir(home)
        .expect("a running server has a record")
        .map(|entry| entry.expect("a running server has a record").path().join("postmaster.pid"));
    let file = found.into_iter().find(|path| path.exists()).expect("a cluster with a server");
    let text = std::fs::read_to_string(file).expect("a running server has a record");
    Pid::from_raw(
        text.lines()
            .next()
            .expect("a running server has a record")
            .trim()
            .parse()
            .expect("a running server has a record"),
    )
    .expect("a running server has a record")
}
