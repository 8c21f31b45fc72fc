//! Which languages a reader prefers, and which of those on offer fits best (RFC 4647).

/// The most ranges of one header that are looked at.
const RANGES_MAX: usize = 64;

/// One language range of an `Accept-Language` header, its quality above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageRange {
    /// The range: a language tag or the start of one, or `*`.
    pub range: String,
    /// The quality in thousandths, 1 to 1000.
    pub quality: u16,
}

/// Reads an `Accept-Language` header, the most wanted range first (RFC 9110 12.5.4).
///
/// Malformed and unwanted (`q=0`) ranges are passed over, as are those after the 64th.
pub fn accept_language(header: &str) -> Vec<LanguageRange> {
    let mut ranges: Vec<_> = header
        .split(',')
        .take(RANGES_MAX)
        .filter_map(range)
        .collect();
    // The sort is stable: of equal qualities, the one named first stays first.
    ranges.sort_by_key(|range| std::cmp::Reverse(range.quality));
    ranges
}

fn range(text: &str) -> Option<LanguageRange> {
    let (range, weight) = text.split_once(';').unwrap_or((text, "q=1"));
    let range = range.trim();
    let named = !range.is_empty()
        && range
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'*');
    let quality = quality(weight.trim())?;
    (named && quality > 0).then(|| LanguageRange {
        range: range.to_owned(),
        quality,
    })
}

/// Reads `q=` and a number from 0 to 1 with at most three fraction digits.
fn quality(weight: &str) -> Option<u16> {
    let value = weight
        .strip_prefix("q=")
        .or_else(|| weight.strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// Returns the index of the tag that fits the ranges best; `None` only when there are no tags.
///
/// RFC 4647 3.4 lookup: a range loses subtags from its end until a tag equals it. When no range
/// finds one, a tag that a range begins is taken, then `und`, then the first.
pub fn lookup<T: AsRef<str>>(ranges: &[LanguageRange], tags: &[T]) -> Option<usize> {
    let position = |wanted: &dyn Fn(&str) -> bool| tags.iter().position(|tag| wanted(tag.as_ref()));
    let specific = || {
        ranges
            .iter()
            .map(|range| range.range.as_str())
            .filter(|range| *range != "*")
    };
    let looked_up = specific().find_map(|range| {
        truncations(range).find_map(|part| position(&|tag| tag.eq_ignore_ascii_case(part)))
    });
    let filtered = || specific().find_map(|range| position(&|tag| begins(range, tag)));
    let default = || position(&|tag| tag.eq_ignore_ascii_case("und"));
    looked_up
        .or_else(filtered)
        .or_else(default)
        .or(if tags.is_empty() { None } else { Some(0) })
}

/// Iterates over a range and what is left as subtags fall off its end.
fn truncations(range: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(range), |part| {
        let (rest, _) = part.rsplit_once('-')?;
        // A singleton only introduces what follows it, so it falls off too.
        match rest.rsplit_once('-') {
            Some((before, last)) if last.len() == 1 => Some(before),
            _ => Some(rest),
        }
    })
}

fn begins(range: &str, tag: &str) -> bool {
    let (head, rest) = tag.split_at_checked(range.len()).unwrap_or_default();
    !range.is_empty() && head.eq_ignore_ascii_case(range) && rest.starts_with('-')
}
