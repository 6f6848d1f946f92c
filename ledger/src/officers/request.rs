//! The text of a request: what is asked for, of which ledger, once.

use std::fmt;

use domain::events::Code;
use domain::ids::{EventId, LedgerId, Position, StreamId};
use thiserror::Error;
use uuid::Uuid;

use crate::hash::Hash;
use crate::notes::{VerifierKey, from_base64, to_base64};

const FIRST_LINE: &str = "caseledger request 1";

/// What two officers can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// That a key signs for an officer from now on.
    RegisterOfficer {
        /// The key.
        key: VerifierKey,
    },
    /// That a key signs nothing more.
    RevokeOfficer {
        /// The key.
        key: VerifierKey,
    },
    /// That a record is disposed of.
    Dispose {
        /// The stream.
        stream: StreamId,
        /// The last position, inclusive.
        up_to: Position,
        /// The rule of the retention schedule.
        rule: Code,
    },
    /// That the key of a data subject is destroyed.
    DestroyKey {
        /// The data subject's stream.
        stream: StreamId,
        /// Why, as a code of the authority's list.
        reason: Code,
    },
    /// That a legal hold ends.
    LiftHold {
        /// The stream that is held.
        stream: StreamId,
        /// The event that placed the hold.
        hold: EventId,
    },
    /// That the log goes on after a break.
    OpenEpoch {
        /// Origin of the last signed checkpoint.
        origin: String,
        /// Its size.
        size: u64,
        /// Its root.
        root: Hash,
        /// The size of the log as it was found.
        head_size: u64,
        /// Why, as a code of the authority's list.
        reason: Code,
    },
}

impl Action {
    /// The name that stands in the request.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RegisterOfficer { .. } => "register-officer",
            Self::RevokeOfficer { .. } => "revoke-officer",
            Self::Dispose { .. } => "dispose",
            Self::DestroyKey { .. } => "destroy-key",
            Self::LiftHold { .. } => "lift-hold",
            Self::OpenEpoch { .. } => "open-epoch",
        }
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::RegisterOfficer { key } | Self::RevokeOfficer { key } => vec![("key", key.to_string())],
            Self::Dispose { stream, up_to, rule } => {
                vec![("stream", stream.to_string()), ("up-to", up_to.to_string()), ("rule", rule.to_string())]
            }
            Self::DestroyKey { stream, reason } => {
                vec![("stream", stream.to_string()), ("reason", reason.to_string())]
            }
            Self::LiftHold { stream, hold } => {
                vec![("stream", stream.to_string()), ("hold", hold.to_string())]
            }
            Self::OpenEpoch { origin, size, root, head_size, reason } => vec![
                ("origin", origin.clone()),
                ("size", size.to_string()),
                ("root", to_base64(root)),
                ("head-size", head_size.to_string()),
                ("reason", reason.to_string()),
            ],
        }
    }
}

/// One request: the same id is never used for two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The ledger that is meant.
    pub ledger: LedgerId,
    /// Its id, random.
    pub id: Uuid,
    /// What is asked for.
    pub action: Action,
}

/// A text that is no request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line} of the request: {reason}")]
pub struct Malformed {
    /// The line, from 1.
    pub line: usize,
    /// What should stand there.
    pub reason: String,
}

/// The text that is signed; each line ends with a newline.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        writeln!(f, "action: {}", self.action.name())?;
        writeln!(f, "ledger: {}", self.ledger)?;
        writeln!(f, "request: {}", self.id)?;
        self.action.fields().iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))
    }
}

impl Request {
    /// Reads the text of a request; only the form that [`fmt::Display`] writes is read.
    ///
    /// # Errors
    /// [`Malformed`] with the line.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut lines = Lines { lines: text.split('\n'), line: 0 };
        lines.first()?;
        let action = lines.field("action")?;
        let ledger = lines.read("ledger", "the id of a ledger")?;
        let id = lines.read("request", "the request's id")?;
        let action = lines.action(action)?;
        lines.end()?;
        let request = Self { ledger, id, action };
        if request.to_string() == text {
            Ok(request)
        } else {
            Err(Malformed { line: 1, reason: "not in the form in which requests are written".to_owned() })
        }
    }
}

struct Lines<'a> {
    lines: std::str::Split<'a, char>,
    line: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.line += 1;
        self.lines.next()
    }

    fn wrong(&self, reason: impl Into<String>) -> Malformed {
        Malformed { line: self.line, reason: reason.into() }
    }

    fn first(&mut self) -> Result<(), Malformed> {
        if self.next() == Some(FIRST_LINE) {
            Ok(())
        } else {
            Err(self.wrong(format!("{FIRST_LINE:?} stands here")))
        }
    }

    fn field(&mut self, name: &str) -> Result<&'a str, Malformed> {
        let value = self.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let value =
            value.filter(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic()));
        value.ok_or_else(|| self.wrong(format!("\"{name}: \" and a value of visible ASCII stand here")))
    }

    fn read<T: std::str::FromStr>(&mut self, name: &str, what: &str) -> Result<T, Malformed> {
        let value = self.field(name)?;
        value.parse().map_err(|_| self.wrong(format!("{name} is {what}")))
    }

    fn action(&mut self, name: &str) -> Result<Action, Malformed> {
        const STREAM: &str = "the id of a stream";
        const CODE: &str = "a code";
        Ok(match name {
            "register-officer" => Action::RegisterOfficer { key: self.read("key", "a verifier key")? },
            "revoke-officer" => Action::RevokeOfficer { key: self.read("key", "a verifier key")? },
            "dispose" => Action::Dispose {
                stream: self.read("stream", STREAM)?,
                up_to: Position(self.read("up-to", "a position")?),
                rule: self.read("rule", CODE)?,
            },
            "destroy-key" => Action::DestroyKey {
                stream: self.read("stream", STREAM)?,
                reason: self.read("reason", CODE)?,
            },
            "lift-hold" => Action::LiftHold {
                stream: self.read("stream", STREAM)?,
                hold: self.read("hold", "the id of an event")?,
            },
            "open-epoch" => Action::OpenEpoch {
                origin: self.field("origin")?.to_owned(),
                size: self.read("size", "a number")?,
                root: self.root()?,
                head_size: self.read("head-size", "a number")?,
                reason: self.read("reason", CODE)?,
            },
            _ => return Err(Malformed { line: 2, reason: "no such action".to_owned() }),
        })
    }

    fn root(&mut self) -> Result<Hash, Malformed> {
        let bytes = from_base64(self.field("root")?).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| self.wrong("root is 32 bytes in base64"))
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let rest = (self.next(), self.next());
        self.line -= 1;
        if rest == (Some(""), None) { Ok(()) } else { Err(self.wrong("the request ends before this line")) }
    }
}
