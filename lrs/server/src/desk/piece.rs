//! Words and data in a stream of bytes: one byte that tells which, the length in four bytes, most
//! significant first, then a word as JSON or the data as it is.

use axum::body::{Body, Bytes};
use futures_util::stream::{self, Stream, StreamExt as _};
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use tokio::sync::mpsc::Receiver;

use crate::exit::{Exit, Failure, chain};

/// The most bytes of data in one piece.
pub(super) const DATA_BYTES_MAX: usize = 256 * 1024;
/// The most bytes of a word: the verdicts of the largest import stay below.
const WORD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The kind and the length.
const HEAD_BYTES: usize = 5;

/// A word, or data that belongs to the word before.
#[derive(Debug)]
pub(crate) enum Piece<W> {
    /// A word.
    Word(W),
    /// Some of the data.
    Data(Bytes),
}

/// Returns the bytes of a piece.
pub(super) fn encode<W: Serialize>(piece: &Piece<W>) -> Bytes {
    match piece {
        // The words' types have no maps whose keys are no texts, so this cannot fail.
        Piece::Word(word) => framed(b'w', &serde_json::to_vec(word).unwrap_or_default()),
        Piece::Data(data) => framed(b'd', data),
    }
}

fn framed(kind: u8, payload: &[u8]) -> Bytes {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEAD_BYTES + payload.len());
    bytes.push(kind);
    bytes.extend(length.to_be_bytes());
    bytes.extend(payload);
    bytes.into()
}

/// Returns a first word and all that comes through a channel as a body.
pub(super) fn body<F: Serialize, W: Serialize + Send + 'static>(
    first: Option<&F>,
    rest: Receiver<Piece<W>>,
) -> Body {
    let first = first.map(|word| encode(&Piece::Word(word)));
    let rest = stream::unfold(rest, async |mut rest| {
        let piece = rest.recv().await?;
        Some((encode(&piece), rest))
    });
    let bytes = stream::iter(first).chain(rest).map(Ok::<_, Infallible>);
    Body::from_stream(boxed(bytes))
}

fn boxed<S: Stream + Send + 'static>(
    stream: S,
) -> std::pin::Pin<Box<dyn Stream<Item = S::Item> + Send>> {
    Box::pin(stream)
}

/// Reads pieces from a body.
#[derive(Debug)]
pub(super) struct Pieces {
    body: Body,
    /// What has come and is not taken yet.
    come: Vec<u8>,
}

impl Pieces {
    pub(super) fn new(body: Body) -> Self {
        let come = Vec::new();
        Self { body, come }
    }

    /// Returns the next piece, `None` at the end.
    pub(super) async fn next<W: DeserializeOwned>(&mut self) -> Result<Option<Piece<W>>, Failure> {
        loop {
            if let Some(piece) = self.take()? {
                return Ok(Some(piece));
            }
            let Some(frame) = self.body.frame().await else {
                return self.end();
            };
            let frame = frame.map_err(|error| broken(&chain(&error)))?;
            if let Ok(data) = frame.into_data() {
                self.come.extend(data);
            }
        }
    }

    fn end<W>(&self) -> Result<Option<Piece<W>>, Failure> {
        if self.come.is_empty() {
            Ok(None)
        } else {
            Err(broken("it ended within a word"))
        }
    }

    /// Takes a piece that has come whole.
    fn take<W: DeserializeOwned>(&mut self) -> Result<Option<Piece<W>>, Failure> {
        let Some((head, rest)) = self.come.split_first_chunk::<HEAD_BYTES>() else {
            return Ok(None);
        };
        let [kind, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let bytes_max = if kind == b'd' {
            DATA_BYTES_MAX
        } else {
            WORD_BYTES_MAX
        };
        if length > bytes_max {
            return Err(broken("a word is too long"));
        }
        let Some(payload) = rest.get(..length) else {
            return Ok(None);
        };
        let piece = match kind {
            b'w' => serde_json::from_slice(payload).ok().map(Piece::Word),
            b'd' => Some(Piece::Data(Bytes::copy_from_slice(payload))),
            _ => None,
        };
        self.come.drain(..HEAD_BYTES + length);
        piece.map(Some).ok_or_else(|| broken("a word is unknown"))
    }
}

fn broken(why: &str) -> Failure {
    let sentence = format!("the talk through the control socket broke off: {why}");
    Failure::new(Exit::Unavailable, sentence)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Cuts bytes into parts of some lengths, over and over.
    fn cut(bytes: &Bytes, lengths: &[usize]) -> Vec<Result<Bytes, Infallible>> {
        let (mut rest, mut parts) = (bytes.clone(), Vec::new());
        for length in lengths.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            parts.push(Ok(rest.split_to(rest.len().min(*length))));
        }
        parts
    }

    fn all(body: Body) -> Result<Vec<Piece<String>>, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            let (mut pieces, mut found) = (Pieces::new(body), Vec::new());
            while let Some(piece) = pieces.next().await? {
                found.push(piece);
            }
            Ok(found)
        })
    }

    fn piece() -> impl Strategy<Value = Piece<String>> {
        let data = proptest::collection::vec(any::<u8>(), 0..40);
        prop_oneof![
            ".{0,20}".prop_map(Piece::Word),
            data.prop_map(|data| Piece::Data(data.into())),
        ]
    }

    proptest! {
        #[test]
        fn pieces_come_as_they_were_sent_however_the_bytes_are_cut(
            sent in proptest::collection::vec(piece(), 0..8),
            lengths in proptest::collection::vec(1_usize..12, 1..4),
        ) {
            let bytes: Bytes = sent.iter().flat_map(encode).collect();
            let body = Body::from_stream(stream::iter(cut(&bytes, &lengths)));
            let found = all(body).expect("pieces");
            prop_assert_eq!(format!("{found:?}"), format!("{sent:?}"));
        }

        #[test]
        fn bytes_of_any_kind_are_read_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..40)
        ) {
            let whole = bytes.is_empty();
            prop_assert!(all(Body::from(bytes)).is_ok() || !whole);
        }
    }

    #[test]
    fn a_length_beyond_the_bound_is_refused_before_it_is_waited_for() {
        let refused = all(Body::from(vec![b'd', 255, 255, 255, 255])).expect_err("refused");
        assert!(refused.sentence.contains("too long"), "{refused}");
    }
}
