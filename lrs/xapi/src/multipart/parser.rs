//! The incremental parser.

use super::headers::{HEADER_BYTES_MAX, PartHeaders};
use crate::fault::{Fault, Found, Rule};

/// The most octets of white space after a delimiter (RFC 2046 calls it transport padding).
const PADDING_BYTES_MAX: usize = 64;

/// What comes next in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A part begins.
    Part(PartHeaders),
    /// Octets of the current part; never empty.
    Data(Vec<u8>),
    /// The current part is complete.
    PartEnd,
    /// The body is complete; anything after it is passed over.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first delimiter.
    Preamble,
    /// Within a part's octets.
    Body,
    /// Behind a part's octets, at its closing delimiter.
    Delimiter,
    /// At a part's headers.
    Headers,
    /// Behind the last delimiter.
    Closing,
    /// After [`Event::End`].
    Done,
}

/// Where a delimiter is, or how far there is none.
enum Search {
    /// A delimiter line from here to there; `last` when it closes the body.
    Found {
        start: usize,
        end: usize,
        last: bool,
    },
    /// The octets before here belong to no delimiter; what follows is not known yet.
    Clear(usize),
}

/// Reads `multipart/mixed` from chunks, without I/O.
#[derive(Debug)]
pub struct Parser {
    /// CRLF, two hyphens and the boundary.
    delimiter: Vec<u8>,
    buffer: Vec<u8>,
    /// How much of the buffer has been read.
    read: usize,
    state: State,
    last: bool,
    head_bytes_max: usize,
}

impl Parser {
    /// Makes a parser for a body with this boundary.
    pub fn new(boundary: &str) -> Self {
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        // The first delimiter may open the body, so the line break before it is supplied.
        Self {
            delimiter,
            buffer: b"\r\n".to_vec(),
            read: 0,
            state: State::Preamble,
            last: false,
            head_bytes_max: HEADER_BYTES_MAX,
        }
    }

    /// Takes at most so many octets of headers of each part, instead of 8,192.
    #[must_use]
    pub fn with_head_bytes_max(self, head_bytes_max: usize) -> Self {
        Self {
            head_bytes_max,
            ..self
        }
    }

    /// Tells whether the part that is read has more headers than are taken.
    pub fn is_head_too_long(&self) -> bool {
        self.state == State::Headers
            && self.head().is_none()
            && self.rest().len() >= self.head_bytes_max
    }

    /// Takes the next chunk of the body; call [`Parser::next_event`] until it gives `None`.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.state != State::Done {
            // What was read goes once a chunk, not once an event, so that many small parts cost little.
            self.buffer.drain(..self.read);
            self.read = 0;
            self.buffer.extend_from_slice(chunk);
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.read..).unwrap_or_default()
    }

    fn skip(&mut self, length: usize) {
        self.read = self.buffer.len().min(self.read + length);
    }

    /// Returns the next event; `None` when more of the body is needed.
    pub fn next_event(&mut self) -> Result<Option<Event>, Fault> {
        match self.state {
            State::Preamble => self.preamble(),
            State::Body => Ok(self.body()),
            State::Delimiter => {
                self.state = if self.last {
                    State::Closing
                } else {
                    State::Headers
                };
                Ok(Some(Event::PartEnd))
            }
            State::Headers => self.headers(),
            State::Closing => {
                self.state = State::Done;
                Ok(Some(Event::End))
            }
            State::Done => Ok(None),
        }
    }

    /// Says that the body has ended, which is a fault before the closing delimiter.
    pub fn finish(&self) -> Result<(), Fault> {
        match self.state {
            State::Done => Ok(()),
            State::Preamble => Err(fault("no delimiter line", "a line of -- and the boundary")),
            _ => Err(fault(
                "the end of the body",
                "a closing line of --, the boundary and --",
            )),
        }
    }

    fn preamble(&mut self) -> Result<Option<Event>, Fault> {
        match self.search() {
            Search::Found { last: true, .. } => {
                Err(fault("a closing delimiter", "at least one part"))
            }
            Search::Found { end, .. } => {
                self.skip(end);
                self.state = State::Headers;
                self.headers()
            }
            Search::Clear(end) => {
                self.skip(end);
                Ok(None)
            }
        }
    }

    fn body(&mut self) -> Option<Event> {
        let data_end = match self.search() {
            Search::Clear(end) => end,
            Search::Found {
                start: 0,
                end,
                last,
            } => {
                self.skip(end);
                self.last = last;
                self.state = State::Delimiter;
                return self.next_event().ok().flatten();
            }
            Search::Found { start, .. } => start,
        };
        let data = self.rest().get(..data_end).unwrap_or_default().to_vec();
        self.skip(data_end);
        (!data.is_empty()).then_some(Event::Data(data))
    }

    fn headers(&mut self) -> Result<Option<Event>, Fault> {
        let Some(end) = self.head() else {
            if self.is_head_too_long() {
                let expected = format!("at most {} octets of headers", self.head_bytes_max);
                return Err(fault("longer headers", &expected));
            }
            return Ok(None);
        };
        let headers = PartHeaders::parse(self.rest().get(..end).unwrap_or_default())?;
        self.skip(end + 4);
        self.state = State::Body;
        Ok(Some(Event::Part(headers)))
    }

    /// Returns where a part's headers end, if they do within their bound.
    fn head(&self) -> Option<usize> {
        let window = self.rest().get(..self.head_bytes_max);
        let window = window.unwrap_or(self.rest());
        // The delimiter's own line break is kept, so that an empty block ends like any other.
        window.windows(4).position(|four| four == b"\r\n\r\n")
    }

    /// Looks for the next delimiter line.
    fn search(&self) -> Search {
        let (buffer, mut from) = (self.rest(), 0);
        while let Some(offset) = buffer.iter().skip(from).position(|byte| *byte == b'\r') {
            let start = from + offset;
            let rest = buffer.get(start..).unwrap_or_default();
            if !rest.starts_with(&self.delimiter) {
                if self.delimiter.starts_with(rest) {
                    return Search::Clear(start);
                }
                from = start + 1;
                continue;
            }
            match line_end(rest.get(self.delimiter.len()..).unwrap_or_default()) {
                LineEnd::At { length, last } => {
                    return Search::Found {
                        start,
                        end: start + self.delimiter.len() + length,
                        last,
                    };
                }
                LineEnd::Unknown => return Search::Clear(start),
                LineEnd::None => from = start + 1,
            }
        }
        Search::Clear(buffer.len())
    }
}

/// How a line goes on after the boundary.
enum LineEnd {
    /// It is a delimiter; this many octets belong to it.
    At { length: usize, last: bool },
    /// More octets are needed to tell.
    Unknown,
    /// It only begins like a delimiter.
    None,
}

/// Looks behind a boundary: two hyphens, or white space up to a line break, which is not taken.
fn line_end(after: &[u8]) -> LineEnd {
    match after {
        [b'-', b'-', ..] => {
            return LineEnd::At {
                length: 2,
                last: true,
            };
        }
        [b'-'] => return LineEnd::Unknown,
        _ => {}
    }
    let padding = after
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    match after.get(padding..).unwrap_or_default() {
        _ if padding > PADDING_BYTES_MAX => LineEnd::None,
        [b'\r', b'\n', ..] => LineEnd::At {
            length: padding,
            last: false,
        },
        [] | [b'\r'] => LineEnd::Unknown,
        _ => LineEnd::None,
    }
}

fn fault(found: &str, expected: &str) -> Fault {
    Fault::of_parameter(
        "body",
        Rule::Multipart,
        Found::new(found, "multipart body"),
        expected,
    )
}
