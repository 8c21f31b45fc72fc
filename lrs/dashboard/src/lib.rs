//! Varde's pages: what came in, what it counts for, and what is handed in, for people to open.
//!
//! - [`pages()`]: every page with its path, for [`varde_http::router()`].
//! - `pages`: a file per page: ask one use case, shape what its template shows.
//! - `visit`: who opens a page, and the frame that it stands in.
//! - `charts`: shapes from numbers, as SVG.
//! - `words`: what is said, in three languages side by side; `format`: numbers, days and instants.
//! - `sign_in`: signing in and out.
//! - [`Works`]: what takes longer than a page, and goes on when that is left.
//!
//! Every page is whole without a script; there is none. A page computes nothing: each figure is a use case's
//! that `/api/v1` has too, and each filter stands in the address.

mod assets;
mod charts;
mod error;
mod export;
mod format;
mod pages;
mod sign_in;
mod visit;
mod words;
mod work;

use axum::{Extension, Router};
use varde_http::App;
use varde_http::pages::Pages;

pub use work::Works;

/// Returns the pages with their paths. Who stops serving them lets the works finish.
pub fn pages(works: &Works) -> Pages {
    let routes: Router<App> = pages::routes()
        .merge(sign_in::routes())
        .merge(work::routes())
        .merge(assets::routes())
        .layer(Extension(works.clone()));
    Pages {
        routes,
        error: error::page,
        policy: visit::POLICY,
    }
}
