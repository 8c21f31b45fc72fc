//! National identity numbers in statements: where they are found, and what a mask leaves.

use proptest::prelude::*;
use varde_xapi::national_id::NationalIds;

/// Made for tests by Nav, see the numbers of `national_id::number`.
const NUMBER: &str = "13097248022";
/// From the Swedish tax agency's list of numbers for tests.
const SWEDISH: &str = "900804-2385";

fn paths(text: &str) -> Vec<(String, bool)> {
    let found = NationalIds::find(text);
    let places = found.iter().flat_map(NationalIds::places);
    places
        .map(|place| (place.path.clone(), place.identifies))
        .collect()
}

#[test]
fn a_number_is_found_wherever_a_sender_chooses_the_text() {
    let text = format!(
        r#"{{"actor":{{"name":"Kari {NUMBER}","mbox":"mailto:{NUMBER}@example.org"}},
        "verb":{{"id":"v:1","display":{{"nb":"{SWEDISH}"}}}},
        "object":{{"objectType":"SubStatement","actor":{{"account":{{"homePage":"https://example.org","name":"{NUMBER}"}}}},
            "object":{{"id":"https://example.org/{NUMBER}","definition":{{"description":{{"sv":"{SWEDISH}"}}}}}}}},
        "result":{{"response":"I am {SWEDISH}","extensions":{{"x:1":{{"list":[{NUMBER},"{SWEDISH}"]}},"x:{NUMBER}":1}}}},
        "context":{{"instructor":{{"openid":"https://example.org/{NUMBER}"}},"platform":"{SWEDISH}"}},
        "attachments":[{{"display":{{"nb":"{NUMBER}.pdf"}},"length":1712192390}}]}}"#
    );
    let expected = [
        ("$.actor.name", false),
        ("$.actor.mbox", true),
        ("$.verb.display.nb", false),
        ("$.object.actor.account.name", true),
        ("$.object.object.id", true),
        ("$.object.object.definition.description.sv", false),
        ("$.result.response", false),
        ("$.result.extensions[\"x:1\"].list[0]", false),
        ("$.result.extensions[\"x:1\"].list[1]", false),
        ("$.result.extensions[\"x:***********\"]", true),
        ("$.context.instructor.openid", true),
        ("$.context.platform", false),
        ("$.attachments[0].display.nb", false),
    ];
    let expected = expected.map(|(path, identifies)| (path.to_owned(), identifies));
    assert_eq!(paths(&text), expected);
}

#[test]
fn a_mask_leaves_all_but_the_digits() {
    let text = format!(
        r#"{{ "actor": {{"name":"Kari {NUMBER}"}}, "result":{{"response":"{SWEDISH}\n\u00e5{SWEDISH}",
        "extensions":{{"x:1":{NUMBER},"x:2":7}}}}}}"#
    );
    let expected = r#"{ "actor": {"name":"Kari ***********"}, "result":{"response":"******-****\u000aå******-****",
        "extensions":{"x:1":"***********","x:2":7}}}"#;
    let found = NationalIds::find(&text).expect("numbers");
    assert!(found.identifying().is_none());
    assert_eq!(found.masked(), expected);
    assert!(NationalIds::find(expected).is_none());
}

#[test]
fn a_statement_as_front_ends_send_them_holds_none() {
    let text = r#"{"id":"6f1a2b3c-4d5e-4f60-8a7b-195210092218","timestamp":"2026-01-01T12:00:00.900804Z",
        "actor":{"account":{"homePage":"https://moodle.example.org","name":"20386"}},
        "verb":{"id":"http://adlnet.gov/expapi/verbs/answered"},
        "object":{"id":"https://moodle.example.org/mod/quiz/view.php?id=1767225600"},
        "result":{"score":{"raw":1712192390},"response":"+47 912 34 567","duration":"PT1767225600S"},
        "context":{"registration":"0b0a5c3e-6f39-4b0e-9a51-130972480220","extensions":{"x:time":1767225600000}},
        "attachments":[{"sha2":"13097248022ddd3f0d9f3c3d9c0f5f7a3b1e8d6c4b2a09876543210fedcba987","length":13097248022}]}"#;
    assert_eq!(paths(text), []);
}

