//! Reads a file of events line by line, in bounded memory.

use std::io::{BufRead, Read};

use domain::ids::CommandId;
use serde_json::Value;
use uuid::Uuid;

use super::header::HeaderLine;
use super::redact::without_values;
use super::{Commands, EventLine, FORMAT, Header, JsonlError, LineFault, VERSION};

/// A byte order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

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
        let mut line = 0;
        loop {
            line += 1;
            if !next_line(&mut source, &mut buffer, line)? {
                return Err(JsonlError::Empty);
            }
            let text = buffer.strip_prefix(MARK).unwrap_or(&buffer);
            if !text.trim_ascii().is_empty() {
                break;
            }
        }
        let header = read_header(&buffer, line)?;
        Ok(Self { source, header, line, buffer, ended: false })
    }

    /// Reads to the end and checks that no header further down names another authority.
    ///
    /// # Errors
    /// [`JsonlError::OtherHeader`] for the first that does, or [`JsonlError::Io`].
    pub fn check_headers(mut self) -> Result<(), JsonlError> {
        loop {
            self.line += 1;
            match next_line(&mut self.source, &mut self.buffer, self.line) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                // A line that is too long is no header, and is refused where its event would be read.
                Err(JsonlError::Line { .. }) => continue,
                Err(stopped) => return Err(stopped),
            }
            let header = is_header(&self.buffer).then(|| read_header(&self.buffer, self.line)).transpose();
            if let Ok(Some(second)) = header
                && second.authority != self.header.authority
            {
                let (first, second) = (self.header.authority, second.authority);
                return Err(JsonlError::OtherHeader { line: self.line, first, second });
            }
        }
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
        // A line without a word says nothing; it is counted, so that the number of each line stays true.
        loop {
            self.line += 1;
            match next_line(&mut self.source, &mut self.buffer, self.line) {
                Ok(true) if self.buffer.trim_ascii().is_empty() => {}
                Ok(true) => break,
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
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

/// The text of a line without its end, so that a line that was cut is told as that.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, LineFault> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| LineFault::NotUtf8 { byte: error.valid_up_to() + 1 })?;
    Ok(text.trim_ascii_end())
}

fn read_event(line: u64, bytes: &[u8]) -> Result<EventLine, LineFault> {
    EventLine::read(line, text_of(bytes)?)
        .map_err(|fault| if is_header(bytes) { LineFault::SecondHeader } else { fault })
}

/// Fills `buffer` with the next line, its end included; `false` at the end of the file. A line that is too long
/// is passed over to its end.
pub(crate) fn next_line(
    source: &mut impl BufRead,
    buffer: &mut Vec<u8>,
    line: u64,
) -> Result<bool, JsonlError> {
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

/// Whether a line is the header of a file of events, wherever it stands.
fn is_header(bytes: &[u8]) -> bool {
    const FIELD: &[u8] = b"\"format\"";
    if !bytes.windows(FIELD.len()).any(|window| window == FIELD) {
        return false;
    }
    let value: Option<Value> = serde_json::from_slice(bytes.strip_prefix(MARK).unwrap_or(bytes)).ok();
    value.is_some_and(|value| value.get("format").and_then(Value::as_str) == Some(FORMAT))
}

fn read_header(bytes: &[u8], line: u64) -> Result<Header, JsonlError> {
    let not_a_header = |reason: String| JsonlError::NotAHeader { line, reason };
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| not_a_header("not UTF-8".to_owned()))?;
    let value =
        domain::canonical::read(text).map_err(|error| not_a_header(without_values(&error.to_string())))?;
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(not_a_header("the field format does not name it".to_owned()));
    }
    let Some(version) = value.get("version").and_then(Value::as_u64) else {
        return Err(not_a_header("the field version holds no whole number".to_owned()));
    };
    if version != u64::from(VERSION) {
        return Err(JsonlError::UnknownForm { line, version: u32::try_from(version).unwrap_or(u32::MAX) });
    }
    let header: HeaderLine =
        serde_json::from_value(value).map_err(|error| not_a_header(without_values(&error.to_string())))?;
    let HeaderLine { authority, invented, note, as_at, .. } = header;
    Ok(Header { authority, invented, note, as_at })
}
