//! Amounts side by side, on both sides of nothing: a bar for each.

use askama::Template;

use super::{About, BAR, RISE, WIDTH, clipped, length, place};

const BARS: (f64, f64) = (140.0, 300.0);
const LABEL_CHARS: usize = 20;
const ROW: f64 = 26.0;
/// Above the first bar.
const HEAD: f64 = 4.0;

/// Something that was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) label: String,
    /// `None` draws nothing.
    pub(crate) value: Option<f64>,
    /// The value, or that it is not shown.
    pub(crate) text: String,
}

#[derive(Debug, Template)]
#[template(path = "charts/bars.html")]
pub(crate) struct Bars {
    pub(crate) about: About,
    height: String,
    /// Where nothing is.
    zero: String,
    each: Vec<Bar>,
}

#[derive(Debug)]
struct Bar {
    label: String,
    text: String,
    y: String,
    top: String,
    /// Where it begins and how wide it is; `None` where nothing is drawn.
    drawn: Option<(String, String)>,
}

impl Bars {
    /// Draws amounts on one scale that has nothing on it; `None` where there are none.
    pub(crate) fn of(about: About, measured: &[Measured]) -> Option<Self> {
        let values = || measured.iter().filter_map(|one| one.value);
        let least = values().fold(0.0, f64::min);
        let most = values().fold(0.0, f64::max);
        let x = |value| {
            if least < most {
                place(value, (least, most), BARS)
            } else {
                BARS.0
            }
        };
        let mut y = HEAD;
        let each: Vec<_> = measured
            .iter()
            .map(|one| {
                let drawn = one.value.map(|value| {
                    let (from, to) = (x(value.min(0.0)), x(value.max(0.0)));
                    (length(from), length(to - from))
                });
                let bar = Bar {
                    label: clipped(&one.label, LABEL_CHARS),
                    text: one.text.clone(),
                    y: length(y + RISE),
                    top: length(y),
                    drawn,
                };
                y += ROW;
                bar
            })
            .collect();
        (!each.is_empty()).then(|| Self {
            about,
            height: length(y),
            zero: length(x(0.0)),
            each,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[Option<f64>]) -> (String, Vec<Option<(String, String)>>) {
        let about = About {
            id: "bars".to_owned(),
            title: "Change".to_owned(),
            description: "It fell.".to_owned(),
            as_table: "As a table",
            columns: Vec::new(),
            rows: Vec::new(),
        };
        let each = values.iter().map(|value| Measured {
            label: "A group".to_owned(),
            value: *value,
            text: "?".to_owned(),
        });
        let measured: Vec<_> = each.collect();
        let chart = Bars::of(about, &measured).expect("bars");
        assert!(chart.render().expect("a chart").contains("It fell."));
        let bars = chart.each.into_iter().map(|bar| bar.drawn);
        (chart.zero, bars.collect())
    }

    fn bar(from: &str, width: &str) -> (String, String) {
        (from.to_owned(), width.to_owned())
    }

    #[test]
    fn bars_leave_nothing_to_both_sides_as_far_as_the_scale_goes() {
        let (zero, bars) = drawn(&[Some(1.5), Some(-0.5), None, Some(0.0)]);
        assert_eq!(zero, "180.0");
        assert_eq!(
            bars,
            [
                Some(bar("180.0", "120.0")),
                Some(bar("140.0", "40.0")),
                None,
                Some(bar("180.0", "0.0"))
            ]
        );
    }

    #[test]
    fn what_is_all_above_nothing_begins_at_the_left_and_all_below_it_ends_at_the_right() {
        assert_eq!(
            drawn(&[Some(2.0), Some(1.0)]),
            (
                "140.0".to_owned(),
                vec![Some(bar("140.0", "160.0")), Some(bar("140.0", "80.0"))]
            )
        );
        assert_eq!(
            drawn(&[Some(-2.0), Some(-2.0)]),
            (
                "300.0".to_owned(),
                vec![Some(bar("140.0", "160.0")), Some(bar("140.0", "160.0"))]
            )
        );
        assert_eq!(
            drawn(&[Some(0.0), None]),
            ("140.0".to_owned(), vec![Some(bar("140.0", "0.0")), None])
        );
    }
}
