//! Attachments: bytes under the digest that names them, each space for itself.

use std::slice::from_ref;

use varde_core::Clock;
use varde_core::ports::{AttachmentName, AttachmentWriter, KeepError};
use varde_test_support::space;
use varde_xapi::Stored;
use varde_xapi::attachment::Digester;

use crate::Fixture;

/// An hour, in microseconds.
const HOUR: i64 = 3_600_000_000;

/// Returns the name of bytes by the digest with so many hexadecimal digits.
fn digested(home: &str, bytes: &[u8], digits: usize) -> AttachmentName {
    let mut digester = Digester::of(&"0".repeat(digits));
    digester.update(bytes);
    AttachmentName {
        space: space(home),
        sha2: digester.finish(),
    }
}

fn named(bytes: &[u8]) -> AttachmentName {
    digested("sing", bytes, 64)
}

/// Returns bytes that repeat nowhere in a chunk's length.
fn long() -> Vec<u8> {
    (0..300_007_u32)
        .flat_map(|number| [number.to_le_bytes()[0], number.to_le_bytes()[1]])
        .collect()
}

async fn writer(store: &Fixture, name: &AttachmentName) -> Box<dyn AttachmentWriter> {
    let writer = store.attachments.write(name.clone()).await;
    writer.expect("a writer is given")
}

async fn try_keep(store: &Fixture, name: &AttachmentName, bytes: &[u8]) -> Result<(), KeepError> {
    let mut writer = writer(store, name).await;
    for chunk in bytes.chunks(70_001) {
        writer.write(chunk).await.expect("the bytes are taken");
    }
    writer.keep().await
}

async fn keep(store: &Fixture, name: &AttachmentName, bytes: &[u8]) {
    let kept = try_keep(store, name, bytes).await;
    kept.expect("the bytes are kept");
}

async fn read(store: &Fixture, name: &AttachmentName) -> Option<Vec<u8>> {
    let reader = store.attachments.read(name).await.expect("it is looked up");
    let (mut reader, mut bytes) = (reader?, Vec::new());
    while let Some(chunk) = reader.next().await.expect("a chunk is read") {
        assert!(!chunk.is_empty());
        bytes.extend(chunk);
    }
    assert_eq!(reader.next().await.expect("the end is read again"), None);
    Some(bytes)
}

async fn listed(store: &Fixture, before: Stored) -> Vec<AttachmentName> {
    let names = store.attachments.kept_before(before, None, 100).await;
    let mut names = names.expect("the names are listed");
    names.sort();
    names
}

fn sorted<const N: usize>(mut names: [AttachmentName; N]) -> Vec<AttachmentName> {
    names.sort();
    names.to_vec()
}

/// Nothing, one byte, and more than any store gives at once.
pub async fn kept_bytes_are_read_back_whole(store: &Fixture) {
    for bytes in [Vec::new(), vec![0], b"\r\n--\0\xff".to_vec(), long()] {
        keep(store, &named(&bytes), &bytes).await;
        assert!(read(store, &named(&bytes)).await.as_ref() == Some(&bytes));
    }
}

/// Absent is no error.
pub async fn bytes_that_were_never_kept_are_absent(store: &Fixture) {
    assert_eq!(read(store, &named(b"stone")).await, None);
    assert_eq!(listed(store, store.clock.now()).await, []);
}

/// A name may be any text of the sender.
pub async fn a_name_of_any_form_is_absent(store: &Fixture) {
    for sha2 in ["", "../../etc/passwd", "a\nb", "\0", &"f".repeat(5_000)] {
        let name = AttachmentName {
            space: space("sing"),
            sha2: sha2.to_owned(),
        };
        assert_eq!(read(store, &name).await, None);
        assert!(try_keep(store, &name, b"stone").await.is_err());
    }
}

/// Bytes on their way are not there yet; a writer that is dropped leaves nothing.
pub async fn bytes_are_found_only_once_kept(store: &Fixture) {
    let name = named(b"stone");
    let mut writing = writer(store, &name).await;
    writing.write(b"stone").await.expect("the bytes are taken");
    assert_eq!(read(store, &name).await, None);
    drop(writing);
    store.clock.advance(HOUR);
    assert_eq!(read(store, &name).await, None);
    assert_eq!(listed(store, store.clock.now()).await, []);
}

/// The digest that they have instead is told.
pub async fn bytes_that_do_not_fit_their_name_are_not_kept(store: &Fixture) {
    let name = named(b"stone");
    match try_keep(store, &name, b"pebble").await {
        Err(KeepError::Digest { found }) => assert_eq!(found, named(b"pebble").sha2),
        other => panic!("expected another digest, got {other:?}"),
    }
    assert_eq!(read(store, &name).await, None);
    assert_eq!(read(store, &named(b"pebble")).await, None);
}

