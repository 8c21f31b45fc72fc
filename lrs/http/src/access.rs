//! Which requests there are, and what each needs: the table behind `docs/access.md`.

use varde_core::Need;

use crate::{api, xapi};

/// A method of a resource, and what it needs.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// Where the resource's surface stands: `/xapi` or `/api/v1`.
    pub base: &'static str,
    /// The path below that.
    pub path: &'static str,
    /// What the caller must be allowed, all of it; none where no credential is asked for.
    pub needs: &'static [Need],
}

/// The methods of a resource with what they need.
pub(crate) type Methods = &'static [(&'static str, &'static [Need])];

/// Returns the path, with `{…}` for what a client chooses, that a path is of.
pub(crate) fn route(
    mut paths: impl Iterator<Item = &'static str>,
    path: &str,
) -> Option<&'static str> {
    let is_of = |pattern: &&str| {
        let (mut segments, mut patterns) = (path.split('/'), pattern.split('/'));
        loop {
            match (segments.next(), patterns.next()) {
                (None, None) => return true,
                (Some(segment), Some(pattern)) if segment == pattern => {}
                (Some(_), Some(pattern)) if pattern.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    paths.find(is_of)
}

/// Returns every method of every resource, in the order of the surfaces.
pub fn endpoints() -> Vec<Endpoint> {
    let standard = xapi::METHODS
        .iter()
        .map(|(path, methods)| (xapi::BASE, *path, *methods));
    let each = standard.chain(api::methods().map(|(path, methods)| (api::BASE, path, methods)));
    let each = each.flat_map(|(base, path, methods)| {
        methods.iter().map(move |(method, needs)| Endpoint {
            method,
            base,
            path,
            needs,
        })
    });
    each.collect()
}
