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
            let methods = path.as_object().unwrap();
            let told: BTreeSet<String> = methods
                .values()
                .flat_map(|method| parameters(method, &document))
                .collect();
            let known: BTreeSet<String> = route.known.iter().map(ToString::to_string).collect();
            assert_eq!(told, known, "{}", route.path);
            let named: BTreeSet<String> = methods.keys().cloned().collect();
            let needed = route.needs.iter();
            let needed = needed.map(|(method, _)| method.to_lowercase());
            assert_eq!(named, needed.collect(), "{}", route.path);
            for (name, method) in methods {
                let answers = method["responses"].as_object().unwrap();
                let done = answers.keys().any(|status| status.starts_with('2'));
                assert!(done, "{name} {}", route.path);
                assert!(method["summary"].is_string() && method["operationId"].is_string());
            }
        }
    }

    /// Returns the names of a method's parameters in the query.
    fn parameters(method: &Value, document: &Value) -> Vec<String> {
        let parameters = method["parameters"].as_array().cloned().unwrap_or_default();
        let parameters = parameters.iter().map(|parameter| {
            let pointer = parameter["$ref"].as_str();
            let pointer = pointer.map(|reference| reference.trim_start_matches('#'));
            pointer.map_or(parameter, |pointer| {
                document.pointer(pointer).expect("a parameter")
            })
        });
        let parameters = parameters.filter(|parameter| parameter["in"] == "query");
        let names = parameters.map(|parameter| parameter["name"].as_str().expect("a name"));
        names.map(str::to_owned).collect()
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
