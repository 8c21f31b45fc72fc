//! From before to after: a line for each group, steeper the more changed.

use askama::Template;

use super::{About, WIDTH, clipped, length, place};

/// Where lines begin and end.
const X: (f64, f64) = (64.0, 214.0);
const TOP: f64 = 42.0;
/// The least room that lines have from top to bottom.
const HEIGHT: f64 = 150.0;
/// The least from the baseline of a label to that of the next.
const LABEL: f64 = 17.0;
const NAME_CHARS: usize = 25;
/// From the middle of a line's end to the baseline of its label.
const SINK: f64 = 4.5;
/// How many ways there are to dash a line.
const DASHES: usize = 4;

/// What stands above the two ends.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) before: String,
    pub(crate) after: String,
}

/// A group with a value before and one after, each as a number and as a text.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) before: (f64, String),
    pub(crate) after: (f64, String),
}

#[derive(Debug, Template)]
#[template(path = "charts/slope.html")]
pub(crate) struct Slope {
    pub(crate) about: About,
    ends: Ends,
    height: String,
    bottom: String,
    lines: Vec<Drawn>,
    /// Values before, and those after with the groups that have them.
    before: Vec<Label>,
    after: Vec<Label>,
}

#[derive(Debug)]
struct Drawn {
    from: String,
    to: String,
    dash: usize,
}

#[derive(Debug)]
struct Label {
    y: String,
    text: String,
}

impl Slope {
    /// Draws groups on one scale, from the least to the greatest value; `None` where there is no group.
    pub(crate) fn of(about: About, ends: Ends, lines: &[Line]) -> Option<Self> {
        let values = || lines.iter().flat_map(|line| [line.before.0, line.after.0]);
        let least = values().reduce(f64::min)?;
        let most = values().reduce(f64::max)?;
        let room = lines.iter().map(|_| LABEL).sum::<f64>().max(HEIGHT);
        let bottom = TOP + room;
        let y = |value| place(value, (least, most), (bottom, TOP));
        let drawn = lines.iter().enumerate().map(|(n, line)| Drawn {
            from: length(y(line.before.0)),
            to: length(y(line.after.0)),
            dash: 1 + n % DASHES,
        });
        let before = lines
            .iter()
            .map(|line| (y(line.before.0), line.before.1.clone()));
        let after = lines.iter().map(|line| {
            let name = clipped(&line.name, NAME_CHARS);
            (y(line.after.0), format!("{} {name}", line.after.1))
        });
        Some(Self {
            about,
            ends,
            height: length(bottom + LABEL),
            bottom: length(bottom),
            lines: drawn.collect(),
            before: apart(before.collect(), bottom),
            after: apart(after.collect(), bottom),
        })
    }
}

/// Moves labels down, and then up where they would leave the bottom, until each two are far enough
/// apart to be read. One that says the same at the same place is written once.
fn apart(mut labels: Vec<(f64, String)>, bottom: f64) -> Vec<Label> {
    labels.sort_by(|(a, said), (b, also)| a.total_cmp(b).then_with(|| said.cmp(also)));
    labels.dedup();
    let mut least = f64::NEG_INFINITY;
    for (y, _) in &mut labels {
        *y = y.max(least);
        least = *y + LABEL;
    }
    let mut most = bottom;
    for (y, _) in labels.iter_mut().rev() {
        *y = y.min(most);
        most = *y - LABEL;
    }
    let labels = labels.into_iter().map(|(y, text)| Label {
        y: length(y + SINK),
        text,
    });
    labels.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slope(values: &[(f64, f64)]) -> Option<Slope> {
        let about = About {
            id: "change".to_owned(),
            title: "Before and after".to_owned(),
            description: "NO060 changed most.".to_owned(),
            as_table: "As a table",
            columns: Vec::new(),
            rows: Vec::new(),
        };
        let ends = Ends {
            before: "Before".to_owned(),
            after: "After".to_owned(),
        };
        let each = values.iter().zip(1..).map(|((before, after), n)| Line {
            name: format!("Group {n} with a name that is far too long"),
            before: (*before, before.to_string()),
            after: (*after, after.to_string()),
        });
        Slope::of(about, ends, &each.collect::<Vec<_>>())
    }

    fn ends(chart: &Slope) -> Vec<(&str, &str)> {
        let lines = chart.lines.iter();
        lines.map(|line| (&*line.from, &*line.to)).collect()
    }

    #[test]
    fn the_least_value_is_at_the_bottom_and_the_greatest_at_the_top() {
        let chart = slope(&[(1.0, 3.0), (2.0, 1.5)]).expect("lines");
        assert_eq!(ends(&chart), [("192.0", "42.0"), ("117.0", "154.5")]);
        assert_eq!(chart.bottom, "192.0");
        let label = &chart.after[0].text;
        assert!(
            label.starts_with("3 Group 1 with") && label.ends_with('…'),
            "{label}"
        );
    }

    #[test]
    fn one_group_that_did_not_change_lies_in_the_middle_and_none_draws_nothing() {
        let chart = slope(&[(2.0, 2.0)]).expect("a line");
        assert_eq!(ends(&chart), [("117.0", "117.0")]);
        assert!(slope(&[]).is_none());
    }

    #[test]
    fn labels_of_equal_values_are_written_once_or_apart_within_the_room() {
        let chart = slope(&[(1.0, 3.0), (1.0, 3.0), (1.0, 2.99)]).expect("lines");
        assert_eq!(
            chart.before.len(),
            1,
            "one value for all: {:?}",
            chart.before
        );
        let places = chart
            .after
            .iter()
            .map(|label| label.y.parse().expect("a number"));
        let places: Vec<f64> = places.collect();
        assert_eq!(places.len(), 3);
        assert!(
            places.is_sorted_by(|a, b| b - a > LABEL - 0.2),
            "{places:?}"
        );
        let crowded = slope(&[(3.0, 1.0), (3.0, 1.0), (3.0, 1.0)]).expect("lines");
        let lowest = crowded.after.last().expect("labels");
        assert_eq!(lowest.y, length(192.0 + SINK));
    }

    #[test]
    fn it_says_what_it_shows() {
        let chart = slope(&[(1.0, 3.0)]).expect("a line");
        let html = chart.render().expect("a chart");
        assert!(
            html.contains("<desc id=\"change-desc\">NO060 changed most.</desc>"),
            "{html}"
        );
        assert!(html.contains("role=\"img\" aria-labelledby=\"change-title change-desc\""));
        assert_eq!(html.matches("class=\"line dash-1\"").count(), 1);
    }
}
