//! The parser: RFC 8259, strict, bounded in depth, noting every repeated key.

use std::borrow::Cow;

use super::{DEPTH_MAX, Member, Node, Value};
use crate::number::{exponent_in_bounds, json_number_end};
use crate::rule::Rule;

/// A whole text as a tree, with the keys that repeat an earlier one and where they stand.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub(crate) root: Node<'a>,
    pub(crate) repeated_keys: Vec<(usize, Cow<'a, str>)>,
}

/// The first place at which a text stops being acceptable JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) offset: usize,
    pub(crate) rule: Rule,
    pub(crate) expected: &'static str,
}

/// Reads one JSON text.
pub(crate) fn parse(text: &str) -> Result<Tree<'_>, Problem> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        repeated_keys: Vec::new(),
    };
    let root = parser.value()?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.problem("the end of the text"));
    }
    let mut repeated_keys = parser.repeated_keys;
    repeated_keys.sort_unstable_by_key(|(offset, _)| *offset);
    Ok(Tree {
        root,
        repeated_keys,
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    repeated_keys: Vec<(usize, Cow<'a, str>)>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn problem(&self, expected: &'static str) -> Problem {
        Problem {
            offset: self.at,
            rule: Rule::JsonSyntax,
            expected,
        }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Skips space and takes this byte if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Result<Node<'a>, Problem> {
        self.space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Boolean(true))?,
            Some(b'f') => self.word("false", Value::Boolean(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.problem("a JSON value")),
        };
        Ok(Node {
            value,
            span: start..self.at,
        })
    }

    fn nested(
        &mut self,
        inner: fn(&mut Self) -> Result<Value<'a>, Problem>,
    ) -> Result<Value<'a>, Problem> {
        if self.depth == DEPTH_MAX {
            let expected = "at most 128 levels of arrays and objects";
            return Err(Problem {
                offset: self.at,
                rule: Rule::JsonDepth,
                expected,
            });
        }
        self.depth += 1;
        self.at += 1;
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value<'a>, Problem> {
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            if !self.take(b',') {
                return Err(self.problem("a comma or the end of the array"));
            }
        }
    }

    fn object(&mut self) -> Result<Value<'a>, Problem> {
        let mut members = Vec::new();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            members.push(self.member()?);
            if self.take(b'}') {
                self.note_repeated_keys(&members);
                return Ok(Value::Object(members));
            }
            if !self.take(b',') {
                return Err(self.problem("a comma or the end of the object"));
            }
        }
    }

    fn member(&mut self) -> Result<Member<'a>, Problem> {
        self.space();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.problem("a member's name in quotes"));
        }
        let key = self.string()?;
        if !self.take(b':') {
            return Err(self.problem("a colon"));
        }
        Ok(Member {
            key,
            start,
            node: self.value()?,
        })
    }

    fn note_repeated_keys(&mut self, members: &[Member<'a>]) {
        if members.len() < 2 {
            return;
        }
        // Sorting bounds the work whatever keys a sender chooses.
        let mut order: Vec<&Member<'a>> = members.iter().collect();
        order.sort_by(|left, right| left.key.cmp(&right.key));
        for (left, right) in order.iter().zip(order.iter().skip(1)) {
            if left.key == right.key {
                self.repeated_keys.push((right.start, right.key.clone()));
            }
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Problem> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.problem("a JSON value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Value<'a>, Problem> {
        let length = json_number_end(self.rest()).ok_or_else(|| self.problem("a JSON number"))?;
        let text = self.slice(self.at, self.at + length);
        if !exponent_in_bounds(text) {
            let expected = "an exponent of at most 15 digits";
            return Err(Problem {
                offset: self.at,
                rule: Rule::JsonNumberBound,
                expected,
            });
        }
        self.at += length;
        Ok(Value::Number(text))
    }

    /// Reads a string whose opening quote comes next.
    fn string(&mut self) -> Result<Cow<'a, str>, Problem> {
        self.at += 1;
        let plain = self.plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut decoded = plain.to_owned();
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => decoded.push(self.escape()?),
                Some(_) => return Err(self.problem("no bare control character in a string")),
                None => return Err(self.problem("the closing quote of the string")),
            }
            decoded.push_str(self.plain());
        }
        self.at += 1;
        Ok(Cow::Owned(decoded))
    }

    /// Takes characters up to a quote, a backslash or a control character.
    fn plain(&mut self) -> &'a str {
        let stop = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let length = self
            .rest()
            .iter()
            .position(stop)
            .unwrap_or(self.rest().len());
        let from = self.at;
        self.at += length;
        self.slice(from, self.at)
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let simple = match self.rest().get(1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => {
                return Err(
                    self.problem("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
                );
            }
        };
        self.at += 2;
        Ok(simple)
    }

    fn unicode_escape(&mut self) -> Result<char, Problem> {
        let expected = "\\u and four hexadecimal digits, surrogates in pairs";
        let first = self.unit(0).ok_or_else(|| self.problem(expected))?;
        let units = match first {
            0xd800..=0xdbff => vec![first, self.unit(6).ok_or_else(|| self.problem(expected))?],
            _ => vec![first],
        };
        let decoded = char::decode_utf16(units.iter().copied())
            .next()
            .and_then(Result::ok);
        let character = decoded.ok_or_else(|| self.problem(expected))?;
        self.at += 6 * units.len();
        Ok(character)
    }

    /// Reads the `\uXXXX` that starts this many bytes ahead.
    fn unit(&self, ahead: usize) -> Option<u16> {
        let escape = self.rest().get(ahead..ahead + 6)?;
        let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
        let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        hexadecimal
            .then(|| u16::from_str_radix(digits, 16).ok())
            .flatten()
    }
}