/// The check digits of a Norwegian number; `None` where there are none.
fn norwegian(nine: &[u32; 9]) -> Option<String> {
    let check = |digits: &[u32], weights: &[u32]| {
        let sum: u32 = digits.iter().zip(weights).map(|(a, b)| a * b).sum();
        match (11 - sum % 11) % 11 {
            10 => None,
            digit => Some(digit),
        }
    };
    let mut digits = nine.to_vec();
    digits.push(check(&digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2])?);
    digits.push(check(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])?);
    Some(digits.iter().map(ToString::to_string).collect())
}

fn digits_of(text: &str) -> Vec<u32> {
    text.chars()
        .filter_map(|digit| digit.to_digit(10))
        .collect()
}

/// The check digit of a Swedish number by the sum of the digits of the products.
fn swedish(nine: &str) -> String {
    let weighed = digits_of(nine).into_iter().zip([2, 1].into_iter().cycle());
    let sum: u32 = weighed
        .map(|(digit, weight)| (digit * weight) / 10 + (digit * weight) % 10)
        .sum();
    format!("{nine}{}", (10 - sum % 10) % 10)
}

proptest! {
    #[test]
    fn every_norwegian_number_of_the_last_century_is_found(
        (day, month, year) in (1_u32..=28, 1_u32..=12, 0_u32..=99),
        individual in 0_u32..=499,
        (is_d, synthetic) in (any::<bool>(), prop_oneof![Just(0), Just(40), Just(80)]),
    ) {
        let day = if is_d { day + 40 } else { day };
        let nine = format!("{day:02}{:02}{year:02}{individual:03}", month + synthetic);
        let nine: [u32; 9] = digits_of(&nine).try_into().expect("nine digits");
        if let Some(number) = norwegian(&nine) {
            let (date, rest) = number.split_at(6);
            for written in [number.clone(), format!("{date} {rest}"), format!("{date}-{rest}")] {
                let text = format!(r#"{{"x":"no. {written}!"}}"#);
                prop_assert_eq!(paths(&text).len(), 1, "{}", written);
                let masked = NationalIds::find(&text).expect("found").masked();
                prop_assert!(!masked.contains(|c: char| c.is_ascii_digit()));
            }
        }
    }

    #[test]
    fn every_swedish_number_is_found_in_each_way_it_is_written(
        (day, month, year) in (1_u32..=28, 1_u32..=12, 0_u32..=99),
        individual in 1_u32..=999,
        coordinates in any::<bool>(),
    ) {
        let day = if coordinates { day + 60 } else { day };
        let number = swedish(&format!("{year:02}{month:02}{day:02}{individual:03}"));
        let (date, rest) = number.split_at(6);
        for written in [
            number.clone(),
            format!("{date}-{rest}"),
            format!("{date}+{rest}"),
            format!("19{number}"),
            format!("19{date}-{rest}"),
        ] {
            prop_assert_eq!(paths(&format!(r#"{{"x":"{written}"}}"#)).len(), 1, "{}", written);
        }
    }

    #[test]
    fn no_uuid_and_no_instant_is_taken_for_a_number(bits in any::<u128>(), micros in 0_i64..4_000_000_000_000_000) {
        // With decimal digits only, which are the likeliest.
        let uuid = uuid::Uuid::from_u128(bits).to_string();
        let decimal: String = uuid.chars().map(|c| c.to_digit(16).map_or('-', |d| char::from(b'0' + (d % 10) as u8))).collect();
        let instant = jiff::Timestamp::from_microsecond(micros).expect("in range");
        let text = format!(r#"{{"id":"{decimal}","x":"{uuid}","timestamp":"{instant}","duration":"PT{micros}S"}}"#);
        prop_assert_eq!(paths(&text), []);
    }
}

#[test]
fn digits_by_chance_are_rarely_taken_for_a_number() {
    // A fixed walk through eleven and ten digits, as good as random.
    let (mut state, mut found) = (1_u64, [0_u32; 2]);
    for _ in 0..100_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let digits = format!("{:011}", (state >> 16) % 100_000_000_000);
        for (length, count) in [11, 10].into_iter().zip(&mut found) {
            let text = format!(r#"{{"x":"{}"}}"#, &digits[..length]);
            *count += u32::from(NationalIds::find(&text).is_some());
        }
    }
    // One of about 650, and one of about 140.
    assert!(found[0] < 200, "{} of 100,000", found[0]);
    assert!(found[1] < 1_000, "{} of 100,000", found[1]);
}
