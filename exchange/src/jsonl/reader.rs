//! Reads a file of events line by line, in bounded memory.

use std::io::{BufRead, Read};

use domain::ids::CommandId;
use uuid::Uuid;

use super::header::HeaderLine;
use super::redact::without_values;
use super::{Commands, EventLine, FORMAT, Header, JsonlError, LineFault, VERSION};

/// The longest line that is read, in bytes, its end included.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// An iterator over the events of a file.
///
/// A line that cannot be read is an error of its own and the next line follows, so that a check can list them
/// all; after [`JsonlError::Io`] the iteration ends. Nothing is held but one line.
pub struct Reader<R> {
    source: R,
    header: Header,
    line: u64,
    buffer: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`JsonlError`] where the first line is not the header of a file that this program reads.
    pub fn open(mut source: R) -> Result<Self, JsonlError> {
        let mut buffer = Vec::with_capacity(2048);
        if !next_line(&mut source, &mut buffer, 1)? {
            return Err(JsonlError::Empty);
        }
        let header = read_header(&buffer)?;
        Ok(Self { source, header, line: 1, buffer, ended: false })
    }

    /// What the first line states.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The same events, command by command.
    pub fn commands(self) -> Commands<R> {
        Commands::over(self)
    }

    fn read_next(&mut self) -> Option<Result<EventLine, JsonlError>> {
        self.line += 1;
        match next_line(&mut self.source, &mut self.buffer, self.line) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
        let line = self.line;
        let bytes = &self.buffer;
        Some(read_event(line, bytes).map_err(|fault| bad_line(line, bytes, fault)))
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<EventLine, JsonlError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read_next();
        self.ended = matches!(next, None | Some(Err(JsonlError::Io { .. })));
        next
    }
}

fn bad_line(line: u64, bytes: &[u8], fault: LineFault) -> JsonlError {
    JsonlError::Line { line, command: command_named(bytes), fault }
}

/// The command that a line names which cannot be read as a whole.
fn command_named(bytes: &[u8]) -> Option<CommandId> {
    const FIELD: &[u8] = b"\"command_id\"";
    let at = bytes.windows(FIELD.len()).position(|window| window == FIELD)?;
    let after = bytes.get(at + FIELD.len()..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let id = after.strip_prefix(b"\"")?.get(..36)?;
    Uuid::try_parse_ascii(id).ok().map(CommandId)
}

fn read_event(line: u64, bytes: &[u8]) -> Result<EventLine, LineFault> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| LineFault::NotUtf8 { byte: error.valid_up_to() + 1 })?;
    // Without its end, so that a line that was cut is told as that.
    let text = text.trim_ascii_end();
    if text.is_empty() {
        return Err(LineFault::Blank);
    }
    EventLine::read(line, text)
}

/// Fills `buffer` with the next line, its end included; `false` at the end of the file. A line that is too long
/// is passed over to its end.
fn next_line(source: &mut impl BufRead, buffer: &mut Vec<u8>, line: u64) -> Result<bool, JsonlError> {
    buffer.clear();
    let failed = |source| JsonlError::Io { line, source };
    let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
    let read = source.by_ref().take(limit).read_until(b'\n', buffer).map_err(failed)?;
    if read < MAX_LINE_BYTES || buffer.last() == Some(&b'\n') {
        return Ok(read > 0);
    }
    source.skip_until(b'\n').map_err(failed)?;
    Err(bad_line(line, buffer, LineFault::TooLong))
}

fn read_header(bytes: &[u8]) -> Result<Header, JsonlError> {
    let not_a_header = |reason: String| JsonlError::NotAHeader { reason };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| not_a_header("not UTF-8".to_owned()))?;
    let value =
        domain::canonical::read(text).map_err(|error| not_a_header(without_values(&error.to_string())))?;
    if value.get("format").and_then(serde_json::Value::as_str) != Some(FORMAT) {
        return Err(not_a_header("the field format does not name it".to_owned()));
    }
    let version = value.get("version").and_then(serde_json::Value::as_u64).unwrap_or(0);
    if version != u64::from(VERSION) {
        return Err(JsonlError::UnknownForm { version: u32::try_from(version).unwrap_or(u32::MAX) });
    }
    let line: HeaderLine =
        serde_json::from_value(value).map_err(|error| not_a_header(without_values(&error.to_string())))?;
    Ok(Header { authority: line.authority, invented: line.invented, note: line.note, as_at: line.as_at })
}
