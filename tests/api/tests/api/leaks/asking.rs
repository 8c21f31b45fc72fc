//! Asking as a caller, and what of an answer is compared.

use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{Answer, SECRET, World};
use varde_core::registers::PersonId;

use super::world::{PLANNING, escaped, id, state, statement};

/// Sends one of the requests of [`USE_CASES`](super::use_cases::USE_CASES) as a caller.
pub(crate) async fn ask(
    world: &World,
    projects: (&str, &str),
    caller: &str,
    request: &str,
) -> Answer {
    ask_with(world, projects, (caller, SECRET), request).await
}

/// Sends one of the requests as a caller with a secret.
pub(crate) async fn ask_with(
    world: &World,
    (own, other): (&str, &str),
    (caller, secret): (&str, &str),
    request: &str,
) -> Answer {
    let (method, target) = request.split_once(' ').expect("a method and a target");
    // What is sent with it, where the use case takes a shape of its own.
    let (target, body) = match target.split_once(" BODY ") {
        Some((target, body)) => (target, Some(body)),
        None => (target, None),
    };
    let body = body.map(|body| body.replace("OWN", own).replace("OTHER", other));
    let body = body.map(|body| serde_json::from_str::<Value>(&body).expect("JSON"));
    let target = target
        .replace("STATE", &state())
        .replace("PLANNING", PLANNING)
        .replace("OWN", own)
        .replace("OTHER", other)
        .replace("THEIRS", &id(other, 0))
        .replace("NEW", &id(own, 999));
    let call = |method, target: &str| world.call(method, &escaped(target)).by(caller, secret);
    let mut new = statement(own, 2, "attempted");
    new["id"] = json!(id(own, 999));
    match method {
        "MORE" => {
            let first = call(Method::GET, &target).send().await;
            match first
                .status
                .is_success()
                .then(|| first.json()["more"].clone())
            {
                Some(Value::String(more)) if !more.is_empty() => {
                    call(Method::GET, &more).send().await
                }
                _ => first,
            }
        }
        "GET" => call(Method::GET, &target).send().await,
        "DELETE" => call(Method::DELETE, &target).send().await,
        "POST" if target.contains("statements") => {
            new["id"] = json!(id(own, 998));
            call(Method::POST, &target).json(&new).send().await
        }
        "POST" if target.contains("imports") => {
            let table = "orgnr,role,date\n100000016,partner,2025-01-02\n";
            let call = call(Method::POST, &target);
            call.body("text/csv", table).send().await
        }
        "POST" => {
            call(Method::POST, &target)
                .json(&body.unwrap_or_else(|| json!({ "more": 1 })))
                .send()
                .await
        }
        "PUT" if target.contains("statements") => {
            call(Method::PUT, &target).json(&new).send().await
        }
        "PUT" => {
            call(Method::PUT, &target)
                .json(&body.unwrap_or_else(|| json!({ "new": 1 })))
                .send()
                .await
        }
        other => panic!("{other} is no method of this test"),
    }
}

/// Returns a table without its last columns, where they tell the instant of the answer.
fn without_instants(table: &str) -> String {
    let head = table.lines().next().unwrap_or_default();
    if !head.ends_with(",known_at,complete_through") {
        return table.to_owned();
    }
    let kept = table.lines().filter_map(|line| line.rsplitn(3, ',').nth(2));
    kept.collect::<Vec<_>>().join("\n")
}

/// Removes what only tells where in the log something stands: positions, rows of registers, the end of the
/// audit log, the sealed text of a link, the instant of an answer. The random ids of persons are others in every
/// world, and so is the order of what is sorted by them.
pub(super) fn plain(answer: &Answer) -> String {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["position", "rows", "next", "more", "request", "instance"] {
                    members.remove(name);
                }
                if members.contains_key("head") {
                    members.remove("last");
                    members.remove("head");
                }
                for instant in ["complete_through", "known_at"] {
                    members.remove(instant);
                }
                members.retain(|name, _| PersonId::parse(name).is_none());
                members.values_mut().for_each(strip);
                for sorted in ["keys", "corrections"] {
                    if let Some(Value::Array(items)) = members.get_mut(sorted) {
                        items.sort_by_key(ToString::to_string);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::String(text) if PersonId::parse(text).is_some() => *value = Value::Null,
            _ => {}
        }
    }
    let text = String::from_utf8_lossy(&answer.body);
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else {
        let parted = answer.header("content-type").contains("boundary");
        return if parted {
            String::new()
        } else {
            without_instants(&text)
        };
    };
    strip(&mut value);
    format!("{} {value}", answer.status)
}
