//! The text of a request: what is asked for, of which ledger, once.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::events::Code;
use domain::ids::{EventId, LedgerId, Position, StreamId};
use thiserror::Error;
use uuid::Uuid;

use crate::hash::Hash;
use crate::ledger_time::Leap;
use crate::notes::{VerifierKey, from_base64, to_base64};

const FIRST_LINE: &str = "caseledger request 1";
/// Requests about a record: their last line says by what officers recognise it.
const FIRST_LINE_OF_RECORD: &str = "caseledger request 2";

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
    /// That a time that had not come yet is no longer gone on from.
    SetTime {
        /// The last row with such a time, and when it was recorded in truth.
        leap: Leap,
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
            Self::SetTime { .. } => "set-time",
        }
    }

    /// The stream of the record that it is about, where it is about one.
    pub const fn record(&self) -> Option<StreamId> {
        match self {
            Self::Dispose { stream, .. }
            | Self::DestroyKey { stream, .. }
            | Self::LiftHold { stream, .. } => Some(*stream),
            Self::RegisterOfficer { .. }
            | Self::RevokeOfficer { .. }
            | Self::OpenEpoch { .. }
            | Self::SetTime { .. } => None,
        }
    }

    /// The last position of that record that is meant, inclusive, where the action says one.
    pub(crate) const fn up_to(&self) -> Option<Position> {
        if let Self::Dispose { up_to, .. } = self { Some(*up_to) } else { None }
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
            Self::SetTime { leap } => vec![
                ("position", leap.last.to_string()),
                ("recorded-at", instant(leap.stamp)),
                ("true-time", instant(leap.moment)),
            ],
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

/// A time as it stands in requests, and in events that are about times.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
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
    /// The commitment to what officers recognise the record by ([`Particulars`](super::Particulars)). None where the
    /// action is about no record, and in requests of programs of before, which are read and no longer carried out.
    pub particulars: Option<Hash>,
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
        writeln!(f, "{}", if self.particulars.is_some() { FIRST_LINE_OF_RECORD } else { FIRST_LINE })?;
        writeln!(f, "action: {}", self.action.name())?;
        writeln!(f, "ledger: {}", self.ledger)?;
        writeln!(f, "request: {}", self.id)?;
        self.action.fields().iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))?;
        self.particulars
            .iter()
            .try_for_each(|commitment| writeln!(f, "particulars: {}", to_base64(commitment)))
    }
}

impl Request {
    /// Reads the request of a signed note; who signed it is not asked.
    pub(crate) fn of_note(note: &str) -> Option<Self> {
        Self::parse(crate::notes::Note::parse(note).ok()?.text()).ok()
    }

    /// Reads the text of a request; only the form that [`fmt::Display`] writes is read.
    ///
    /// # Errors
    /// [`Malformed`] with the line.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut lines = Lines { lines: text.split('\n'), line: 0 };
        let of_record = lines.first()?;
        let action = lines.field("action")?;
        let ledger = lines.read("ledger", "the id of a ledger")?;
        let id = lines.read("request", "the request's id")?;
        let action = lines.action(action)?;
        if of_record && action.record().is_none() {
            return Err(lines.wrong("this action is about no record: its first line ends with 1"));
        }
        let particulars = if of_record { Some(lines.hash("particulars")?) } else { None };
        lines.end()?;
        let request = Self { ledger, id, action, particulars };
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

    /// Whether the request is of the form for records.
    fn first(&mut self) -> Result<bool, Malformed> {
        match self.next() {
            Some(FIRST_LINE) => Ok(false),
            Some(FIRST_LINE_OF_RECORD) => Ok(true),
            _ => Err(self.wrong(format!("{FIRST_LINE:?} or {FIRST_LINE_OF_RECORD:?} stands here"))),
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
        const INSTANT: &str = "a time of RFC 3339 in UTC with microseconds";
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
                root: self.hash("root")?,
                head_size: self.read("head-size", "a number")?,
                reason: self.read("reason", CODE)?,
            },
            "set-time" => Action::SetTime {
                leap: Leap {
                    last: Position(self.read("position", "a position")?),
                    stamp: self.read("recorded-at", INSTANT)?,
                    moment: self.read("true-time", INSTANT)?,
                },
            },
            _ => return Err(Malformed { line: 2, reason: "no such action".to_owned() }),
        })
    }

    fn hash(&mut self, name: &str) -> Result<Hash, Malformed> {
        let bytes = from_base64(self.field(name)?).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| self.wrong(format!("{name} is 32 bytes in base64")))
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let rest = (self.next(), self.next());
        self.line -= 1;
        if rest == (Some(""), None) { Ok(()) } else { Err(self.wrong("the request ends before this line")) }
    }
}
