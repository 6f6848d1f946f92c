//! The one place where a failure gets its outward code. Codes are stable: clients branch on them, texts may change.
//!
//! An outward text never shows SQL, a name or an identifier.

/// What stands in `extensions.code` of an error. `docs/api.md` lists them with what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request is not a GraphQL request.
    BadRequest,
    /// The client accepts neither of the media types offered.
    NotAcceptable,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// The body is too large.
    BodyTooLarge,
    /// The method is not answered here.
    MethodNotAllowed,
    /// The document does not parse.
    DocumentUnparsable,
    /// The document or its variables do not fit the schema.
    DocumentInvalid,
    /// The document asks for too much.
    OverBudget,
    /// It took too long.
    TimedOut,
    /// An argument's value is outside of what is allowed.
    BadArgument,
    /// A cursor of another ledger, epoch or question.
    BadCursor,
    /// Nothing of that name is known.
    NotFound,
    /// The subject may not see it.
    Forbidden,
    /// A stored event cannot be read or cannot follow.
    MalformedHistory,
    /// The database is away or has too much to do.
    Unavailable,
    /// The record could not be read.
    Fault,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 16] = [
        Self::BadRequest,
        Self::NotAcceptable,
        Self::UnsupportedMediaType,
        Self::BodyTooLarge,
        Self::MethodNotAllowed,
        Self::DocumentUnparsable,
        Self::DocumentInvalid,
        Self::OverBudget,
        Self::TimedOut,
        Self::BadArgument,
        Self::BadCursor,
        Self::NotFound,
        Self::Forbidden,
        Self::MalformedHistory,
        Self::Unavailable,
        Self::Fault,
    ];

    /// The code as sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::BodyTooLarge => "BODY_TOO_LARGE",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::DocumentUnparsable => "DOCUMENT_UNPARSABLE",
            Self::DocumentInvalid => "DOCUMENT_INVALID",
            Self::OverBudget => "OVER_BUDGET",
            Self::TimedOut => "TIMED_OUT",
            Self::BadArgument => "BAD_ARGUMENT",
            Self::BadCursor => "BAD_CURSOR",
            Self::NotFound => "NOT_FOUND",
            Self::Forbidden => "FORBIDDEN",
            Self::MalformedHistory => "MALFORMED_HISTORY",
            Self::Unavailable => "UNAVAILABLE",
            Self::Fault => "FAULT",
        }
    }
}
