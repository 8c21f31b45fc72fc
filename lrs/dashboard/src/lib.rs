//! Varde's pages: what came in, what it counts for, and what is handed in, for people to open.
//!
//! - [`pages()`]: every page with its path, for [`varde_http::router()`].
//! - `pages`: a file per page: ask one use case, shape what its template shows.
//! - `visit`: who opens a page, and the frame that it stands in.
//! - `charts`: shapes from numbers, as SVG.
//! - `words`: what is said, in three languages side by side; `format`: numbers, days and instants.
//! - `csv_table`: tables as files.
//! - `sign_in`: signing in and out.
//!
//! Every page is whole without a script; there is none. A page computes nothing: each figure is a use case's
//! that `/api/v1` has too, and each filter stands in the address.

mod assets;
mod charts;
mod csv_table;
mod error;
mod format;
mod pages;
mod sign_in;
mod visit;
mod words;

use axum::Router;
use varde_http::App;
use varde_http::pages::Pages;

/// Returns the pages with their paths.
pub fn pages() -> Pages {
    let routes: Router<App> = pages::routes()
        .merge(sign_in::routes())
        .merge(assets::routes());
    Pages {
        routes,
        error: error::page,
    }
}
