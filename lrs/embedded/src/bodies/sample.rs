//! Text to train a dictionary on: statements without what they say of anybody.
//!
//! A dictionary is kept for as long as a row needs it, so nothing may be in it that an erasure
//! would have to take out. Of the values, only those stay that name kinds of things, and what
//! authors wrote of activities and verbs; and of these, only what statements of several actors have
//! in common, up to where they part. Every other string is replaced by a short filler, and every
//! number by a zero. The names of members stay.

use std::collections::{BTreeSet, HashMap};

/// The members whose values may stay: what kind of thing something is, and its identifier, where
/// that is no person's.
const KEPT: [&str; 10] = [
    "contentType",
    "homePage",
    "id",
    "interactionType",
    "language",
    "objectType",
    "platform",
    "timestamp",
    "type",
    "usageType",
];
/// The statements of how many actors must have a value, so that it is nobody's own.
const ACTORS_MIN: usize = 10;
/// At how many places, from its beginning, a value may part from others.
const PARTINGS_MAX: usize = 24;
/// The most bytes of one sample.
const SAMPLE_BYTES_MAX: usize = 4_096;

/// Returns the texts with everything replaced that only some of them say.
pub(super) fn anonymous(texts: &[String]) -> Vec<Vec<u8>> {
    let mut shared = Shared::default();
    for text in texts {
        shared.add(text);
    }
    texts.iter().map(|text| shared.sample(text)).collect()
}

/// The values and beginnings of values that may stay, and the actors whose statements have them.
#[derive(Debug, Default)]
struct Shared<'a>(HashMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Shared<'a> {
    fn add(&mut self, text: &'a str) {
        let actor = actor(text);
        for token in tokens(text).filter(|token| token.may_stay) {
            for beginning in beginnings(token.text) {
                let actors = self.0.entry(beginning).or_default();
                if actors.len() < ACTORS_MIN {
                    actors.insert(actor);
                }
            }
        }
    }

    fn sample(&self, text: &str) -> Vec<u8> {
        let mut sample = String::new();
        for token in tokens(text) {
            match token.kind {
                Kind::Name | Kind::Mark => sample.push_str(token.text),
                Kind::Number => sample.push('0'),
                Kind::Value if token.may_stay => self.push_beginning(&mut sample, token.text),
                Kind::Value => sample.push_str("\"x\""),
            }
            if sample.len() > SAMPLE_BYTES_MAX {
                break;
            }
        }
        sample.into_bytes()
    }

    /// Adds as much of a value as is shared.
    fn push_beginning(&self, sample: &mut String, value: &str) {
        let is_shared = |beginning: &&str| {
            let actors = self.0.get(beginning);
            actors.is_some_and(|actors| actors.len() >= ACTORS_MIN)
        };
        let beginning = beginnings(value).filter(is_shared).last();
        sample.push_str(beginning.unwrap_or("\""));
        if beginning != Some(value) {
            sample.push_str("x\"");
        }
    }
}

/// Returns what a value, with its quotes, begins with, up to each place where it may part from
/// others; the longest, which is the whole, last.
fn beginnings(value: &str) -> impl Iterator<Item = &str> {
    let inner = value.len().saturating_sub(1);
    let marks = value.char_indices().skip(1);
    let marks = marks.filter(move |(at, mark)| *at < inner && !mark.is_alphanumeric());
    let marks = marks.take(PARTINGS_MAX);
    let partings = marks.filter_map(|(at, mark)| value.get(..at + mark.len_utf8()));
    // A backslash makes one character with what follows it.
    let partings = partings.filter(|beginning| !beginning.ends_with('\\'));
    partings.chain(std::iter::once(value))
}

/// Returns the text of a statement's actor; nothing where there is none.
fn actor(text: &str) -> &str {
    let mut tokens = tokens(text);
    let name = tokens.find(|token| (token.depth, token.text) == (1, "\"actor\""));
    let begin = name.map_or(text.len(), |name| name.end);
    let end = tokens.find(|token| token.depth == 0 || (token.depth, token.text) == (1, ","));
    text.get(begin..end.map_or(text.len(), |end| end.end))
        .unwrap_or_default()
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

/// A part of a JSON text.
#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    /// Where it ends in the whole.
    end: usize,
    /// How many objects and arrays it is in.
    depth: usize,
    /// Whether it is a value that may stay, where it is shared.
    may_stay: bool,
}

