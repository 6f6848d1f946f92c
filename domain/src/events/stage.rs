//! What an event does to the process that it is about.

/// What an event does to the process that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The process begins (or, for a single act such as a conference, is this event).
    Opens,
    /// Something happens within it.
    Continues,
    /// The process ends.
    Ends,
    /// Something belongs to it that may come before, within or after it, as a request comes before a conference.
    Accompanies,
    /// The event is about no process of its own.
    Apart,
}
