//! Media types, as attachments and parts name them.

/// Tells whether a text is a media type: `type/subtype` and parameters (RFC 9110 8.3.1).
pub fn is_media_type(text: &str) -> bool {
    let mut pieces = unquoted_pieces(text).into_iter();
    let essence = pieces.next().and_then(|piece| piece.trim().split_once('/'));
    let named = essence.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    named && pieces.all(is_parameter)
}

/// Returns `type/subtype` in lower case, without parameters.
pub fn essence(text: &str) -> String {
    text.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Returns the value of a parameter, without its quotes; the name in any letter case.
pub fn parameter(text: &str, name: &str) -> Option<String> {
    let pieces = unquoted_pieces(text).into_iter().skip(1);
    let mut pairs = pieces.filter_map(|piece| piece.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    let value = value.trim();
    match value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(quoted) => Some(unescaped(quoted)),
        None => Some(value.to_owned()),
    }
}

fn unescaped(quoted: &str) -> String {
    let mut escaped = false;
    let mut keep = |character: char| {
        escaped = character == '\\' && !escaped;
        !escaped
    };
    quoted
        .chars()
        .filter(|character| keep(*character))
        .collect()
}

/// Splits at semicolons that stand outside quotes.
fn unquoted_pieces(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|character| {
        let separates = character == ';' && !quoted;
        quoted ^= character == '"' && !escaped;
        escaped = character == '\\' && quoted && !escaped;
        separates
    })
    .collect()
}

fn is_parameter(piece: &str) -> bool {
    let piece = piece.trim();
    // RFC 9110 5.6.6 lets a semicolon stand without a parameter.
    piece.is_empty()
        || piece
            .split_once('=')
            .is_some_and(|(name, value)| is_token(name) && is_value(value))
}

fn is_value(value: &str) -> bool {
    let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
    is_token(value) || (quoted && !value.chars().any(|c| c.is_control() && c != '\t'))
}

fn is_token(text: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(token)
}
