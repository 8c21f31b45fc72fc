//! Text to train a dictionary on: statements without what they say of anybody.
//!
//! A dictionary is kept for as long as a row needs it, so nothing may be in it that an erasure
//! would have to take out. Of the values, only those of members that name kinds of things are
//! kept, and only when several statements have them; every other string is replaced by a short
//! filler, and every number by a zero. The names of members stay.

use std::collections::HashMap;

/// The members whose values may stay: what kind of thing something is, and its identifier, where
/// that is no person's.
const KEPT: [&str; 7] = [
    "contentType",
    "homePage",
    "id",
    "interactionType",
    "objectType",
    "type",
    "usageType",
];
/// How many of the samples must have a value, so that it is nobody's own.
const SHARED_MIN: u32 = 10;
/// The most bytes of one sample.
const SAMPLE_BYTES_MAX: usize = 4_096;

/// Returns the texts with everything replaced that only some of them say.
pub(super) fn anonymous(texts: &[String]) -> Vec<Vec<u8>> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for text in texts {
        for token in tokens(text).filter(Token::may_stay) {
            *counts.entry(token.text).or_default() += 1;
        }
    }
    let is_shared = |token: &Token<'_>| {
        counts
            .get(token.text)
            .is_some_and(|count| *count >= SHARED_MIN)
    };
    texts.iter().map(|text| replaced(text, is_shared)).collect()
}

fn replaced(text: &str, is_shared: impl Fn(&Token<'_>) -> bool) -> Vec<u8> {
    let mut sample = String::new();
    for token in tokens(text) {
        match token.kind {
            Kind::Name | Kind::Mark => sample.push_str(token.text),
            Kind::Number => sample.push('0'),
            Kind::Value if token.may_stay() && is_shared(&token) => sample.push_str(token.text),
            Kind::Value => sample.push_str("\"x\""),
        }
        if sample.len() > SAMPLE_BYTES_MAX {
            break;
        }
    }
    sample.into_bytes()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The name of a member.
    Name,
    /// A string that is a value.
    Value,
    Number,
    /// Anything else.
    Mark,
}

/// A part of a JSON text, and the member it is the value of.
#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    member: &'a str,
}

impl Token<'_> {
    fn may_stay(&self) -> bool {
        self.kind == Kind::Value && KEPT.contains(&self.member)
    }
}

/// Returns the parts of a JSON text. Of a text that is none, the parts make no sense either.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let (mut rest, mut member) = (text, "");
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match first {
            '"' => string_length(rest),
            '-' | '0'..='9' => number_length(rest),
            other => other.len_utf8(),
        };
        let (text, behind) = rest.split_at_checked(length)?;
        rest = behind;
        let kind = match first {
            '"' if behind.trim_start().starts_with(':') => Kind::Name,
            '"' => Kind::Value,
            '-' | '0'..='9' => Kind::Number,
            _ => Kind::Mark,
        };
        if kind == Kind::Name {
            member = text.trim_matches('"');
        }
        Some(Token { kind, text, member })
    })
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

fn number_length(text: &str) -> usize {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(make: impl Fn(usize) -> String) -> Vec<String> {
        let texts: Vec<_> = (0..20).map(make).collect();
        let samples = anonymous(&texts).into_iter();
        samples
            .map(|sample| String::from_utf8(sample).expect("text"))
            .collect()
    }

    #[test]
    fn names_and_free_text_are_replaced_though_all_have_them() {
        let samples = samples(|_| {
            r#"{"actor":{"name":"Ada \"A\" L","mbox":"mailto:ada@example.org"},"n":[1.5e3]}"#
                .to_owned()
        });
        let expected = r#"{"actor":{"name":"x","mbox":"x"},"n":[0]}"#;
        assert!(
            samples.iter().all(|sample| sample == expected),
            "{samples:?}"
        );
    }

    #[test]
    fn a_kind_stays_and_an_identifier_only_when_it_is_shared() {
        let samples = samples(|number| {
            let own = if number < 10 { "shared" } else { "own" };
            format!(
                r#"{{"objectType":"Activity","id":"https://e.org/{own}/{}"}}"#,
                number.max(9)
            )
        });
        assert_eq!(
            samples[0],
            r#"{"objectType":"Activity","id":"https://e.org/shared/9"}"#
        );
        assert_eq!(samples[15], r#"{"objectType":"Activity","id":"x"}"#);
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in ["", "\"", "\"\\", "{\"a\":", "é\"é", "--", "{\"id\":\"\\\""] {
            assert_eq!(anonymous(&[text.to_owned()]).len(), 1);
        }
    }
}
