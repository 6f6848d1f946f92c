//! The policy file of C2SP `tlog-policy`: whose countersignatures make a checkpoint good enough.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::notes::{KeyType, Note, NoteKeyFault, VerifierKey};
use crate::witness::cosigned_at;

/// A witness of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Its name in the policy file.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where checkpoints are sent to; absent where the policy is only for checking.
    pub url: Option<String>,
}

/// Logs, witnesses, and the quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<PolicyWitness>,
    groups: BTreeMap<String, Group>,
    /// Name of the witness or group that has to countersign; `None` where nobody has to.
    quorum: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    least: usize,
    members: Vec<String>,
}

/// Why a policy file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyFault {
    /// A line says something that no policy says.
    #[error("line {line} of the policy: {reason}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// A key cannot be read.
    #[error("line {line} of the policy: {source}")]
    Key {
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        source: NoteKeyFault,
    },
    /// The quorum is missing.
    #[error("the policy has no quorum line; `quorum none` asks for no countersignature")]
    NoQuorum,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyFault`], with the line.
    pub fn parse(text: &str) -> Result<Self, PolicyFault> {
        let mut reader = Reader::default();
        for (line, text) in (1..).zip(text.lines()) {
            let words: Vec<&str> = text.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            match words.split_first() {
                None => {}
                Some((word, _)) if word.starts_with('#') => {}
                Some((word, rest)) => reader.take(line, word, rest)?,
            }
        }
        reader.finish()
    }

    /// Keys of the logs that the policy is about; empty where any log is.
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The witnesses.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Names of the witnesses that countersigned a checkpoint, not later than `latest` (seconds since 1970).
    pub fn cosigned_by(&self, note: &Note, latest: u64) -> BTreeSet<&str> {
        let signed = |witness: &&PolicyWitness| {
            let times =
                note.signatures().iter().filter_map(|line| cosigned_at(&witness.key, note.text(), line));
            times.into_iter().any(|time| time <= latest)
        };
        self.witnesses.iter().filter(signed).map(|witness| witness.name.as_str()).collect()
    }

    /// Whether these witnesses are enough.
    pub fn is_met_by(&self, cosigned: &BTreeSet<&str>) -> bool {
        self.quorum.as_deref().is_none_or(|name| self.stands(name, cosigned))
    }

    /// A group names only what stands before it, so this ends.
    fn stands(&self, name: &str, cosigned: &BTreeSet<&str>) -> bool {
        match self.groups.get(name) {
            Some(group) => {
                group.members.iter().filter(|member| self.stands(member, cosigned)).count() >= group.least
            }
            None => cosigned.contains(name),
        }
    }
}

#[derive(Default)]
struct Reader {
    logs: Vec<VerifierKey>,
    witnesses: Vec<PolicyWitness>,
    groups: BTreeMap<String, Group>,
    names: BTreeSet<String>,
    grouped: BTreeSet<String>,
    quorum: Option<Option<String>>,
}

impl Reader {
    fn take(&mut self, line: usize, word: &str, rest: &[&str]) -> Result<(), PolicyFault> {
        let wrong = |reason| Err(PolicyFault::Line { line, reason });
        match (word, rest) {
            ("log", [key] | [key, _]) => self.log(line, key),
            ("witness", [name, key]) => self.witness(line, name, key, None),
            ("witness", [name, key, url]) => self.witness(line, name, key, Some((*url).to_owned())),
            ("group", [name, least, members @ ..]) if !members.is_empty() => {
                self.group(line, name, least, members)
            }
            ("quorum", [name]) => self.quorum(line, name),
            ("log" | "witness" | "group" | "quorum", _) => wrong("it has too few or too many words"),
            _ => wrong("it begins with none of log, witness, group, quorum"),
        }
    }

    fn log(&mut self, line: usize, key: &str) -> Result<(), PolicyFault> {
        let key = read_key(line, key, KeyType::Ed25519)?;
        if self.logs.iter().any(|log| log.key_bytes() == key.key_bytes()) {
            return Err(PolicyFault::Line { line, reason: "this log's key stands there twice" });
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(
        &mut self,
        line: usize,
        name: &str,
        key: &str,
        url: Option<String>,
    ) -> Result<(), PolicyFault> {
        let key = read_key(line, key, KeyType::CosignatureV1)?;
        if self.witnesses.iter().any(|witness| witness.key.key_bytes() == key.key_bytes()) {
            return Err(PolicyFault::Line { line, reason: "this witness's key stands there twice" });
        }
        self.name(line, name)?;
        self.witnesses.push(PolicyWitness { name: name.to_owned(), key, url });
        Ok(())
    }

    fn group(&mut self, line: usize, name: &str, least: &str, members: &[&str]) -> Result<(), PolicyFault> {
        let wrong = |reason| PolicyFault::Line { line, reason };
        for member in members {
            if !self.names.contains(*member) {
                return Err(wrong("a member is not named on a line before"));
            }
            if !self.grouped.insert((*member).to_owned()) {
                return Err(wrong("a member is in a group already"));
            }
        }
        let least = match least {
            "any" => 1,
            "all" => members.len(),
            number => number.parse().map_err(|_| wrong("it needs any, all or a number of members"))?,
        };
        if !(1..=members.len()).contains(&least) {
            return Err(wrong("it asks for none, or for more members than it has"));
        }
        self.name(line, name)?;
        let members = members.iter().map(|&member| member.to_owned()).collect();
        self.groups.insert(name.to_owned(), Group { least, members });
        Ok(())
    }

    fn quorum(&mut self, line: usize, name: &str) -> Result<(), PolicyFault> {
        let wrong = |reason| Err(PolicyFault::Line { line, reason });
        if self.quorum.is_some() {
            return wrong("there is a quorum line already");
        }
        if name != "none" && !self.names.contains(name) {
            return wrong("the quorum is not named on a line before");
        }
        self.quorum = Some(Some(name.to_owned()).filter(|name| name != "none"));
        Ok(())
    }

    fn name(&mut self, line: usize, name: &str) -> Result<(), PolicyFault> {
        if name == "none" || !self.names.insert(name.to_owned()) {
            return Err(PolicyFault::Line { line, reason: "this name is taken" });
        }
        Ok(())
    }

    fn finish(self) -> Result<Policy, PolicyFault> {
        let quorum = self.quorum.ok_or(PolicyFault::NoQuorum)?;
        Ok(Policy { logs: self.logs, witnesses: self.witnesses, groups: self.groups, quorum })
    }
}

fn read_key(line: usize, text: &str, kind: KeyType) -> Result<VerifierKey, PolicyFault> {
    let key = VerifierKey::parse(text).map_err(|source| PolicyFault::Key { line, source })?;
    if key.key_type() == kind {
        Ok(key)
    } else {
        Err(PolicyFault::Line { line, reason: "the key is of another type than this line needs" })
    }
}
