//! What somebody kept outside the ledger, or what the ledger's own signer left: checkpoints and receipts. Only these show
//! that a log was rewritten as a whole.

use serde::Deserialize;
use thiserror::Error;

use crate::audit::{Sighted, Wanted};
use crate::custody::Custody;
use crate::finding::{Findings, Kind};
use crate::hash::{Hash, unhex, uuid_of};
use crate::notes::{self, Head, Key, NoteFault};
use crate::row::Id;
use crate::witnesses::Witnesses;

/// A checkpoint, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// What to call it in a finding: a file name, or `the table checkpoints`.
    pub label: String,
    /// The whole signed note.
    pub note: String,
}

/// The end of a log as somebody found it before, without damage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenBefore {
    ledger: Id,
    epoch: u32,
    size: u64,
    root: Hash,
    compared: bool,
}

impl SeenBefore {
    /// The end of a ledger's log: its id, its epoch, its size and the root there in base64, and whether it was then compared
    /// with anything outside; `None` where one is in no such form.
    pub fn new(ledger: &str, epoch: u32, size: u64, root: &str, compared: bool) -> Option<Self> {
        Some(Self { ledger: uuid_of(ledger)?, epoch, size, root: notes::hash_of(root)?, compared })
    }

    /// Its root to be compared, where it lies in what was read.
    fn within(
        &self,
        custody: &Custody,
        reach: Reach,
        held: &mut Held,
        findings: &mut Findings,
    ) -> Option<SignedRoot> {
        if Some(self.ledger) != custody.ledger {
            findings.nowhere(Kind::ForkOrRollback, "an earlier run found another ledger here");
            return None;
        }
        if custody.breaks.iter().any(|one| one.epoch > self.epoch && self.size > one.intact) {
            held.notes.push(
                "what an earlier run found is from after the point where its epoch broke off".to_owned(),
            );
            return None;
        }
        if self.size > reach.head {
            let detail = format!("an earlier run found {} events, {} are here", self.size, reach.head);
            findings.between(Kind::ForkOrRollback, reach.head + 1, self.size, 1, detail);
            return None;
        }
        let what = "what an earlier run found".to_owned();
        (self.size <= reach.size).then_some(SignedRoot {
            size: self.size,
            what,
            is_checkpoint: false,
            root: self.root,
            outside: self.compared,
        })
    }
}

/// What a caller was given for an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    ledger: Id,
    epoch: u32,
    position: u64,
    leaf_hash: Hash,
    tree_size: u64,
    root: Option<Hash>,
}

/// Why a line is no receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("line {line} of the receipts: {reason}")]
pub struct ReceiptFault {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptLine {
    ledger: String,
    epoch: u32,
    position: u64,
    leaf_hash: String,
    tree_size: u64,
    root: Option<String>,
}

impl Receipt {
    /// Reads receipts, one JSON object a line: ledger, epoch, position, `leaf_hash` (hex), `tree_size`, root (hex, may be
    /// absent). Empty lines are passed over.
    ///
    /// # Errors
    /// [`ReceiptFault`].
    pub fn read_lines(text: &str) -> Result<Vec<Self>, ReceiptFault> {
        let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty());
        lines.map(|(line, text)| Self::read(text).map_err(|reason| ReceiptFault { line, reason })).collect()
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        let said: ReceiptLine = serde_json::from_str(text).map_err(|_| "not a receipt in JSON")?;
        let root = said.root.as_deref().map(|root| unhex(root).ok_or("root is not 64 hex digits"));
        if said.position == 0 || said.position > said.tree_size {
            return Err("the position does not lie in the tree");
        }
        Ok(Self {
            ledger: uuid_of(&said.ledger).ok_or("ledger is no id")?,
            epoch: said.epoch,
            position: said.position,
            leaf_hash: unhex(&said.leaf_hash).ok_or("leaf_hash is not 64 hex digits")?,
            tree_size: said.tree_size,
            root: root.transpose()?,
        })
    }
}

/// All that is held against a log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Anchors {
    /// Checkpoints from outside of what is checked.
    pub(crate) checkpoints: Vec<KeptCheckpoint>,
    /// Those that stand in the database or file itself: whoever rewrites it can take them away.
    pub(crate) recorded: Vec<KeptCheckpoint>,
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) seen: Option<SeenBefore>,
    /// Keys that the caller trusts; where there are none, those that the log itself registered count.
    pub(crate) trusted: Vec<Key>,
    /// Whose countersignatures are asked for; nobody's where absent.
    pub(crate) witnesses: Option<Witnesses>,
}