/// SHA-224, SHA-256, SHA-384 and SHA-512.
pub async fn every_sha2_digest_names_bytes(store: &Fixture) {
    for digits in [56, 64, 96, 128] {
        let name = digested("sing", b"stone", digits);
        assert_eq!(name.sha2.len(), digits);
        keep(store, &name, b"stone").await;
        assert_eq!(read(store, &name).await.as_deref(), Some(&b"stone"[..]));
    }
}

/// They are there once.
pub async fn keeping_the_same_bytes_twice_changes_nothing(store: &Fixture) {
    let name = named(b"stone");
    keep(store, &name, b"stone").await;
    keep(store, &name, b"stone").await;
    store.clock.advance(HOUR);
    assert_eq!(read(store, &name).await.as_deref(), Some(&b"stone"[..]));
    assert_eq!(listed(store, store.clock.now()).await, [name]);
}

/// Neither read nor removed.
pub async fn bytes_of_another_space_are_not_found(store: &Fixture) {
    let [ours, theirs] = ["sing", "sing:test"].map(|home| digested(home, b"stone", 64));
    keep(store, &theirs, b"stone").await;
    store.clock.advance(HOUR);
    assert_eq!(read(store, &ours).await, None);
    let removed = store.attachments.remove(&ours, store.clock.now()).await;
    assert!(!removed.expect("it is looked up"));
    assert_eq!(read(store, &theirs).await.as_deref(), Some(&b"stone"[..]));
}

/// Both find all of it.
pub async fn writers_at_once_may_keep_the_same_bytes(store: &Fixture) {
    let name = named(b"stone");
    let (mut one, mut other) = (writer(store, &name).await, writer(store, &name).await);
    one.write(b"sto").await.expect("the bytes are taken");
    other.write(b"stone").await.expect("the bytes are taken");
    other.keep().await.expect("the bytes are kept");
    one.write(b"ne").await.expect("the bytes are taken");
    one.keep().await.expect("the bytes are kept");
    assert_eq!(read(store, &name).await.as_deref(), Some(&b"stone"[..]));
}

/// The instant itself is not before it; keeping again counts anew.
pub async fn bytes_are_listed_by_when_they_were_last_kept(store: &Fixture) {
    let begin = store.clock.now();
    keep(store, &named(b"old"), b"old").await;
    keep(store, &named(b"again"), b"again").await;
    store.clock.advance(HOUR);
    let later = store.clock.now();
    keep(store, &named(b"again"), b"again").await;
    keep(store, &named(b"new"), b"new").await;

    assert_eq!(listed(store, begin).await, []);
    assert_eq!(listed(store, Stored(begin.0 + 1)).await, [named(b"old")]);
    assert_eq!(listed(store, later).await, [named(b"old")]);
    let all = sorted([b"old".as_slice(), b"again", b"new"].map(named));
    assert_eq!(listed(store, Stored(later.0 + 1)).await, all);
}

/// Page by page, each name once.
pub async fn a_list_of_kept_bytes_continues_behind_a_name(store: &Fixture) {
    let all = [b"a", b"b", b"c", b"d", b"e"].map(|bytes| named(bytes));
    for (name, bytes) in all.iter().zip([b"a", b"b", b"c", b"d", b"e"]) {
        keep(store, name, bytes).await;
    }
    store.clock.advance(HOUR);
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let listed = store
            .attachments
            .kept_before(store.clock.now(), after.as_ref(), 2);
        let names = listed.await.expect("the names are listed");
        assert!(names.len() <= 2);
        let Some(last) = names.last() else { break };
        after = Some(last.clone());
        seen.extend(names);
    }
    seen.sort();
    assert_eq!(seen, sorted(all));
}

/// And may be kept again.
pub async fn removed_bytes_are_not_found(store: &Fixture) {
    let name = named(b"stone");
    keep(store, &name, b"stone").await;
    store.clock.advance(HOUR);
    for removed in [true, false] {
        let answer = store.attachments.remove(&name, store.clock.now()).await;
        assert_eq!(answer.expect("it is looked up"), removed);
        assert_eq!(read(store, &name).await, None);
        assert_eq!(listed(store, store.clock.now()).await, []);
    }
    keep(store, &name, b"stone").await;
    assert_eq!(read(store, &name).await.as_deref(), Some(&b"stone"[..]));
}

/// Between a list and a removal the same bytes may have come again.
pub async fn bytes_kept_again_in_time_are_not_removed(store: &Fixture) {
    let name = named(b"stone");
    keep(store, &name, b"stone").await;
    store.clock.advance(HOUR);
    let instant = store.clock.now();
    assert_eq!(listed(store, instant).await.as_slice(), from_ref(&name));
    keep(store, &name, b"stone").await;
    let removed = store.attachments.remove(&name, instant).await;
    assert!(!removed.expect("it is looked up"));
    assert_eq!(read(store, &name).await.as_deref(), Some(&b"stone"[..]));
}
