//! How many there were on each of some days.

use askama::Template;

use super::{About, LEFT, RIGHT, Scale, Tick, WIDTH, length};

const HEIGHT: f64 = 190.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 158.0;
/// How much of its place a column takes.
const SHARE: f64 = 0.8;

/// How many there were at a time.
#[derive(Debug)]
pub(crate) struct Column {
    /// When, as it stands beneath the axis.
    pub(crate) when: String,
    /// How many.
    pub(crate) count: u64,
}

/// A shape.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
}

/// The chart: a column for each time, in their order.
#[derive(Debug, Template)]
#[template(path = "charts/columns.html")]
pub(crate) struct Columns {
    about: About,
    lines: Vec<Tick>,
    /// The first, the middle and the last time.
    times: Vec<Tick>,
    bars: Vec<Bar>,
}

impl Columns {
    /// Draws columns in the order of time.
    pub(crate) fn new(about: About, columns: &[Column], number: impl Fn(u64) -> String) -> Self {
        let counts: Vec<f64> = columns.iter().map(|column| amount(column.count)).collect();
        let largest = counts.iter().copied().fold(0.0, f64::max);
        let scale = Scale::whole(largest, (BOTTOM, TOP));
        let lines = scale.lines().into_iter().map(|line| Tick {
            at: length(scale.at(line)),
            label: number(whole(line)),
        });
        Self {
            about,
            lines: lines.collect(),
            times: times(columns),
            bars: bars(&counts, scale, (LEFT, RIGHT), BOTTOM),
        }
    }
}

/// A small chart within a row of a table, whose numbers stand beside it.
#[derive(Debug, Template)]
#[template(path = "charts/spark.html")]
pub(crate) struct Spark {
    /// What is to be seen, for who does not see the shapes.
    about: String,
    bars: Vec<Bar>,
}

impl Spark {
    /// Draws columns in the order of time, 100 units wide and 24 high.
    pub(crate) fn new(about: String, counts: &[u64]) -> Self {
        let counts: Vec<f64> = counts.iter().map(|count| amount(*count)).collect();
        let largest = counts.iter().copied().fold(0.0, f64::max);
        let scale = Scale::new(largest, (24.0, 0.0));
        Self {
            about,
            bars: bars(&counts, scale, (0.0, 100.0), 24.0),
        }
    }
}

/// Returns the shapes of columns; there is none where nothing was.
fn bars(counts: &[f64], scale: Scale, (left, right): (f64, f64), bottom: f64) -> Vec<Bar> {
    let place = (right - left) / of(counts.len().max(1));
    let shapes = counts.iter().enumerate().filter(|(_, count)| **count > 0.0);
    let shapes = shapes.map(|(at, count)| {
        let top = scale.at(*count);
        Bar {
            x: length(left + place * (of(at) + (1.0 - SHARE) / 2.0)),
            y: length(top),
            width: format!("{:.2}", place * SHARE),
            height: length(bottom - top),
        }
    });
    shapes.collect()
}

fn times(columns: &[Column]) -> Vec<Tick> {
    let count = columns.len();
    let shown = match count {
        0 => vec![],
        1 | 2 => (0..count).collect(),
        _ => vec![0, count / 2, count - 1],
    };
    let place = (RIGHT - LEFT) / of(count.max(1));
    let ticks = shown.into_iter().filter_map(|at| {
        Some(Tick {
            at: length(LEFT + place * (of(at) + 0.5)),
            label: columns.get(at)?.when.clone(),
        })
    });
    ticks.collect()
}

/// More than four thousand millions are drawn as if they were that many.
fn amount(count: u64) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

fn of(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// Returns the number of a line, which is whole.
fn whole(line: f64) -> u64 {
    format!("{line:.0}").parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(counts: &[u64]) -> Columns {
        let about = About {
            id: "days".to_owned(),
            title: "What came in".to_owned(),
            description: "Most on the last day.".to_owned(),
            as_table: "As a table",
            columns: vec!["Day".to_owned(), "Statements".to_owned()],
            rows: vec![vec!["<May>".to_owned(), "3".to_owned()]],
        };
        let columns: Vec<Column> = (0..)
            .zip(counts)
            .map(|(at, count)| Column {
                when: format!("day {at}"),
                count: *count,
            })
            .collect();
        Columns::new(about, &columns, |number| number.to_string())
    }

    #[test]
    fn a_column_is_as_high_as_there_were_and_a_day_without_has_none() {
        let chart = chart(&[0, 5, 10, 0]);
        let heights: Vec<_> = chart.bars.iter().map(|bar| bar.height.as_str()).collect();
        assert_eq!(heights, ["72.0", "144.0"]);
        assert_eq!(chart.times.len(), 3);
        assert_eq!(
            chart.lines.last().map(|tick| tick.label.as_str()),
            Some("10")
        );
    }

    #[test]
    fn columns_stay_within_the_chart_however_many_they_are() {
        for count in [1, 2, 30, 366] {
            for bar in chart(&vec![u64::MAX; count]).bars {
                let number = |text: &str| text.parse::<f64>().unwrap();
                let (x, width) = (number(&bar.x), number(&bar.width));
                assert!(
                    x >= LEFT - 0.1 && x + width <= RIGHT + 0.1,
                    "{count} {bar:?}"
                );
                assert!(
                    width > 0.0 && number(&bar.y) >= TOP - 0.1,
                    "{count} {bar:?}"
                );
            }
        }
        assert!(chart(&[]).render().unwrap().contains("<desc"));
    }

    #[test]
    fn a_small_one_says_what_it_shows() {
        let html = Spark::new("most on <Monday>".to_owned(), &[1, 0, 2]);
        let html = html.render().unwrap();
        assert!(
            html.contains("aria-label=\"most on &#60;Monday&#62;\""),
            "{html}"
        );
        assert_eq!(html.matches("<rect").count(), 2);
    }
}
