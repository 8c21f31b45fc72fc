//! Signing in and out, on the memory store.

use varde_test_support::{SeededEntropy, TestClock, space};

use std::sync::Arc;

use varde_core::audit::Audit;
use varde_core::keys::{Keys, NewKey};
use varde_core::memory::MemoryStore;
use varde_core::ports::Records;
use varde_core::users::{Lifetimes, UserError, Users};
use varde_core::{Clock, Entropy, Role, Scope};

const PASSWORD: &str = "a password for tests";
const HOUR: i64 = 3_600_000_000;

async fn users() -> (Users, Arc<TestClock>) {
    let (users, clock, _) = users_and_keys().await;
    (users, clock)
}

async fn users_and_keys() -> (Users, Arc<TestClock>, Arc<Keys>) {
    let (users, clock, keys, _) = everything().await;
    (users, clock, keys)
}

async fn everything() -> (Users, Arc<TestClock>, Arc<Keys>, Audit) {
    let clock = Arc::new(TestClock::at(0));
    let of_world = || Arc::clone(&clock) as Arc<dyn Clock>;
    let records: Arc<dyn Records> = Arc::new(MemoryStore::new(of_world()));
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
    let keys = Keys::new(Arc::clone(&records), Arc::clone(&entropy), of_world());
    let keys = Arc::new(keys);
    let machine = NewKey::new("machine", "secret", "https://e.org", space("sing"));
    let person = NewKey {
        role: Some(Role::Administrator),
        scopes: vec![Scope::All],
        ..NewKey::new("person", "secret", "https://e.org", space("sing"))
    };
    keys.create(machine).await.expect("a key");
    keys.create(person).await.expect("a key");
    let audit = Audit::new(Arc::clone(&records));
    let users = Users::new(
        records,
        Arc::clone(&keys),
        entropy,
        of_world(),
        "https://e.org",
    );
    users
        .create("ada", PASSWORD, "person")
        .await
        .expect("a user");
    (users, clock, keys, audit)
}

async fn try_as(users: &Users, name: &str, password: &str) -> Option<String> {
    let attempt = users.attempt(name).await.expect("counted");
    let right = users.check(&attempt, password);
    let signed_in = if right {
        users.sign_in(attempt).await
    } else {
        Ok(None)
    };
    signed_in.expect("the store answers")
}

async fn is_in(users: &Users, token: &str) -> bool {
    users
        .open(token)
        .await
        .expect("the store answers")
        .is_some()
}

