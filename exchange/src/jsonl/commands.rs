//! The events of a file, command by command: consecutive lines with one command id belong together.

use std::io::BufRead;

use domain::ids::CommandId;

use super::{EventLine, Header, JsonlError, LineFault, Reader};

/// The most lines that are taken as one atomic command.
pub const MAX_COMMAND_LINES: usize = 10_000;

/// The consecutive lines of one command; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The command's id.
    pub command_id: CommandId,
    /// Its events, in the order of the file.
    pub events: Vec<EventLine>,
}

/// An iterator over commands. A bad line ends the command it stands in: the error comes instead of the command,
/// whose good lines are dropped with it. Whoever records stops at the first error, because what follows may be
/// the other half of that command; whoever only checks may go on and list every error.
pub struct Commands<R> {
    reader: Reader<R>,
    /// The first line of the next command, already read.
    ahead: Option<Result<EventLine, JsonlError>>,
}

impl<R: BufRead> Commands<R> {
    pub(super) fn over(reader: Reader<R>) -> Self {
        Self { reader, ahead: None }
    }

    /// What the first line of the file states.
    pub fn header(&self) -> &Header {
        self.reader.header()
    }

    fn first(&mut self) -> Option<Result<EventLine, JsonlError>> {
        self.ahead.take().or_else(|| self.reader.next())
    }

    /// Reads on while lines belong to `command`; says what stopped it where that is an error.
    fn rest(&mut self, command: &mut Command) -> Result<(), JsonlError> {
        loop {
            match self.reader.next() {
                None => return Ok(()),
                Some(Err(error)) => return Err(error),
                Some(Ok(next)) if next.command_id != command.command_id => {
                    self.ahead = Some(Ok(next));
                    return Ok(());
                }
                Some(Ok(next)) => command.events.push(next),
            }
            if command.events.len() > MAX_COMMAND_LINES {
                return Err(self.too_long(command));
            }
        }
    }

    /// Passes over what is left of the command.
    fn too_long(&mut self, command: &Command) -> JsonlError {
        let line = command.events.first().map_or(0, |event| event.line);
        for next in self.reader.by_ref() {
            if !matches!(&next, Ok(event) if event.command_id == command.command_id) {
                self.ahead = Some(next);
                break;
            }
        }
        JsonlError::Line { line, fault: LineFault::CommandTooLong }
    }
}

impl<R: BufRead> Iterator for Commands<R> {
    type Item = Result<Command, JsonlError>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = match self.first()? {
            Ok(first) => first,
            Err(error) => return Some(Err(error)),
        };
        let mut command = Command { command_id: first.command_id, events: vec![first] };
        Some(self.rest(&mut command).map(|()| command))
    }
}
