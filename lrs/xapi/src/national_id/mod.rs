//! National identity numbers in the texts of a statement.
//!
//! Those of Norway (fødselsnummer, D-number) and Sweden (personnummer, samordningsnummer), by
//! their dates and check digits. They are looked for in every text that a sender chooses, from the
//! names of agents to the values of extensions; what they are is told to nobody.

mod number;

use std::borrow::Cow;

use crate::edit::{Edit, applied};
use crate::fault::{Fault, Rule};
use crate::json::{self, Node, Value};

/// Stands where a digit of a masked number stood.
const MASK: &str = "*";
/// The members that say who or what is meant, outside of extensions. A mask there would make one of
/// many; and of members' names too.
const IDENTIFYING: [&str; 4] = ["id", "mbox", "openid", "homePage"];

/// Where national identity numbers stand in a statement's text.
#[derive(Debug)]
pub struct NationalIds<'t> {
    text: &'t str,
    places: Vec<Place>,
    masks: Vec<Edit>,
}

/// One value that holds a number, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The JSON path from the statement, whose own numbers are masked.
    pub path: String,
    /// Whether the value says who or what is meant, so that it cannot be masked.
    pub identifies: bool,
}

impl<'t> NationalIds<'t> {
    /// Looks through a statement's text; `None` where it holds no number. It is parsed only where it
    /// looks as if it held one.
    pub fn find(text: &'t str) -> Option<Self> {
        if !number::may_hold_one(text) {
            return None;
        }
        let tree = json::parse(text).ok()?;
        let mut walk = Walk {
            root: &tree.root,
            found: Self {
                text,
                places: Vec::new(),
                masks: Vec::new(),
            },
        };
        walk.node(&tree.root, Where::default());
        (!walk.found.places.is_empty()).then_some(walk.found)
    }

    /// Returns where numbers stand, in the order of the text.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Returns the first place that cannot be masked, if there is one.
    pub fn identifying(&self) -> Option<&Place> {
        self.places.iter().find(|place| place.identifies)
    }

    /// Returns the text with an asterisk for each digit of a number that can be masked. A number of
    /// JSON becomes a text.
    pub fn masked(self) -> String {
        applied(self.text, 0..self.text.len(), self.masks)
    }
}

impl Place {
    /// Returns the fault of a number that is not to be here, in the statement at a path. It tells
    /// the place, and nothing of the number.
    pub fn fault(&self, statement: &str, expected: &str) -> Fault {
        let below = self.path.strip_prefix('$').unwrap_or_default();
        Fault {
            path: format!("{statement}{below}"),
            line: None,
            column: None,
            rule: Rule::NationalId,
            found: "a national identity number".to_owned(),
            shape: "national identity number".to_owned(),
            expected: expected.to_owned(),
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, Default)]
struct Where {
    /// Within extensions or a response, where the standard says nothing of it.
    is_free: bool,
    identifies: bool,
}

struct Walk<'n, 't> {
    root: &'n Node<'t>,
    found: NationalIds<'t>,
}

impl Walk<'_, '_> {
    /// Looks through a value. The parser bounds how deep this goes.
    fn node(&mut self, node: &Node<'_>, place: Where) {
        match &node.value {
            Value::String(text) => self.text(node, text, place),
            // Those outside are scores and lengths, which nobody chooses.
            Value::Number(text) if place.is_free => self.text(node, text, place),
            Value::Array(items) => items.iter().for_each(|item| self.node(item, place)),
            Value::Object(members) => {
                let is_account = node.get("homePage").is_some();
                for member in members {
                    if !number::numbers(&member.key).is_empty() {
                        self.note(member.start, true);
                    }
                    let key = &*member.key;
                    let identifies = IDENTIFYING.contains(&key) || (is_account && key == "name");
                    let is_free = place.is_free || matches!(key, "extensions" | "response");
                    let place = Where {
                        is_free,
                        identifies: identifies && !is_free,
                    };
                    self.node(&member.node, place);
                }
            }
            Value::Null | Value::Boolean(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, node: &Node<'_>, text: &str, place: Where) {
        let Cow::Owned(masked) = masked(text) else {
            return;
        };
        self.note(node.span.start, place.identifies);
        if !place.identifies {
            let mut quoted = String::with_capacity(masked.len() + 2);
            json::push_string(&mut quoted, &masked);
            self.found.masks.push(Edit::replace(node, quoted));
        }
    }

    fn note(&mut self, offset: usize, identifies: bool) {
        let path = masked(&self.root.path_to(offset)).into_owned();
        self.found.places.push(Place { path, identifies });
    }
}

/// Returns a text with its numbers masked.
fn masked(text: &str) -> Cow<'_, str> {
    let numbers = number::numbers(text);
    if numbers.is_empty() {
        return Cow::Borrowed(text);
    }
    let is_masked = |at: usize| numbers.iter().any(|number| number.contains(&at));
    let masked = text.char_indices().map(|(at, character)| {
        if character.is_ascii_digit() && is_masked(at) {
            MASK.to_owned()
        } else {
            character.to_string()
        }
    });
    Cow::Owned(masked.collect())
}
