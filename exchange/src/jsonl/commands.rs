//! The events of a file, command by command: consecutive lines with one command id belong together.
//!
//! A command is taken whole or not at all: a line that cannot be read takes the rest of its command with it, and
//! nothing else. A line that does not even name its command belongs to the command that goes on behind it, if one
//! does, and else stands alone.

use std::collections::VecDeque;
use std::fmt;
use std::io::BufRead;

use domain::ids::CommandId;

use super::{EventLine, Header, JsonlError, LineFault, Reader};

/// The most lines that are taken as one atomic command.
pub const MAX_COMMAND_LINES: usize = 10_000;

/// The most lines in a row that name no command and are held until it shows where they belong.
const MOST_UNNAMED: usize = 1_000;

/// The consecutive lines of one command; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The command's id.
    pub command_id: CommandId,
    /// Its events, in the order of the file.
    pub events: Vec<EventLine>,
}

/// A command that is refused whole, because lines of it are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedCommand {
    /// The lines at fault, and why; never empty.
    pub faults: Vec<(u64, LineFault)>,
    /// First and last line of the command.
    pub lines: (u64, u64),
    /// How many of its lines are not at fault and go with them.
    pub others: u64,
}

impl fmt::Display for RefusedCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (line, fault)) in self.faults.iter().enumerate() {
            write!(f, "{}line {line}: {fault}", if number == 0 { "" } else { "; " })?;
        }
        let (first, last) = self.lines;
        match self.others {
            0 => Ok(()),
            1 => write!(f, "; 1 more line of the same command (lines {first} to {last}) is refused with it"),
            others => {
                write!(
                    f,
                    "; {others} more lines of the same command (lines {first} to {last}) are refused with it"
                )
            }
        }
    }
}

/// Why no command comes out of some lines.
#[derive(Debug, thiserror::Error)]
pub enum CommandFault {
    /// Some lines are refused; what follows them can be read and recorded.
    #[error("{0}")]
    Refused(RefusedCommand),
    /// Nothing more can be read.
    #[error(transparent)]
    Stopped(JsonlError),
}

/// An iterator over commands, in bounded memory.
pub struct Commands<R> {
    reader: Reader<R>,
    /// Lines that are read already and belong to what comes next.
    ahead: VecDeque<Piece>,
}

/// One line.
type Piece = Result<EventLine, BadLine>;

/// A line that cannot be read.
struct BadLine {
    line: u64,
    command: Option<CommandId>,
    fault: LineFault,
}

fn command_of(piece: &Piece) -> Option<CommandId> {
    match piece {
        Ok(event) => Some(event.command_id),
        Err(bad) => bad.command,
    }
}

impl<R: BufRead> Commands<R> {
    pub(super) fn over(reader: Reader<R>) -> Self {
        Self { reader, ahead: VecDeque::new() }
    }

    /// What the first line of the file states.
    pub fn header(&self) -> &Header {
        self.reader.header()
    }

    fn pull(&mut self) -> Option<Result<Piece, JsonlError>> {
        if let Some(piece) = self.ahead.pop_front() {
            return Some(Ok(piece));
        }
        Some(match self.reader.next()? {
            Ok(event) => Ok(Ok(event)),
            Err(JsonlError::Line { line, command, fault }) => Ok(Err(BadLine { line, command, fault })),
            Err(stopped) => Err(stopped),
        })
    }

    /// Adds the lines that belong to the group; what does not is kept for the next.
    fn gather(&mut self, id: CommandId, group: &mut Group) -> Result<(), JsonlError> {
        let mut behind = Vec::new();
        while let Some(piece) = self.pull() {
            let piece = piece?;
            match command_of(&piece) {
                Some(other) if other == id => {
                    behind.drain(..).for_each(|unnamed| group.take(unnamed));
                    group.take(piece);
                }
                None if behind.len() < MOST_UNNAMED => behind.push(piece),
                Some(_) | None => {
                    behind.push(piece);
                    break;
                }
            }
        }
        behind.into_iter().rev().for_each(|piece| self.ahead.push_front(piece));
        Ok(())
    }
}

impl<R: BufRead> Iterator for Commands<R> {
    type Item = Result<Command, CommandFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = match self.pull()? {
            Ok(first) => first,
            Err(stopped) => return Some(Err(CommandFault::Stopped(stopped))),
        };
        let id = command_of(&first);
        let mut group = Group::default();
        group.take(first);
        let Some(id) = id else { return Some(Err(CommandFault::Refused(group.refused))) };
        if let Err(stopped) = self.gather(id, &mut group) {
            return Some(Err(CommandFault::Stopped(stopped)));
        }
        Some(group.finish(id))
    }
}

/// The lines of one command as they come.
#[derive(Default)]
struct Group {
    events: Vec<EventLine>,
    refused: RefusedCommand,
}

impl Group {
    fn take(&mut self, piece: Piece) {
        let line = piece.as_ref().map_or_else(|bad| bad.line, |event| event.line);
        if self.refused.lines.0 == 0 {
            self.refused.lines.0 = line;
        }
        self.refused.lines.1 = line;
        match piece {
            Err(bad) => self.refuse(line, bad.fault),
            Ok(_) if self.is_refused() => self.refused.others += 1,
            Ok(event) => self.events.push(event),
        }
        if self.events.len() > MAX_COMMAND_LINES {
            self.refuse(self.refused.lines.0, LineFault::CommandTooLong);
        }
    }

    fn is_refused(&self) -> bool {
        !self.refused.faults.is_empty()
    }

    /// The lines of a command that is refused need not be held.
    fn refuse(&mut self, line: u64, fault: LineFault) {
        self.refused.others += u64::try_from(self.events.len()).unwrap_or(u64::MAX);
        self.events.clear();
        self.refused.faults.push((line, fault));
    }

    fn finish(self, command_id: CommandId) -> Result<Command, CommandFault> {
        if self.is_refused() {
            return Err(CommandFault::Refused(self.refused));
        }
        Ok(Command { command_id, events: self.events })
    }
}
