//! Scales: where on a chart an amount stands.

/// About how many lines a scale has above its zero.
const STEPS: f64 = 4.0;

/// An even scale from zero to a round number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Where zero is drawn.
    zero: f64,
    /// Where the round number is drawn.
    end: f64,
    most: f64,
    step: f64,
}

impl Scale {
    /// Returns the scale on which the largest amount has room, from one place to another. Nothing,
    /// and what is no number, has room on a scale to 1.
    pub(crate) fn new(largest: f64, (zero, end): (f64, f64)) -> Self {
        let largest = if largest.is_finite() && largest > 0.0 {
            largest
        } else {
            1.0
        };
        let step = round_up(largest / STEPS);
        Self {
            zero,
            end,
            most: (largest / step).ceil() * step,
            step,
        }
    }

    /// Returns the same with lines at whole numbers only, for what is counted.
    pub(crate) fn whole(largest: f64, ends: (f64, f64)) -> Self {
        let scale = Self::new(largest, ends);
        if scale.step >= 1.0 {
            return scale;
        }
        Self {
            most: scale.most.ceil().max(1.0),
            step: 1.0,
            ..scale
        }
    }

    /// Returns where an amount stands; what is beyond the scale stands at its end.
    pub(crate) fn at(&self, amount: f64) -> f64 {
        let share = (amount / self.most).clamp(0.0, 1.0);
        self.zero + share * (self.end - self.zero)
    }

    /// Returns the amounts that have a line, zero among them.
    pub(crate) fn lines(&self) -> Vec<f64> {
        let mut lines = vec![0.0];
        let mut line = self.step;
        while line <= self.most + self.step / 2.0 {
            lines.push(line);
            line += self.step;
        }
        lines
    }
}

/// Returns the next of 1, 2, 5, 10, 20, 50 …
fn round_up(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * power);
    // A hair less than a step is that step.
    let fits = steps.into_iter().find(|step| *step * 1.000_001 >= least);
    fits.unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6
    }

    #[test]
    fn a_scale_ends_at_a_round_number_above_the_largest() {
        for (largest, most, lines) in [
            (48.0, 60.0, 4),
            (1.0, 1.0, 3),
            (100.0, 100.0, 3),
            (0.04, 0.04, 5),
            (38_655.0, 40_000.0, 5),
        ] {
            let scale = Scale::new(largest, (0.0, 1.0));
            assert!(is_near(scale.most, most), "{largest}: {}", scale.most);
            assert_eq!(scale.lines().len(), lines, "{largest}");
        }
    }

    #[test]
    fn what_is_counted_has_lines_at_whole_numbers() {
        assert_eq!(Scale::whole(3.0, (0.0, 1.0)).lines(), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(Scale::whole(0.0, (0.0, 1.0)).lines(), [0.0, 1.0]);
    }

    #[test]
    fn amounts_stand_between_the_ends() {
        let scale = Scale::new(100.0, (200.0, 50.0));
        assert!(is_near(scale.at(0.0), 200.0));
        assert!(is_near(scale.at(75.0), 87.5));
        assert!(is_near(scale.at(1_000.0), 50.0));
        assert!(is_near(scale.at(-5.0), 200.0));
        for odd in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
            assert!(is_near(Scale::new(odd, (0.0, 10.0)).at(1.0), 10.0), "{odd}");
        }
    }
}
