//! The style sheet, which is part of the program.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use varde_http::App;

const STYLE: &str = include_str!("../assets/varde.css");
/// The address changes with every version of the program, so a browser need not ask again.
const KEPT: &str = "public, max-age=31536000, immutable";
/// Where the style sheet stands.
pub(crate) const STYLE_PATH: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/varde.css");

pub(crate) fn routes() -> Router<App> {
    Router::new().route(STYLE_PATH, get(style))
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, KEPT),
    ];
    (headers, STYLE).into_response()
}
