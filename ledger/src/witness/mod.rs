//! Witnesses: partners who remember the newest head that they saw and countersign only what continues it.
//!
//! Both sides of C2SP `tlog-witness`: what a log asks of its witnesses, and the small witness that a partner authority
//! runs. A witness sees an origin, a size, a root and hashes, and nothing about any child. An outage of witnesses
//! never stops an append; it shows as a witnessed size that stays behind.

mod cosignature;
mod cosigners;
mod policy;
mod remembered;

pub use cosignature::{COSIGNATURE_AHEAD_S, cosign, cosigned_at};
pub use cosigners::{Asked, CosignFault, Cosigners, Post, Posted};
pub use policy::{Policy, PolicyFault, PolicyWitness};
pub use remembered::{MAX_BODY_BYTES, Refusal, Witness, WitnessFault};
