//! The known word that a mistyped one most likely stands for.

/// Returns the word nearest to the one found, where one is near: at most a third of its letters
/// (and at least one) inserted, left out or changed.
pub fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    const LETTERS_MAX: usize = 100;
    let found: Vec<char> = found.to_lowercase().chars().take(LETTERS_MAX).collect();
    let allowed = (found.len() / 3).max(1);
    let near = known.iter().map(|word| (distance(&found, word), *word));
    near.filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, word)| word)
}

/// Counts the letters to insert, leave out or change (Levenshtein).
fn distance(found: &[char], word: &str) -> usize {
    let mut row: Vec<usize> = (0..=found.len()).collect();
    for (n, letter) in word.to_lowercase().chars().enumerate() {
        let mut next = vec![n + 1];
        let mut left = n + 1;
        for (other, above) in found.iter().zip(row.windows(2)) {
            let &[diagonal, above] = above else { continue };
            let changed = diagonal + usize::from(*other != letter);
            left = changed.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_finds_none() {
        let known = ["levels", "match", "measure", "version"];
        for (found, expected) in [
            ("level", Some("levels")),
            ("lvels", Some("levels")),
            ("Measure", Some("measure")),
            ("verison", Some("version")),
            ("score", None),
            ("", None),
        ] {
            assert_eq!(nearest(found, &known), expected, "{found}");
        }
    }
}
