//! Prints how many events a second the synthetic authority makes, and how many the reader takes back.
//!
//! Arguments: children (default 20000), years (default 6), and a file to write instead of memory.

use std::io::{self, Cursor, Write};
use std::time::Instant;

use exchange::jsonl::Reader;
use exchange::synthetic::{Options, synthesise};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let children = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let years = arguments.next().map_or(Ok(6), |text| text.parse())?;
    let options = Options { children, years, seed: 1, until: "2025-03-31".parse()? };
    let start = Instant::now();
    let mut text = Vec::new();
    let summary = match arguments.next() {
        Some(path) => synthesise(&options, &mut std::fs::File::create(path)?)?,
        None => synthesise(&options, &mut text)?,
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{summary:#?}")?;
    writeln!(out, "made: {:.0} events/s, {} bytes", rate(summary.events, start), text.len())?;
    if !text.is_empty() {
        let start = Instant::now();
        let read = Reader::open(Cursor::new(text))?.try_fold(0, |count, event| event.map(|_| count + 1))?;
        writeln!(out, "read: {:.0} events/s with full validation", rate(read, start))?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
fn rate(events: u64, start: Instant) -> f64 {
    events as f64 / start.elapsed().as_secs_f64()
}
