//! Forms that change something.

use crate::visit::Visit;

/// A form with the proof that a page of ours sent it.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) title: Option<&'static str>,
    pub(super) action: &'static str,
    pub(super) csrf: String,
    pub(super) fields: Vec<Field>,
    pub(super) button: &'static str,
}

impl Form {
    /// Makes a form that does something to what has a name, on a page that says what that means.
    pub(super) fn confirming(
        visit: &Visit,
        action: &'static str,
        name: &str,
        button: &'static str,
    ) -> Self {
        Self {
            title: None,
            action,
            csrf: visit.visitor.0.csrf.clone(),
            fields: vec![Field::hidden("name", name)],
            button,
        }
    }
}

/// A field of a form.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: Kind,
    pub(super) value: String,
    pub(super) hint: Option<&'static str>,
    pub(super) is_needed: bool,
}

/// What a field is filled in by.
#[derive(Debug)]
pub(super) enum Kind {
    /// A kind of input, by its HTML name.
    Input(&'static str),
    Hidden,
    /// One box.
    Check,
    /// A box for each of some words.
    Several(Vec<&'static str>),
    /// One of some values, each with its name.
    Choice(Vec<(&'static str, &'static str)>),
}

impl Field {
    pub(super) fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            name,
            label,
            kind,
            value: String::new(),
            hint: None,
            is_needed: false,
        }
    }

    pub(super) fn text(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Input("text"))
    }

    pub(super) fn hidden(name: &'static str, value: &str) -> Self {
        Self::new(name, "", Kind::Hidden).of(value)
    }

    pub(super) fn of(self, value: &str) -> Self {
        let value = value.to_owned();
        Self { value, ..self }
    }

    pub(super) fn hinted(self, hint: &'static str) -> Self {
        let hint = Some(hint);
        Self { hint, ..self }
    }

    pub(super) fn needed(self) -> Self {
        Self {
            is_needed: true,
            ..self
        }
    }
}