#[tokio::test]
async fn a_user_is_signed_in_as_the_key_with_an_authority_of_their_own() {
    let (users, _) = users().await;
    let token = try_as(&users, "ada", PASSWORD).await.expect("let in");
    let opened = users.open(&token).await.expect("read").expect("signed in");
    assert_eq!(opened.caller.role, Some(Role::Administrator));
    assert!(opened.caller.authority.contains(r#""name":"ada""#));
    assert_ne!(opened.caller.key, opened.key.caller.key);
    assert!(opened.is_proof(&opened.csrf) && !opened.is_proof(&token));
    let again = try_as(&users, "ada", PASSWORD).await.expect("let in");
    assert_ne!(token, again, "each is a token of its own");
    assert!(try_as(&users, "ada", "another password").await.is_none());
    assert!(try_as(&users, "nobody", PASSWORD).await.is_none());
}

#[tokio::test]
async fn what_cannot_be_an_account_is_not_made() {
    let (users, _) = users().await;
    let refused = users.create("bo", PASSWORD, "machine").await;
    assert!(matches!(refused, Err(UserError::Key(_))), "it has no role");
    let refused = users.create("bo", "short", "person").await;
    assert!(matches!(refused, Err(UserError::Password)));
    let refused = users.create("ada", PASSWORD, "person").await;
    assert!(matches!(refused, Err(UserError::Taken)));
    let refused = users.create("a\nb", PASSWORD, "person").await;
    assert!(matches!(refused, Err(UserError::Name)));
}

#[tokio::test]
async fn after_five_failures_the_right_password_is_refused_for_a_time_that_grows() {
    let (users, clock) = users().await;
    for _ in 0..5 {
        assert!(try_as(&users, "ada", "a wrong password").await.is_none());
    }
    assert!(try_as(&users, "ada", PASSWORD).await.is_none(), "locked");
    clock.advance(61_000_000);
    assert!(try_as(&users, "ada", "a wrong password").await.is_none());
    clock.advance(61_000_000);
    assert!(try_as(&users, "ada", PASSWORD).await.is_none(), "longer");
    clock.advance(61_000_000);
    assert!(try_as(&users, "ada", PASSWORD).await.is_some());
    let all = users.all().await.expect("read");
    assert_eq!((all[0].failures, all[0].locked_until), (0, None));
}

#[tokio::test]
async fn one_is_signed_out_when_idle_and_in_the_end_in_any_case() {
    let (users, clock) = users().await;
    let idle = try_as(&users, "ada", PASSWORD).await.expect("let in");
    clock.advance(HOUR);
    assert!(!is_in(&users, &idle).await);
    let busy = try_as(&users, "ada", PASSWORD).await.expect("let in");
    for _ in 0..23 {
        clock.advance(HOUR / 2);
        assert!(is_in(&users, &busy).await);
    }
    clock.advance(HOUR / 2);
    assert!(!is_in(&users, &busy).await);
}

#[tokio::test]
async fn signing_out_ends_one_and_everywhere_ends_all_of_the_user() {
    let (users, _) = users().await;
    users
        .create("bo", PASSWORD, "person")
        .await
        .expect("a user");
    let other = try_as(&users, "bo", PASSWORD).await.expect("let in");
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(try_as(&users, "ada", PASSWORD).await.expect("let in"));
    }
    users.sign_out(&tokens[0]).await.expect("signed out");
    assert!(!is_in(&users, &tokens[0]).await && is_in(&users, &tokens[1]).await);
    let ada = users.open(&tokens[1]).await.expect("read").expect("in");
    users.sign_out_everywhere(&ada).await.expect("signed out");
    assert!(!is_in(&users, &tokens[1]).await && !is_in(&users, &tokens[2]).await);
    assert!(is_in(&users, &other).await, "it is somebody else's");
}

#[tokio::test]
async fn a_disabled_user_and_one_of_a_revoked_key_are_out_at_once() {
    let (users, _, keys) = users_and_keys().await;
    users
        .create("bo", PASSWORD, "person")
        .await
        .expect("a user");
    let ada = try_as(&users, "ada", PASSWORD).await.expect("let in");
    let bo = try_as(&users, "bo", PASSWORD).await.expect("let in");
    users.disable("ada").await.expect("disabled");
    assert!(!is_in(&users, &ada).await && is_in(&users, &bo).await);
    assert!(try_as(&users, "ada", PASSWORD).await.is_none());
    keys.revoke("person").await.expect("revoked");
    assert!(!is_in(&users, &bo).await);
    assert!(try_as(&users, "bo", PASSWORD).await.is_none());
}

#[tokio::test]
async fn what_is_no_token_lets_nobody_in() {
    let (users, _) = users().await;
    let token = try_as(&users, "ada", PASSWORD).await.expect("let in");
    for wrong in ["", "AAAA", "ä", &token[1..], &token[..43]] {
        assert!(!is_in(&users, wrong).await, "{wrong}");
    }
}

#[tokio::test]
async fn another_password_ends_a_lock_out_and_everything_that_was_signed_in_by_the_old_one() {
    let (users, _) = users().await;
    let before = try_as(&users, "ada", PASSWORD).await.expect("let in");
    for _ in 0..5 {
        assert!(try_as(&users, "ada", "a wrong password").await.is_none());
    }
    let changed = users.set_password("ada", "another password").await;
    changed.expect("changed");
    assert!(!is_in(&users, &before).await);
    assert!(try_as(&users, "ada", PASSWORD).await.is_none());
    let again = try_as(&users, "ada", "another password").await;
    assert!(again.is_some(), "the lock-out is over");
    let refused = users.set_password("ada", "short").await;
    assert!(matches!(refused, Err(UserError::Password)));
    let refused = users.set_password("nobody", PASSWORD).await;
    assert!(matches!(refused, Err(UserError::Absent)));
}

#[tokio::test]
async fn the_audit_log_has_who_signed_in_and_out_by_an_id_and_not_by_name() {
    let (users, _, _, audit) = everything().await;
    let one = try_as(&users, "ada", PASSWORD).await.expect("let in");
    let two = try_as(&users, "ada", PASSWORD).await.expect("let in");
    assert!(try_as(&users, "ada", "a wrong password").await.is_none());
    users.sign_out(&one).await.expect("signed out");
    users.sign_out(&one).await.expect("nothing to do");
    let ada = users.open(&two).await.expect("read").expect("in");
    users.sign_out_everywhere(&ada).await.expect("signed out");
    let lines = audit.lines(0).await.expect("read");
    let told: Vec<&str> = lines.iter().map(|line| line.told.query.as_str()).collect();
    let expected = [
        "sign in()",
        "sign in()",
        "sign out()",
        "sign out everywhere()",
    ];
    assert_eq!(told, expected);
    let all = users.all().await.expect("read");
    let id = users
        .id(&all[0])
        .await
        .expect("read")
        .expect("its key stands");
    assert!(lines.iter().all(|line| line.key == id));
    let text = serde_json::to_string(&lines).expect("lines");
    assert!(!text.contains("ada"), "{text}");
}

#[tokio::test]
async fn the_times_after_which_one_is_signed_out_can_be_set() {
    let (users, clock) = users().await;
    let users = users.with_lifetimes(Lifetimes {
        idle: HOUR / 2,
        absolute: HOUR,
    });
    let idle = try_as(&users, "ada", PASSWORD).await.expect("let in");
    clock.advance(HOUR / 2);
    assert!(!is_in(&users, &idle).await);
    let busy = try_as(&users, "ada", PASSWORD).await.expect("let in");
    for later in [HOUR / 2 - 1, HOUR / 2 - 1, 1] {
        clock.advance(later);
        assert!(is_in(&users, &busy).await);
    }
    clock.advance(1);
    assert!(!is_in(&users, &busy).await);
}
