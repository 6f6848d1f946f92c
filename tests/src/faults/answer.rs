//! What a caller was told, as one line that one process writes and another reads.

use anyhow::Context as _;
use ledger::{Hash, Recorded};
use uuid::Uuid;

use super::script::Asked;

/// A `Recorded` with all that must never change again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) first: u64,
    pub(super) count: u32,
    pub(super) recorded_at_micros: i64,
    pub(super) epoch: u32,
    pub(super) tree_size: u64,
    pub(super) root: Option<Hash>,
    pub(super) streams: Vec<(Uuid, u32, u32)>,
    pub(super) leaf_hashes: Vec<Hash>,
}

impl Answer {
    pub(super) fn of(recorded: &Recorded) -> Self {
        let streams = recorded.streams.iter().map(|one| (one.stream.0, one.first.0, one.last.0));
        Self {
            first: recorded.first_position.0,
            count: recorded.event_count,
            recorded_at_micros: recorded.recorded_at.timestamp_micros(),
            epoch: recorded.epoch,
            tree_size: recorded.tree_size,
            root: recorded.root,
            streams: streams.collect(),
            leaf_hashes: recorded.leaf_hashes.clone(),
        }
    }

    pub(super) fn to_text(&self) -> String {
        let streams: Vec<String> =
            self.streams.iter().map(|(stream, first, last)| format!("{stream}:{first}:{last}")).collect();
        let leaves: Vec<String> = self.leaf_hashes.iter().map(hex).collect();
        let root = self.root.as_ref().map_or_else(|| "-".to_owned(), hex);
        let Self { first, count, recorded_at_micros, epoch, tree_size, .. } = self;
        format!(
            "{first} {count} {recorded_at_micros} {epoch} {tree_size} {root} {} {}",
            streams.join(","),
            leaves.join(",")
        )
    }

    pub(super) fn from_words<'a>(mut words: impl Iterator<Item = &'a str>) -> anyhow::Result<Self> {
        let mut next = || words.next().context("an answer has eight words");
        let (first, count, recorded_at_micros) = (next()?.parse()?, next()?.parse()?, next()?.parse()?);
        let (epoch, tree_size, root) = (next()?.parse()?, next()?.parse()?, next()?);
        let (streams, leaves) = (next()?, next()?);
        Ok(Self {
            first,
            count,
            recorded_at_micros,
            epoch,
            tree_size,
            root: if root == "-" { None } else { Some(unhex(root)?) },
            streams: streams.split(',').map(stream).collect::<anyhow::Result<_>>()?,
            leaf_hashes: leaves.split(',').map(unhex).collect::<anyhow::Result<_>>()?,
        })
    }
}

fn stream(text: &str) -> anyhow::Result<(Uuid, u32, u32)> {
    let mut parts = text.split(':');
    let mut next = || parts.next().context("a stream has three parts");
    Ok((next()?.parse()?, next()?.parse()?, next()?.parse()?))
}

/// As hexadecimal digits.
pub(super) fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> anyhow::Result<Hash> {
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2).unwrap_or("-"), 16);
    let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect::<Result<_, _>>()?;
    bytes.try_into().ok().context("a hash has 32 bytes")
}

/// What an appending process says about one command.
#[derive(Clone, Debug)]
pub(super) enum Said {
    /// Recorded.
    Acknowledged(Asked, Answer),
    /// Outcome unknown; it asks again.
    Unknown(Asked),
    /// Refused, and why; it gives this caller up.
    Refused(Asked, String),
    /// The process takes commands.
    Ready,
    /// A checkpoint of this size is signed.
    Signed(u64),
}

impl Said {
    pub(super) fn to_line(&self) -> String {
        let of = |asked: &Asked| format!("{} {} {}", asked.run, asked.caller, asked.number);
        match self {
            Self::Acknowledged(asked, answer) => format!("ack {} {}\n", of(asked), answer.to_text()),
            Self::Unknown(asked) => format!("unknown {}\n", of(asked)),
            Self::Refused(asked, why) => format!("refused {} {}\n", of(asked), why.replace('\n', " ")),
            Self::Ready => "ready\n".to_owned(),
            Self::Signed(size) => format!("signed {size}\n"),
        }
    }

    /// A line that was cut by a kill is no line.
    pub(super) fn from_line(line: &str) -> anyhow::Result<Self> {
        let mut words = line.split(' ');
        let what = words.next().unwrap_or_default();
        if what == "ready" {
            return Ok(Self::Ready);
        }
        let mut number = || words.next().context("a number")?.parse::<u64>().context("a number");
        if what == "signed" {
            return Ok(Self::Signed(number()?));
        }
        let run = number()?;
        let asked = Asked { run, caller: u32::try_from(number()?)?, number: u32::try_from(number()?)? };
        match what {
            "ack" => Ok(Self::Acknowledged(asked, Answer::from_words(words)?)),
            "unknown" => Ok(Self::Unknown(asked)),
            "refused" => Ok(Self::Refused(asked, words.collect::<Vec<_>>().join(" "))),
            other => anyhow::bail!("{other:?} is nothing that a process says"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard() {
        let answer = Answer {
            first: 12,
            count: 2,
            recorded_at_micros: 1_700_000_000_000_001,
            epoch: 1,
            tree_size: 40,
            root: Some([9; 32]),
            streams: vec![(Uuid::from_u128(5), 1, 1), (Uuid::from_u128(6), 3, 3)],
            leaf_hashes: vec![[1; 32], [255; 32]],
        };
        let asked = Asked { run: u64::MAX, caller: 3, number: 9 };
        for said in [
            Said::Acknowledged(asked, answer),
            Said::Unknown(asked),
            Said::Refused(asked, "the disk is full".to_owned()),
            Said::Ready,
            Said::Signed(77),
        ] {
            let line = said.to_line();
            let heard = Said::from_line(line.trim_end()).unwrap();
            assert_eq!(format!("{heard:?}"), format!("{said:?}"));
        }
        assert!(Said::from_line("ack 1 2").is_err());
    }
}
