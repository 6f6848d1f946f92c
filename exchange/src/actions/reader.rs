//! The acts of a file, command by command, in bounded memory.

use std::fmt;
use std::io::BufRead;

use domain::ids::CommandId;

use super::{ActFault, ActLine, Recorder};
use crate::jsonl::{JsonlError, next_line, text_of};

/// The most lines that are taken as one command: what a live command of the ledger may hold.
pub const MAX_ACTS: usize = 1_000;

/// The consecutive lines of one command; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActCommand {
    /// The command's id.
    pub command_id: CommandId,
    /// Who records it, as far as the lines say so.
    pub recorder: Recorder,
    /// Its acts, in the order of the file.
    pub acts: Vec<ActLine>,
}

/// Lines that are refused: one that cannot be read takes the others of its command with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedActs {
    /// The line at fault.
    pub line: u64,
    /// What is wrong with it.
    pub fault: ActFault,
    /// How many other lines of the command are refused with it.
    pub others: usize,
}

impl fmt::Display for RefusedActs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)?;
        match self.others {
            0 => Ok(()),
            1 => f.write_str("; the other line of its command is refused with it"),
            others => write!(f, "; the {others} other lines of its command are refused with it"),
        }
    }
}

/// An iterator over the commands of a file. The file ends where it cannot be read any more.
pub struct Acts<R> {
    source: R,
    line: u64,
    buffer: Vec<u8>,
    ahead: Option<Piece>,
    /// The line before the next one, where it does not even name its command.
    unread: Option<u64>,
    ended: bool,
}

/// One line; the command as far as it is named.
struct Piece {
    command: Option<CommandId>,
    line: u64,
    read: Result<ActLine, ActFault>,
}

impl<R: BufRead> Acts<R> {
    /// The acts of a source.
    pub fn of(source: R) -> Self {
        Self { source, line: 0, buffer: Vec::new(), ahead: None, unread: None, ended: false }
    }

    fn pull(&mut self) -> Option<Result<Piece, JsonlError>> {
        if let Some(piece) = self.ahead.take() {
            return Some(Ok(piece));
        }
        loop {
            self.line += 1;
            match next_line(&mut self.source, &mut self.buffer, self.line) {
                Ok(true) if self.buffer.trim_ascii().is_empty() => {}
                Ok(true) => break,
                Ok(false) => return None,
                Err(JsonlError::Line { line, fault, .. }) => {
                    return Some(Ok(Piece { command: None, line, read: Err(fault.into()) }));
                }
                Err(stopped) => return Some(Err(stopped)),
            }
        }
        let (line, bytes) = (self.line, self.buffer.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.buffer));
        let read = text_of(bytes).map_err(ActFault::from).and_then(|text| ActLine::read(line, text));
        let command = match &read {
            Ok(act) => Some(act.command_id),
            Err(_) => named(bytes),
        };
        Some(Ok(Piece { command, line, read }))
    }
}

/// The command that a line names which is no act, also where the line was cut.
fn named(bytes: &[u8]) -> Option<CommandId> {
    const FIELD: &[u8] = b"\"command\"";
    let at = bytes.windows(FIELD.len()).position(|window| window == FIELD)?;
    let after = bytes.get(at + FIELD.len()..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let id = after.strip_prefix(b"\"")?.get(..36)?;
    std::str::from_utf8(id).ok()?.parse().ok()
}

impl<R: BufRead> Iterator for Acts<R> {
    type Item = Result<Result<ActCommand, RefusedActs>, JsonlError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let first = match self.pull()? {
            Ok(first) => first,
            Err(stopped) => return Some(Err(self.stop(stopped))),
        };
        let mut group = Group::new(first, self.unread.take());
        while let Some(piece) = self.pull() {
            match piece {
                Ok(piece) if group.takes(&piece) => group.take(piece),
                Ok(piece) => {
                    self.ahead = Some(piece);
                    break;
                }
                Err(stopped) => return Some(Err(self.stop(stopped))),
            }
        }
        self.unread = group.unread_end();
        Some(Ok(group.finish()))
    }
}

impl<R> Acts<R> {
    fn stop(&mut self, stopped: JsonlError) -> JsonlError {
        self.ended = true;
        stopped
    }
}

/// The lines of one command as they come; no more are held than may be taken.
struct Group {
    /// A line before them that may be a part of the command.
    unread: Option<u64>,
    first: Piece,
    rest: Vec<Piece>,
    beyond: usize,
}

impl Group {
    fn new(first: Piece, unread: Option<u64>) -> Self {
        Self { unread, first, rest: Vec::new(), beyond: 0 }
    }

    /// Whether a line belongs to the command. One that does not even name its own may be a part of it, so that it takes the
    /// command with it: half a command is never recorded.
    fn takes(&self, piece: &Piece) -> bool {
        self.first.command.is_some() && (piece.command.is_none() || piece.command == self.first.command)
    }

    /// The last line, where it does not even name its command.
    fn unread_end(&self) -> Option<u64> {
        let last = self.rest.last().unwrap_or(&self.first);
        last.command.is_none().then_some(last.line)
    }

    fn take(&mut self, piece: Piece) {
        if self.rest.len() + 1 < MAX_ACTS { self.rest.push(piece) } else { self.beyond += 1 }
    }

    fn finish(self) -> Result<ActCommand, RefusedActs> {
        let others = self.rest.len() + self.beyond;
        if self.beyond > 0 {
            return Err(RefusedActs { line: self.first.line, fault: ActFault::TooMany, others });
        }
        if let Some(before) = self.unread.filter(|_| self.first.command.is_some()) {
            return Err(RefusedActs {
                line: self.first.line,
                fault: ActFault::AfterUnread { before },
                others,
            });
        }
        let refused = |line| move |fault| RefusedActs { line, fault, others };
        let first = self.first.read.map_err(refused(self.first.line))?;
        let (command_id, recorder) = (first.command_id, first.recorder.clone());
        let mut acts = vec![first];
        for piece in self.rest {
            let act = piece.read.map_err(refused(piece.line))?;
            if act.recorder != recorder {
                return Err(refused(act.line)(ActFault::OtherRecorder));
            }
            acts.push(act);
        }
        Ok(ActCommand { command_id, recorder, acts })
    }
}
