//! The page that lists each request against each role and each scope.

use std::fmt::Write as _;

use varde_core::{Caller, Need, Role, Scope};
use varde_http::{Endpoint, endpoints};
use varde_test_support::caller;

/// The page, from the root of the repository.
pub const PAGE: &str = "docs/access.md";

const HEAD: &str = "# Access

Who may do what over HTTP. `cargo run -p varde-api-tests` writes this page from the code; a test fails
while it is out of date, and another sends every request as everybody in these tables and compares what
becomes of it, in two projects and for two partners.

A credential is let in where one of its scopes allows the request and, for a person, the role does not
stand against it. What it is then told depends on its projects, its space and its partner: see
[commands](commands.md#varde-key-create). A [session token](front-ends.md#in-a-learners-browser) is further
bound to one learner in one activity.

";

const ROLES: &str = "\n## Roles

A person's key with the scopes that go with its role: `all` for `administrator` and `data-steward`,
`all/read` for the others. `yes` means that the request is done, as far as it asks for what is the
caller's; every other request is answered with 403.

";

const SCOPES: &str = "\n## Scopes

A machine's key, which has no role, with one scope; the last column is a session token.

";

/// Somebody of a table: a column's head and a caller.
#[derive(Debug, Clone)]
pub struct Column {
    /// The head of the column.
    pub name: &'static str,
    /// Who asks.
    pub caller: Caller,
}

impl Column {
    /// Tells whether the tables say that the caller may send a request.
    pub fn may(&self, endpoint: &Endpoint) -> bool {
        let may = |need: &Need| self.caller.may(*need).is_ok();
        endpoint.needs.iter().all(may)
    }
}

/// Returns each role with its own scopes.
pub fn roles() -> Vec<Column> {
    let of = |role: Role| Column {
        name: role.name(),
        caller: Caller {
            role: Some(role),
            ..caller("sing", role.default_scopes())
        },
    };
    Role::EACH.map(of).into()
}

/// The scopes of a session token.
pub const OF_A_SESSION: [Scope; 3] = [
    Scope::StatementsWrite,
    Scope::StatementsReadMine,
    Scope::State,
];

/// Returns each scope by itself, and a session token.
pub fn scopes() -> Vec<Column> {
    let of = |scope: Scope| Column {
        name: scope.name(),
        caller: caller("sing", &[scope]),
    };
    let mut scopes: Vec<_> = Scope::EACH.map(of).into();
    scopes.push(Column {
        name: "session",
        caller: caller("sing", &OF_A_SESSION),
    });
    scopes
}

/// Tells whether a session token may send a request: its scopes would let it mint others.
pub fn session_may(column: &Column, endpoint: &Endpoint) -> bool {
    column.may(endpoint) && !endpoint.needs.contains(&Need::MintSessions)
}

/// Writes the page.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(&open());
    page.push_str(ROLES);
    page.push_str(&table(&roles()));
    page.push_str(SCOPES);
    page.push_str(&table(&scopes()));
    page
}

fn open() -> String {
    let open = endpoints().into_iter().filter(|one| one.needs.is_empty());
    let open: Vec<_> = open.map(|one| format!("`{}`", name(&one))).collect();
    format!("No credential is asked for {}.\n", open.join(" and "))
}

fn name(endpoint: &Endpoint) -> String {
    format!("{} {}{}", endpoint.method, endpoint.base, endpoint.path)
}

fn table(columns: &[Column]) -> String {
    let mut table = "| Request |".to_owned();
    let mut line = "| --- |".to_owned();
    for column in columns {
        let _ = write!(table, " {} |", column.name);
        line.push_str(" --- |");
    }
    let _ = write!(table, "\n{line}\n");
    for endpoint in endpoints().iter().filter(|one| !one.needs.is_empty()) {
        let _ = write!(table, "| `{}` |", name(endpoint));
        for column in columns {
            let may = match column.name {
                "session" => session_may(column, endpoint),
                _ => column.may(endpoint),
            };
            table.push_str(if may { " yes |" } else { " |" });
        }
        table.push('\n');
    }
    table
}
