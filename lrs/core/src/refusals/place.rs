//! Where a rule was broken, told without a name that the sender chose.
//!
//! A path can hold what a sender made up: the members of an extension, a misspelt property, a parameter. Any of
//! them may name somebody, and no pattern finds all that do. So only words stand in a note that the standard or
//! this server has; of any other name it tells the length.

/// The most characters of a place.
const CHARS_MAX: usize = 200;

/// The members of statements of the standard.
const MEMBERS: [&str; 63] = [
    "account",
    "actor",
    "agent",
    "attachments",
    "authority",
    "category",
    "choices",
    "completion",
    "contentType",
    "context",
    "contextActivities",
    "contextAgents",
    "contextGroups",
    "correctResponsesPattern",
    "definition",
    "description",
    "display",
    "duration",
    "extensions",
    "fileUrl",
    "group",
    "grouping",
    "homePage",
    "id",
    "instructor",
    "interactionType",
    "language",
    "length",
    "max",
    "mbox",
    "mbox_sha1sum",
    "member",
    "min",
    "moreInfo",
    "name",
    "object",
    "objectType",
    "openid",
    "other",
    "parent",
    "platform",
    "raw",
    "registration",
    "relevantTypes",
    "response",
    "result",
    "revision",
    "scale",
    "scaled",
    "score",
    "sha2",
    "source",
    "statement",
    "steps",
    "stored",
    "success",
    "target",
    "team",
    "timestamp",
    "type",
    "usageType",
    "verb",
    "version",
];

/// Parameters, headers and members of bodies that this server knows, and parameters that front ends add of
/// themselves: those of a launch, and those against caches.
const PARAMETERS: [&str; 83] = [
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "X-Experience-API-Version",
    "_",
    "activity",
    "activityId",
    "activity_id",
    "activity_platform",
    "after",
    "against",
    "as_of",
    "ascending",
    "auth",
    "body",
    "by",
    "cachebuster",
    "code",
    "cohort",
    "competence",
    "content",
    "content_endpoint",
    "content_token",
    "cursor",
    "dry_run",
    "endpoint",
    "example",
    "expires",
    "externalConfiguration",
    "externalRegistration",
    "fetch",
    "file",
    "format",
    "framework",
    "from",
    "key",
    "keys",
    "known_at",
    "level",
    "limit",
    "line",
    "method",
    "more",
    "national_ids",
    "nocache",
    "origins",
    "overlap_hours",
    "part headers",
    "partner",
    "password",
    "period",
    "person",
    "profileId",
    "project",
    "projects",
    "pseudonymise",
    "reads",
    "related_activities",
    "related_agents",
    "replace",
    "requests_per_minute",
    "role",
    "rule",
    "scheme",
    "scopes",
    "seconds",
    "secret",
    "set",
    "signature",
    "since",
    "space",
    "stateId",
    "statementId",
    "t",
    "tolerances",
    "until",
    "user",
    "value",
    "voidedStatementId",
];

/// Returns a path with the length of a name in the place of each that is nobody's word.
pub(super) fn told(path: &str) -> String {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (root, mut rest) = path.split_at(end);
    let mut told = if root == "$" || is_part(root) {
        root.to_owned()
    } else {
        word(root)
    };
    while let Some((step, behind)) = step(rest) {
        if told.chars().count() + step.chars().count() > CHARS_MAX {
            told.push('…');
            break;
        }
        told.push_str(&step);
        rest = behind;
    }
    told
}

/// Returns the next step of a path as it is told, and what is behind it; `None` at the end.
fn step(rest: &str) -> Option<(String, &str)> {
    if let Some(quoted) = rest.strip_prefix("[\"") {
        let end = end_of_quoted(quoted);
        let (name, behind) = quoted.split_at(end);
        let behind = behind.strip_prefix("\"]").unwrap_or_default();
        return Some((format!("[{}]", word(name)), behind));
    }
    if let Some(index) = rest.strip_prefix('[') {
        let (index, behind) = index.split_once(']').unwrap_or((index, ""));
        let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        let index = if is_index { index } else { "…" };
        return Some((format!("[{index}]"), behind));
    }
    let name = rest.strip_prefix('.').unwrap_or(rest);
    if name.is_empty() {
        return None;
    }
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (name, behind) = name.split_at(end);
    Some(if is_word(name) {
        (format!(".{name}"), behind)
    } else {
        (format!("[{}]", word(name)), behind)
    })
}

/// Returns where the quote of a name ends that is written as a JSON string.
fn end_of_quoted(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.unwrap_or(text.len())
}

fn word(name: &str) -> String {
    if is_word(name) {
        return name.to_owned();
    }
    match name.chars().count() {
        1 => "a name of 1 character".to_owned(),
        count => format!("a name of {count} characters"),
    }
}

fn is_word(name: &str) -> bool {
    MEMBERS.contains(&name) || PARAMETERS.contains(&name)
}

/// Tells whether a path is that of a part of a body, by its number.
fn is_part(root: &str) -> bool {
    let number = root.strip_prefix("part ");
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn words_of_the_standard_stand_and_names_of_the_sender_do_not() {
        for (path, expected) in [
            ("$", "$"),
            ("$[7].actor.mbox", "$[7].actor.mbox"),
            ("agent.account.homePage", "agent.account.homePage"),
            ("X-Experience-API-Version", "X-Experience-API-Version"),
            ("part 12", "part 12"),
            ("cachebuster", "cachebuster"),
            ("$.Kari", "$[a name of 4 characters]"),
            (
                "$.actor[\"Kari Nordmann\"]",
                "$.actor[a name of 13 characters]",
            ),
            (
                "$.result.extensions[\"https://x.no/kari@example.org\"].a",
                "$.result.extensions[a name of 29 characters][a name of 1 character]",
            ),
            (
                "$[\"a\\\"].actor.[\"].mbox",
                "$[a name of 12 characters].mbox",
            ),
            (
                "kari@example.org",
                "a name of 12 characters[a name of 3 characters]",
            ),
            ("$[kari]", "$[…]"),
            ("part kari", "a name of 9 characters"),
            ("", "a name of 0 characters"),
        ] {
            assert_eq!(told(path), expected, "{path}");
        }
    }

    #[test]
    fn a_place_is_bounded() {
        let deep = format!("$.result.extensions{}", ".id".repeat(5_000));
        let told = told(&deep);
        assert!(told.chars().count() <= 201, "{told}");
        assert!(told.ends_with('…'), "{told}");
    }
}
