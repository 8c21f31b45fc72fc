//! `openapi.json`: what there is under `/api/v1`, as a document of `OpenAPI` 3.1.

use axum::http::header;
use axum::response::IntoResponse;

/// The document. A test compares its paths and parameters with the routes.
const DOCUMENT: &str = include_str!("openapi.json");

/// Returns the document. It tells of the program only, so nobody has to sign in for it.
pub(super) async fn get() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::DOCUMENT;
    use crate::api::{BASE, ROUTES};

    #[test]
    fn every_route_is_in_the_document_with_its_parameters_and_nothing_else_is() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let told: BTreeSet<String> = paths.keys().cloned().collect();
        let routes: BTreeSet<String> = ROUTES
            .iter()
            .map(|route| format!("{BASE}{}", route.path))
            .collect();
        assert_eq!(told, routes);
        for route in ROUTES {
            let path = &document["paths"][format!("{BASE}{}", route.path)];
            let get = path.get("get").unwrap_or(&path["post"]);
            let parameters = get["parameters"].as_array().cloned().unwrap_or_default();
            let told: BTreeSet<String> = parameters
                .iter()
                .filter(|parameter| parameter["in"] != "path")
                .map(|parameter| {
                    let name = parameter["$ref"].as_str().map(|reference| {
                        let pointer = reference.trim_start_matches('#');
                        document.pointer(pointer).expect("a parameter")["name"].clone()
                    });
                    let name = name.unwrap_or_else(|| parameter["name"].clone());
                    name.as_str().expect("a name").to_owned()
                })
                .collect();
            let known: BTreeSet<String> = route.known.iter().map(ToString::to_string).collect();
            assert_eq!(told, known, "{}", route.path);
            let answers = get["responses"].as_object().unwrap();
            assert!(answers.contains_key("200"), "{}", route.path);
            assert!(get["summary"].is_string() && get["operationId"].is_string());
        }
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        fn walk(value: &Value, document: &Value) {
            match value {
                Value::Object(members) => {
                    if let Some(Value::String(reference)) = members.get("$ref") {
                        let pointer = reference.trim_start_matches('#');
                        assert!(document.pointer(pointer).is_some(), "{reference}");
                    }
                    members.values().for_each(|value| walk(value, document));
                }
                Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
                _ => {}
            }
        }
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        walk(&document, &document);
    }
}
