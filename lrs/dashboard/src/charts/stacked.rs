//! What a whole is made of: one bar, its parts side by side.

use askama::Template;

use super::{About, WIDTH, length};

const HEIGHT: f64 = 62.0;
/// The most parts that are told apart; the smallest of more stand together.
const PARTS_MAX: usize = 7;
/// How wide a letter is, about.
const LETTER: f64 = 6.4;

/// A part of the whole.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// What it is, as it is read.
    pub(crate) name: String,
    pub(crate) amount: f64,
    /// The amount, as it is read.
    pub(crate) said: String,
}

/// A part as it is drawn.
#[derive(Debug)]
struct Drawn {
    x: String,
    width: String,
    /// Which of the eight steps from light to dark.
    step: usize,
    /// Where its name stands, and what of it has room.
    middle: String,
    name: Option<String>,
    said: Option<String>,
}

/// The chart: the largest part first and darkest, each labelled where there is room; all are in the table.
#[derive(Debug, Template)]
#[template(path = "charts/stacked.html")]
pub(crate) struct Stacked {
    about: About,
    parts: Vec<Drawn>,
}

impl Stacked {
    /// Draws the parts of a whole, the largest first; what is nothing is not drawn. `rest` names those that
    /// stand together.
    pub(crate) fn new(about: About, parts: Vec<Part>, rest: &str) -> Self {
        let parts = gathered(parts, rest);
        let whole: f64 = parts.iter().map(|part| part.amount).sum();
        let mut x = 0.0;
        let drawn = parts.iter().zip((1..=8_usize).rev()).map(|(part, step)| {
            let width = part.amount / whole * WIDTH;
            let fits = |text: &String| {
                let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                (f64::from(letters) * LETTER <= width).then(|| text.clone())
            };
            let drawn = Drawn {
                x: length(x),
                width: length(width),
                step,
                middle: length(x + width / 2.0),
                name: fits(&part.name),
                said: fits(&part.said),
            };
            x += width;
            drawn
        });
        Self {
            parts: drawn.collect(),
            about,
        }
    }
}

/// Returns the parts by size, the smallest of many as one.
fn gathered(mut parts: Vec<Part>, rest: &str) -> Vec<Part> {
    parts.retain(|part| part.amount > 0.0);
    parts.sort_by(|one, other| other.amount.total_cmp(&one.amount));
    if parts.len() > PARTS_MAX {
        let small = parts.split_off(PARTS_MAX - 1);
        parts.push(Part {
            name: rest.to_owned(),
            amount: small.iter().map(|part| part.amount).sum(),
            said: String::new(),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About {
            id: "parts".to_owned(),
            title: "By country".to_owned(),
            description: "Most are from NO.".to_owned(),
            as_table: "As a table",
            columns: vec!["Country".to_owned(), "Value".to_owned()],
            rows: Vec::new(),
        }
    }

    fn part(name: &str, amount: u32) -> Part {
        Part {
            name: name.to_owned(),
            amount: amount.into(),
            said: amount.to_string(),
        }
    }

    #[test]
    fn parts_stand_side_by_side_the_largest_first_and_darkest() {
        let chart = Stacked::new(about(), vec![part("SE", 10), part("NO", 30)], "others");
        let drawn = chart.parts.iter();
        let places: Vec<_> = drawn
            .map(|part| (part.x.as_str(), part.width.as_str(), part.step))
            .collect();
        assert_eq!(places, [("0.0", "315.0", 8), ("315.0", "105.0", 7)]);
        assert_eq!(chart.parts[0].name.as_deref(), Some("NO"));
    }

    #[test]
    fn what_has_no_room_is_in_the_table_only_and_many_small_ones_stand_together() {
        let many = (1..=20).map(|n| part("a rather long name of a scheme", n));
        let chart = Stacked::new(about(), many.collect(), "others");
        assert_eq!(chart.parts.len(), PARTS_MAX);
        assert_eq!(chart.parts[0].name, None);
        assert_eq!(chart.parts[PARTS_MAX - 1].name.as_deref(), Some("others"));
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let chart = Stacked::new(about(), vec![part("NO", 0)], "others");
        assert!(chart.parts.is_empty());
        assert!(!chart.render().unwrap().contains("NaN"));
    }
}
