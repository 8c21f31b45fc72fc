//! Charts as SVG, drawn here: whole without a script, told in words, with their numbers beneath.
//!
//! A chart is a template; a page prints it by `{{ chart|safe }}`. Every chart extends
//! `charts/chart.html`, which says what the chart shows ([`About`]) and draws what its own template
//! puts in. Shapes never carry a meaning by colour alone: what is compared is labelled where it
//! stands, and steps of a series differ in lightness, so that print and greyscale keep them apart.
//!
//! Lengths are in the units of the view box, which is [`WIDTH`] wide: at 360 pixels and on a wide
//! screen its letters stay readable.

mod bars;
mod columns;
mod distribution;
mod scale;
mod slope;
mod stacked;
mod timeline;

pub(crate) use bars::{Bars, Measured};
pub(crate) use columns::{Column, Columns, Spark};
pub(crate) use distribution::{Cell, Distribution, Sorted};
pub(crate) use scale::Scale;
pub(crate) use slope::{Ends, Line, Slope};
pub(crate) use stacked::{Part, Stacked};
pub(crate) use timeline::{Point, Timeline};

/// How wide every chart is.
pub(crate) const WIDTH: f64 = 420.0;
/// Where shapes begin, behind the numbers of the axis.
pub(crate) const LEFT: f64 = 46.0;
/// Where shapes end.
pub(crate) const RIGHT: f64 = 408.0;

/// How thick a bar is, with its label beside it.
const BAR: f64 = 16.0;
/// From the top of a bar to the baseline of the text beside it.
const RISE: f64 = 12.5;

/// What a chart says of itself beside its shapes.
#[derive(Debug)]
pub(crate) struct About {
    /// Tells it from the other charts of the page.
    pub(crate) id: String,
    /// What it shows, with n and date.
    pub(crate) title: String,
    /// What is to be seen, in a sentence, for who does not see the shapes.
    pub(crate) description: String,
    /// What leads to the table.
    pub(crate) as_table: &'static str,
    /// The heads of the table's columns.
    pub(crate) columns: Vec<String>,
    /// The rows of the table; the first cell of each names it.
    pub(crate) rows: Vec<Vec<String>>,
}

/// Writes a length as attributes have it: a tenth of a unit is finer than anybody sees.
pub(crate) fn length(units: f64) -> String {
    format!("{units:.1}")
}

/// Returns where a value stands between two places; in the middle where all values are one.
fn place(value: f64, (least, most): (f64, f64), (from, to): (f64, f64)) -> f64 {
    let span = most - least;
    if span > 0.0 {
        from + (value - least) / span * (to - from)
    } else {
        f64::midpoint(from, to)
    }
}

/// Shortens a text to as many characters as there is room for; the table has the whole.
fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A line of the scale with its number.
#[derive(Debug)]
pub(crate) struct Tick {
    pub(crate) at: String,
    pub(crate) label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_between_the_ends_and_equal_ones_in_the_middle() {
        let ends = (100.0, 20.0);
        assert_eq!(length(place(1.0, (1.0, 5.0), ends)), "100.0");
        assert_eq!(length(place(5.0, (1.0, 5.0), ends)), "20.0");
        assert_eq!(length(place(2.0, (1.0, 5.0), ends)), "80.0");
        assert_eq!(length(place(3.0, (3.0, 3.0), ends)), "60.0");
    }

    #[test]
    fn a_long_text_is_shortened_between_characters() {
        assert_eq!(clipped("Ålesund", 7), "Ålesund");
        assert_eq!(clipped("Ålesund", 5), "Åles…");
        assert_eq!(clipped("To be", 4), "To…");
    }
}