/// How much of a log was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// The size that was checked.
    pub(crate) size: u64,
    /// The size that the log has.
    pub(crate) head: u64,
}

/// What came of holding anchors against a log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    /// Sizes of checkpoints that a key vouches for and whose root is the log's, ascending.
    pub(crate) agreeing: Vec<u64>,
    /// How many receipts agree.
    pub(crate) receipts: u64,
    /// Whether anything agrees that stands outside of what was checked.
    pub(crate) outside: bool,
    /// Heads of checkpoints from outside that a key vouches for, and that lie above the size that was checked.
    pub(crate) above: Vec<Head>,
    /// What could not be compared, and why.
    pub(crate) notes: Vec<String>,
}

impl Anchors {
    /// What to look out for.
    pub(crate) fn wanted(&self, wanted: &mut Wanted) {
        for kept in self.checkpoints.iter().chain(&self.recorded) {
            wanted.roots.extend(head_of(kept).map(|head| head.size));
        }
        wanted.roots.extend(self.seen.as_ref().map(|seen| seen.size));
        for receipt in &self.receipts {
            wanted.roots.insert(receipt.tree_size);
            wanted.leaves.insert(receipt.position);
        }
    }

    /// Compares everything with what was seen.
    pub(crate) fn compare(
        &self,
        custody: &Custody,
        sighted: &Sighted,
        reach: Reach,
        findings: &mut Findings,
    ) -> Held {
        let mut held = Held::default();
        let mut signed = Vec::new();
        // A key that somebody was given stands outside, whatever it signed.
        let given_key = !self.trusted.is_empty();
        let kept = self.checkpoints.iter().map(|kept| (kept, true));
        for (kept, outside) in kept.chain(self.recorded.iter().map(|kept| (kept, given_key))) {
            let Some(head) = self.vouched_for(kept, custody, findings) else { continue };
            match place(&head, kept, custody, reach, &mut held, findings) {
                Place::Within => {
                    let what = format!("the checkpoint of {}", kept.label);
                    signed.push(SignedRoot {
                        size: head.size,
                        what,
                        is_checkpoint: true,
                        root: head.root,
                        outside,
                    });
                }
                Place::Above if outside => held.above.push(head),
                Place::Above | Place::Nowhere => {}
            }
        }
        for receipt in &self.receipts {
            if receipt.holds(custody, sighted, reach, &mut held, findings)
                && let Some(root) = receipt.root
            {
                let (size, what) = (receipt.tree_size, "a receipt".to_owned());
                signed.push(SignedRoot { size, what, is_checkpoint: false, root, outside: true });
            }
        }
        signed.extend(self.seen.as_ref().and_then(|seen| seen.within(custody, reach, &mut held, findings)));
        compare_roots(signed, sighted, &mut held, findings);
        held.outside |= held.receipts > 0;
        self.ask_witnesses(&mut held, findings);
        held
    }

    /// The newest checkpoint that agrees and that enough witnesses have signed; none at all is a finding. That it is not the very newest
    /// is no damage: witnesses are asked from time to time.
    fn ask_witnesses(&self, held: &mut Held, findings: &mut Findings) {
        let Some(witnesses) = &self.witnesses else { return };
        let agrees =
            |kept: &&KeptCheckpoint| head_of(kept).is_some_and(|head| held.agreeing.contains(&head.size));
        let all = self.checkpoints.iter().chain(&self.recorded);
        let signed = all.filter(agrees).filter(|kept| witnesses.have_signed(&kept.note));
        match signed.filter_map(head_of).map(|head| head.size).max() {
            Some(size) => {
                held.outside = true;
                held.notes.push(format!("{} witnesses have signed size {size}", witnesses.quorum));
            }
            None => {
                let detail = format!("no checkpoint is signed by {} of the witnesses", witnesses.quorum);
                findings.nowhere(Kind::Unwitnessed, detail);
            }
        }
    }

    /// What a checkpoint says, if a key vouches for it.
    fn vouched_for(&self, kept: &KeptCheckpoint, custody: &Custody, findings: &mut Findings) -> Option<Head> {
        let keys: Vec<&Key> =
            if self.trusted.is_empty() { &custody.log_keys } else { &self.trusted }.iter().collect();
        let label = &kept.label;
        let fault = match notes::open(&kept.note, &keys) {
            Ok((text, _)) => match Head::parse(&text) {
                Some(head) => return Some(head),
                None => "is signed and is no checkpoint",
            },
            Err(NoteFault::Malformed) => "is no signed note",
            Err(NoteFault::Invalid) => "has a signature that does not verify",
            Err(NoteFault::Unsigned) => "is signed by no key of this log",
        };
        findings.nowhere(Kind::BadSignature, format!("the checkpoint of {label} {fault}"));
        None
    }
}

