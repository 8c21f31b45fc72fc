//! How deep a text is nested, told without reading it into a tree.

/// Returns where a text first goes deeper than so many levels of arrays and objects.
pub(crate) fn deeper_than(bytes: &[u8], levels_max: usize) -> Option<usize> {
    let (mut levels, mut in_string, mut is_escaped) = (0_usize, false, false);
    for (offset, byte) in bytes.iter().enumerate() {
        if is_escaped {
            is_escaped = false;
            continue;
        }
        match byte {
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' if levels == levels_max => return Some(offset),
            b'[' | b'{' => levels += 1,
            b']' | b'}' => levels = levels.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_are_no_levels_and_closed_ones_count_no_more() {
        for (text, levels_max, expected) in [
            ("[[1]]", 2, None),
            ("[[1]]", 1, Some(1)),
            ("[[],[],{}]", 2, None),
            (r#"["[[[", "\"[[", "\\"]"#, 1, None),
            (r#"["\\", [1]]"#, 1, Some(7)),
            ("1", 0, None),
            ("{}", 0, Some(0)),
            ("]]]][", 1, None),
        ] {
            assert_eq!(deeper_than(text.as_bytes(), levels_max), expected, "{text}");
        }
    }
}