/// Returns the parts of a JSON text. Of a text that is none, the parts make no sense either.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let (mut rest, mut member, mut within) = (text, "", Vec::new());
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match first {
            '"' => string_length(rest),
            '-' | '0'..='9' => number_length(rest),
            other => other.len_utf8(),
        };
        let (part, behind) = rest.split_at_checked(length)?;
        rest = behind;
        let kind = match first {
            '"' if behind.trim_start().starts_with(':') => Kind::Name,
            '"' => Kind::Value,
            '-' | '0'..='9' => Kind::Number,
            _ => Kind::Mark,
        };
        if kind == Kind::Name {
            member = part.trim_matches('"');
        }
        if matches!(first, '}' | ']') {
            member = within.pop().unwrap_or_default();
        }
        let depth = within.len();
        if matches!(first, '{' | '[') {
            within.push(member);
        }
        Some(Token {
            kind,
            text: part,
            end: text.len() - rest.len(),
            depth,
            may_stay: kind == Kind::Value && (KEPT.contains(&member) || is_authored(&within)),
        })
    })
}

/// Tells whether what stands within these members is what authors wrote of an activity or a verb.
fn is_authored(within: &[&str]) -> bool {
    within.contains(&"definition") || within.ends_with(&["verb", "display"])
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

    /// Returns the samples of statements of twenty actors, each made of its number.
    fn samples(make: impl Fn(usize) -> String) -> Vec<String> {
        let of_actor =
            |number| format!(r#"{{"actor":{{"name":"Ada {number}"}},{}}}"#, make(number));
        let texts: Vec<_> = (0..20).map(of_actor).collect();
        samples_of(&texts)
    }

    fn samples_of(texts: &[String]) -> Vec<String> {
        let samples = anonymous(texts).into_iter();
        let sample = |sample| String::from_utf8(sample).expect("text");
        samples.map(sample).collect()
    }

    fn behind_actor(said: &str) -> String {
        format!(r#"{{"actor":{{"name":"x"}},{said}}}"#)
    }

    #[test]
    fn names_and_free_text_are_replaced_though_all_have_them() {
        let said = r#""object":{"name":"Ada \"A\" L","mbox":"mailto:ada@example.org"},"n":[1.5e3]"#;
        let samples = samples(|_| said.to_owned());
        let expected = behind_actor(r#""object":{"name":"x","mbox":"x"},"n":[0]"#);
        assert!(
            samples.iter().all(|sample| *sample == expected),
            "{samples:?}"
        );
    }

    #[test]
    fn an_identifier_stays_as_far_as_it_is_shared() {
        let samples = samples(|number| {
            let own = if number < 10 { "shared" } else { "own" };
            format!(
                r#""object":{{"objectType":"Activity","id":"https://e.org/{own}/{}"}}"#,
                number.max(9)
            )
        });
        let expected = |id| {
            behind_actor(&format!(
                r#""object":{{"objectType":"Activity","id":{id}}}"#
            ))
        };
        assert_eq!(samples[0], expected(r#""https://e.org/shared/9""#));
        assert_eq!(samples[15], expected(r#""https://e.org/own/x""#));
    }

    #[test]
    fn what_authors_wrote_stays_where_it_is_shared() {
        let samples = samples(|number| {
            format!(
                r#""verb":{{"id":"e:v","display":{{"nb":"gjorde"}}}},"object":{{"definition":{{"name":{{"nb":"Kurs \"{number}\" i sveising"}}}}}},"result":{{"response":"gjorde"}}"#
            )
        });
        let expected = behind_actor(
            r#""verb":{"id":"e:v","display":{"nb":"gjorde"}},"object":{"definition":{"name":{"nb":"Kurs \"x"}}},"result":{"response":"x"}"#,
        );
        assert_eq!(samples[3], expected);
    }

    #[test]
    fn what_one_actor_says_over_and_over_is_shared_with_nobody() {
        let said = r#"{"id":"https://e.org/ada","actor":{"name":"Ada"},"object":{"id":"https://e.org/ada"}}"#;
        let samples = samples_of(&vec![said.to_owned(); 20]);
        let expected = r#"{"id":"x","actor":{"name":"x"},"object":{"id":"x"}}"#;
        assert_eq!(samples[7], expected);
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in [
            "",
            "\"",
            "\"\\",
            "{\"a\":",
            "é\"é",
            "--",
            "{\"id\":\"\\\"",
            "}]\"id\":\"é",
        ] {
            assert_eq!(anonymous(&[text.to_owned()]).len(), 1);
        }
    }
}