/// What a note says, whoever signed it.
pub(crate) fn head_of(kept: &KeptCheckpoint) -> Option<Head> {
    Head::parse(&notes::text_of(&kept.note)?)
}

/// How a signed head stands to what was read.
enum Place {
    Within,
    /// It is of this log, and above the size that was checked.
    Above,
    /// It cannot be compared.
    Nowhere,
}

fn place(
    head: &Head,
    kept: &KeptCheckpoint,
    custody: &Custody,
    reach: Reach,
    held: &mut Held,
    findings: &mut Findings,
) -> Place {
    let label = &kept.label;
    if !custody.origins.contains(&head.origin) {
        let detail = format!("the checkpoint of {label} is of another log, {:?}", head.origin);
        findings.nowhere(Kind::Unreadable, detail);
        return Place::Nowhere;
    }
    if let Some(found) = custody.broken_off(&head.origin).filter(|found| head.size > *found) {
        held.notes.push(format!(
            "the checkpoint of {label} reaches {} and its epoch broke off at {found}, which two officers signed for",
            head.size
        ));
        return Place::Nowhere;
    }
    if head.size > reach.head {
        let detail = format!(
            "the checkpoint of {label} was signed over {} events, {} are here",
            head.size, reach.head
        );
        findings.between(Kind::ForkOrRollback, reach.head + 1, head.size, 1, detail);
        return Place::Nowhere;
    }
    if head.size > reach.size {
        held.notes.push(format!("the checkpoint of {label} is above the size that was checked"));
        return Place::Above;
    }
    Place::Within
}

impl Receipt {
    /// Whether its event is there; the root is compared elsewhere.
    fn holds(
        &self,
        custody: &Custody,
        sighted: &Sighted,
        reach: Reach,
        held: &mut Held,
        findings: &mut Findings,
    ) -> bool {
        let position = self.position;
        if Some(self.ledger) != custody.ledger {
            let detail = format!("the receipt for position {position} is of another ledger");
            findings.nowhere(Kind::Unreadable, detail);
            return false;
        }
        let lost = custody.breaks.iter().any(|held| held.epoch > self.epoch && self.tree_size > held.intact);
        if lost {
            held.notes.push(format!(
                "the receipt for position {position} is from after the point where its epoch broke off"
            ));
            return false;
        }
        if position > reach.head {
            let detail =
                format!("a receipt was given for position {position}, {} events are here", reach.head);
            findings.at(Kind::ForkOrRollback, position, None, detail);
            return false;
        }
        match sighted.leaves.get(&position) {
            Some(leaf) if *leaf == self.leaf_hash => held.receipts += 1,
            Some(_) => {
                findings.at(
                    Kind::ForkOrRollback,
                    position,
                    None,
                    "the event is not the one that a receipt was given for",
                );
            }
            None => held.notes.push(format!("the receipt for position {position} could not be compared")),
        }
        self.tree_size <= reach.size
    }
}

/// A root that somebody signed, or gave a receipt over.
struct SignedRoot {
    size: u64,
    /// What to call it.
    what: String,
    is_checkpoint: bool,
    root: Hash,
    /// Whether it stands outside of what is checked.
    outside: bool,
}

/// Compares roots in the order of sizes; of a wrong one it is known that what changed lies above the last right one.
fn compare_roots(mut signed: Vec<SignedRoot>, sighted: &Sighted, held: &mut Held, findings: &mut Findings) {
    signed.sort_by_key(|signed| signed.size);
    let mut agreed = 0;
    for SignedRoot { size, what, is_checkpoint, root, outside } in signed {
        match sighted.roots.get(&size) {
            None => held
                .notes
                .push(format!("{what} of size {size} could not be compared, because a row is missing")),
            Some(found) if *found == root => {
                agreed = size;
                held.outside |= outside;
                if is_checkpoint {
                    held.agreeing.push(size);
                }
            }
            Some(_) => {
                let detail = format!("the rows do not lead to the root of {what}");
                findings.between(Kind::ForkOrRollback, agreed + 1, size, 1, detail);
            }
        }
    }
    held.agreeing.dedup();
}
