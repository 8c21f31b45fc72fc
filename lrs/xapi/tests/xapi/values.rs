//! The plain values of the standard.

use std::cmp::Ordering;

use varde_xapi::{Duration, Family, Iri, LanguageTag, Number, Stored, Timestamp, parameter};

#[test]
fn timestamps_are_brought_to_utc_with_all_their_digits() {
    let cases = [
        ("2026-11-23T19:30:00Z", "2026-11-23T19:30:00.000Z"),
        ("2026-11-23T19:30:00.1Z", "2026-11-23T19:30:00.100Z"),
        (
            "2026-11-23T19:30:00.123456789012Z",
            "2026-11-23T19:30:00.123456789012Z",
        ),
        ("2026-11-23T19:30:00+01:00", "2026-11-23T18:30:00.000Z"),
        ("2026-11-23T19:30:00+01", "2026-11-23T18:30:00.000Z"),
        ("2026-01-01T00:30:00+0130", "2025-12-31T23:00:00.000Z"),
        ("2026-11-23t19:30:00z", "2026-11-23T19:30:00.000Z"),
        ("2026-11-23T19:30:00+00:00", "2026-11-23T19:30:00.000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
    ];
    for (sent, kept) in cases {
        for family in [Family::V1, Family::V2] {
            assert_eq!(
                Timestamp::parse_in(sent, family).map(|t| t.text),
                Ok(kept.to_owned())
            );
        }
    }
}

#[test]
fn malformed_timestamps_are_refused() {
    for text in [
        "",
        "2026-11-23",
        "2026-11-23T19:30Z",
        "2026-11-23T19:30:00-00",
        "2026-11-23T19:30:00-0000",
        "2026-11-23T19:30:00-00:00",
        "2026-11-23T24:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-11-23T19:60:00Z",
        "2026-11-23T19:30:61Z",
        "2026-11-23T19:30:00.Z",
        "2026-11-23T19:30:00,5Z",
        "2026-11-23T19:30:00+1:00",
        "2026-11-23T19:30:00+24:00",
        "2026-11-23T19:30:00+01:60",
        "2026-11-23T19:30:00Zx",
        "20261123T193000Z",
        "+002026-11-23T19:30:00Z",
        "0000-01-01T00:00:00+01:00",
        "2026-11-23T19:30:00\u{e9}",
        "20２6-11-23T19:30:00Z",
    ] {
        assert!(Timestamp::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_missing_zone_is_known_to_1_0_and_a_space_to_2_0() {
    let no_zone = "2026-11-23T19:30:00.5";
    assert!(Timestamp::parse_in(no_zone, Family::V1).is_ok());
    assert!(Timestamp::parse_in(no_zone, Family::V2).is_err());
    let space = "2026-11-23 19:30:00.5Z";
    assert!(Timestamp::parse_in(space, Family::V1).is_err());
    assert!(Timestamp::parse_in(space, Family::V2).is_ok());
}

#[test]
fn stored_has_six_digits_and_is_cut_downwards() {
    for (text, printed) in [
        ("2026-11-23T19:30:00.123456Z", "2026-11-23T19:30:00.123456Z"),
        (
            "2026-11-23T19:30:00.1234569Z",
            "2026-11-23T19:30:00.123456Z",
        ),
        ("2026-11-23T19:30:00Z", "2026-11-23T19:30:00.000000Z"),
        (
            "1969-12-31T23:59:59.9999999Z",
            "1969-12-31T23:59:59.999999Z",
        ),
        (
            "1969-12-31T23:59:58.0000001Z",
            "1969-12-31T23:59:58.000000Z",
        ),
    ] {
        assert_eq!(Stored::parse(text).unwrap().to_string(), printed);
    }
    let stored = Stored::parse("2026-11-23T19:30:00.123456Z").unwrap();
    assert_eq!(
        serde_json::to_string(&stored).unwrap(),
        "\"2026-11-23T19:30:00.123456Z\""
    );
    assert_eq!(
        serde_json::from_str::<Stored>("\"2026-11-23T19:30:00.123456Z\"").unwrap(),
        stored
    );
}

#[test]
fn durations_have_designators_in_order() {
    for text in [
        "P1Y",
        "P1Y2M3DT4H5M6.789S",
        "PT0S",
        "P2W",
        "P0.5Y",
        "PT1,5H",
        "P1DT0.1S",
        "PT1H0.12567S",
        "P1.5W",
    ] {
        assert!(Duration::parse(text).is_some(), "{text}");
    }
    for text in [
        "",
        "P",
        "PT",
        "P4W1D",
        "PA1H0M0S",
        "P0001-01-01T00:00:00",
        "-P1D",
        "+P1D",
        "P-1D",
        "P1",
        "PT1D",
        "P1H",
        "P1DT",
        "P1M1Y",
        "PT1S1M",
        "PT1.5H1M",
        "PT.5S",
        "PT1.S",
        "P1W1W",
        "p1d",
        "P1D ",
        "PW",
    ] {
        assert!(Duration::parse(text).is_none(), "{text}");
    }
}

#[test]
fn durations_are_compared_cut_to_the_hundredth() {
    let equal = |left, right| Duration::parse(left).unwrap() == Duration::parse(right).unwrap();
    for (left, right) in [
        ("PT1.239S", "PT1.23S"),
        ("P0DT1H", "PT1H"),
        ("PT01H", "PT1H"),
        ("PT0.001S", "P0D"),
        ("PT1.50H", "PT1,5H"),
    ] {
        assert!(equal(left, right), "{left} {right}");
    }
    for (left, right) in [("PT1.23S", "PT1.24S"), ("PT60S", "PT1M"), ("P1M", "PT1M")] {
        assert!(!equal(left, right), "{left} {right}");
    }
}

#[test]
fn numbers_are_compared_by_value() {
    let number = |text| Number::parse(text).unwrap();
    for (left, order, right) in [
        ("1", Ordering::Equal, "1.0"),
        ("100", Ordering::Equal, "1e2"),
        ("0", Ordering::Equal, "-0.0e5"),
        ("0.10", Ordering::Equal, "1E-1"),
        ("1", Ordering::Less, "2"),
        ("9", Ordering::Less, "10"),
        ("0.19", Ordering::Less, "0.2"),
        ("-2", Ordering::Less, "-1"),
        ("-1", Ordering::Less, "0"),
        ("0", Ordering::Less, "1e-999999999"),
        ("1e999999999", Ordering::Greater, "9e999999998"),
        ("0.1000000000000000000000001", Ordering::Greater, "0.1"),
    ] {
        assert_eq!(number(left).cmp(&number(right)), order, "{left} {right}");
        assert_eq!(
            number(left) == number(right),
            order == Ordering::Equal,
            "{left} {right}"
        );
    }
    assert_eq!(number("1.50").canonical(), "15e-1");
    assert_eq!(number("1.50").text(), "1.50");
    for text in [
        "",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "0x1",
        "NaN",
        "1e9999999999999999",
        "1 ",
    ] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn iris_are_absolute() {
    for text in [
        "http://example.org",
        "urn:x:y",
        "tag:example.org,2026:a",
        "http://eksempel.example/å?q#f",
        "a+b-c.d:e",
    ] {
        assert!(Iri::parse(text).is_some(), "{text}");
    }
    for text in [
        "",
        "relative",
        "/x",
        "//x",
        "1a:b",
        "http://exa mple.org",
        "a\u{0}b:c",
        "http://e/\"",
        ":x",
    ] {
        assert!(Iri::parse(text).is_none(), "{text}");
    }
}

#[test]
fn language_tags_are_well_formed() {
    for tag in [
        "de",
        "de-DE",
        "zh-Hant",
        "sr-Latn-RS",
        "es-MX",
        "cmn",
        "ase",
        "i-klingon",
        "x-priv",
        "en-a-bbb-x-a-a",
    ] {
        assert!(LanguageTag::parse(tag).is_some(), "{tag}");
    }
    for tag in [
        "a12345678",
        "something",
        "zh-z-aaa-z-bbb-c-ccc",
        "en_US",
        "",
        "-en",
        "en-",
    ] {
        assert!(LanguageTag::parse(tag).is_none(), "{tag}");
    }
}

#[test]
fn version_headers_choose_the_family() {
    for (text, family) in [
        ("1.0", Some(Family::V1)),
        ("1.0.0", Some(Family::V1)),
        ("1.0.32", Some(Family::V1)),
        ("2.0", Some(Family::V2)),
        ("2.0.7", Some(Family::V2)),
        ("0.95", None),
        ("1.1.0", None),
        ("2.1.0", None),
        ("1", None),
        ("1.0.", None),
        ("1.0.x", None),
        ("1.00", None),
        (" 1.0", None),
        ("", None),
    ] {
        assert_eq!(Family::from_header(text).ok(), family, "{text}");
    }
}

#[test]
fn parameters_are_read_as_in_a_statement() {
    assert!(parameter::agent("agent", r#"{"mbox":"mailto:a@example.org"}"#).is_ok());
    for text in [
        "true",
        "",
        "{",
        "{}",
        r#"{"objectType":"Group","mbox":"mailto:a@example.org"}"#,
        "\"x\"",
    ] {
        assert!(parameter::agent("agent", text).is_err(), "{text}");
    }
    let group = r#"{"objectType":"Group","mbox":"mailto:a@example.org"}"#;
    assert!(parameter::agent_or_group("agent", group).is_ok());
    let anonymous = r#"{"objectType":"Group","member":[{"mbox":"mailto:a@example.org"}]}"#;
    assert!(parameter::agent_or_group("agent", anonymous).is_err());
    let faults = parameter::agent("agent", r#"{"mbox":"x"}"#).unwrap_err();
    assert_eq!(faults.as_slice()[0].path, "agent.mbox");
    assert_eq!(faults.as_slice()[0].line, None);
    assert!(parameter::boolean("ascending", "True").is_err());
    assert_eq!(parameter::boolean("ascending", "true"), Ok(true));
    assert_eq!(parameter::limit("limit", "0"), Ok(0));
    assert_eq!(parameter::limit("limit", "99999999999999"), Ok(u32::MAX));
    for text in ["-1", "+1", "1.5", "", "x"] {
        assert!(parameter::limit("limit", text).is_err(), "{text}");
    }
    assert!(parameter::timestamp("since", "true").is_err());
    assert!(parameter::iri("verb", "attended").is_err());
    assert!(parameter::uuid("registration", "true").is_err());
    assert!(parameter::format("format", "IDS").is_err());
}
