//! XML as a bounded stream of elements and text with their places.
//!
//! Nothing is expanded: a DOCTYPE and any entity that XML itself does not define
//! are refused where they stand. One token, the depth and the count of rows of one
//! child are bounded, so that memory does not follow the size of the file.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::Event;

use crate::errors::ReadError;
use crate::extract::Place;
use crate::guard::Limits;

/// A piece of the document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// An element begins; an empty element begins and then ends.
    Start(String),
    /// The innermost element ends.
    End,
    /// Text, resolved.
    Text(String),
    /// The document has ended, with no element open.
    Eof,
}

const SECOND_DOCUMENT: &str =
    "a second document begins here, behind the end of the first; give each return in a file of its own";
const TEXT_OUTSIDE: &str = "text stands outside the root element; remove it";
const TOO_LONG: &str = "a text or tag is longer than any in a return";

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// A reader of pieces.
pub(super) struct Input<R> {
    xml: Reader<Tracked<R>>,
    buffer: Vec<u8>,
    open: Vec<OpenElement>,
    limits: Limits,
}

struct OpenElement {
    label: String,
    seen: BTreeMap<String, u64>,
}

impl<R: BufRead> Input<R> {
    pub(super) fn new(source: R, limits: Limits) -> Self {
        let tracked =
            Tracked { source, at: Position { line: 1, column: 1 }, token: 0, most: limits.xml_token_bytes };
        let mut xml = Reader::from_reader(tracked);
        let config = xml.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = true;
        let root = OpenElement { label: String::new(), seen: BTreeMap::new() };
        Input { xml, buffer: Vec::new(), open: vec![root], limits }
    }

    /// The next piece and where it begins.
    ///
    /// # Errors
    /// A [`ReadError`] that names line and column.
    pub(super) fn next(&mut self) -> Result<(Piece, Position), ReadError> {
        loop {
            let at = self.position();
            self.xml.get_mut().token = 0;
            self.buffer.clear();
            let event = match self.xml.read_event_into(&mut self.buffer) {
                Ok(_) if self.xml.get_ref().is_past_bound() => {
                    return Err(self.malformed(at, TOO_LONG));
                }
                Ok(event) => event.into_owned(),
                Err(fault) => return Err(self.fault(&fault, at)),
            };
            self.check_outside(&event, at)?;
            let piece = match event {
                Event::Start(tag) => self.begin(tag.name().as_ref(), at)?,
                Event::Empty(_) => return Err(self.malformed(at, "an empty element was not expanded")),
                Event::End(_) => {
                    self.open.pop();
                    Piece::End
                }
                Event::Text(text) => Piece::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Piece::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(reference) => Piece::Text(self.resolve(&reference, at)?),
                Event::DocType(_) => {
                    return Err(ReadError::DoctypeRefused { line: at.line, column: at.column });
                }
                Event::Eof => return self.end(at).map(|piece| (piece, at)),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => continue,
            };
            return Ok((piece, at));
        }
    }

    /// Refuses what may not stand outside the root: a document is one element, with comments and instructions around.
    fn check_outside(&self, event: &Event<'_>, at: Position) -> Result<(), ReadError> {
        if self.open.len() > 1 {
            return Ok(());
        }
        let has_begun = self.open.first().is_some_and(|document| !document.seen.is_empty());
        let is_white = |text: &str| text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty();
        let reason = match event {
            Event::Start(_) | Event::Empty(_) | Event::Decl(_) if has_begun => SECOND_DOCUMENT,
            Event::Text(text) if !is_white(&text.xml10_content()) => TEXT_OUTSIDE,
            Event::CData(_) | Event::GeneralRef(_) => TEXT_OUTSIDE,
            Event::Start(_)
            | Event::Empty(_)
            | Event::Decl(_)
            | Event::Text(_)
            | Event::End(_)
            | Event::Comment(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::Eof => return Ok(()),
        };
        Err(self.malformed(at, reason))
    }

    /// The place of the innermost open element, begun at `at`.
    pub(super) fn place(&self, at: Position) -> Place {
        Place::Element { path: self.path(), line: at.line, column: at.column }
    }

    /// The place of an element called `name`, already closed, that began at `at`.
    pub(super) fn place_below(&self, name: &str, at: Position) -> Place {
        let number = self.open.last().and_then(|parent| parent.seen.get(name)).copied().unwrap_or(1);
        let label = label(name, number);
        Place::Element { path: format!("{}/{label}", self.path()), line: at.line, column: at.column }
    }

    /// A refusal of what stands at `at`.
    pub(super) fn malformed(&self, at: Position, reason: &str) -> ReadError {
        ReadError::XmlMalformed { line: at.line, column: at.column, reason: reason.to_owned() }
    }

    /// Where the next piece begins.
    pub(super) fn position(&self) -> Position {
        self.xml.get_ref().at
    }

    fn path(&self) -> String {
        let labels: Vec<&str> = self.open.iter().skip(1).map(|e| e.label.as_str()).collect();
        format!("/{}", labels.join("/"))
    }

    fn begin(&mut self, name: &str, at: Position) -> Result<Piece, ReadError> {
        if self.open.len() > self.limits.xml_depth {
            return Err(self.malformed(at, "elements are nested deeper than any return"));
        }
        let local = name.rsplit(':').next().unwrap_or(name).to_owned();
        let number = match self.open.last_mut() {
            Some(parent) => {
                let seen = parent.seen.entry(local.clone()).or_default();
                *seen += 1;
                *seen
            }
            None => 1,
        };
        self.open.push(OpenElement { label: label(&local, number), seen: BTreeMap::new() });
        Ok(Piece::Start(local))
    }

    fn resolve(
        &self,
        reference: &quick_xml::events::BytesRef<'_>,
        at: Position,
    ) -> Result<String, ReadError> {
        match reference.resolve_char_ref() {
            Ok(Some(character)) => return Ok(character.to_string()),
            Ok(None) => {}
            // `&#0;` and the like name no character of any text: the value that holds one is refused, not the file.
            Err(_) => return Ok('\0'.to_string()),
        }
        let name: &str = reference;
        quick_xml::escape::resolve_predefined_entity(name)
            .map(str::to_owned)
            .ok_or(ReadError::EntityRefused { line: at.line, column: at.column })
    }

    fn end(&self, at: Position) -> Result<Piece, ReadError> {
        if self.open.len() > 1 {
            return Err(self.cut(at));
        }
        Ok(Piece::Eof)
    }

    fn cut(&self, at: Position) -> ReadError {
        ReadError::XmlCut { line: at.line, column: at.column, inside: self.path() }
    }

    fn fault(&self, fault: &Error, at: Position) -> ReadError {
        let end = self.position();
        match fault {
            Error::Io(source) if source.kind() == io::ErrorKind::FileTooLarge => self.malformed(at, TOO_LONG),
            Error::Io(source) => ReadError::Io { source: std::sync::Arc::clone(source) },
            Error::Syntax(SyntaxError::InvalidBangMarkup) => self.malformed(at, "unknown markup after <!"),
            // quick-xml reports a tag that is open at the end of input as a syntax error.
            Error::Syntax(_) | Error::IllFormed(IllFormedError::MissingEndTag(_)) => self.cut(end),
            Error::IllFormed(ill) => self.malformed(at, &ill.to_string()),
            Error::Encoding(_) => self.malformed(at, "the text is not UTF-8"),
            Error::InvalidAttr(_) | Error::Escape(_) | Error::Namespace(_) => {
                self.malformed(at, &fault.to_string())
            }
        }
    }
}

fn label(name: &str, number: u64) -> String {
    if number == 1 { name.to_owned() } else { format!("{name}[{number}]") }
}

/// A reader that counts lines and columns, and bounds one token.
struct Tracked<R> {
    source: R,
    at: Position,
    token: u64,
    most: u64,
}

impl<R> Tracked<R> {
    fn is_past_bound(&self) -> bool {
        self.token > self.most
    }
}

impl<R: BufRead> Read for Tracked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        for (to, from) in out.iter_mut().zip(available) {
            *to = *from;
        }
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Tracked<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.is_past_bound() {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if let Ok(available) = self.source.fill_buf() {
            for byte in available.iter().take(count) {
                if *byte == b'\n' {
                    self.at.line += 1;
                    self.at.column = 1;
                } else {
                    self.at.column += 1;
                }
            }
        }
        self.token = self.token.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        self.source.consume(count);
    }
}
