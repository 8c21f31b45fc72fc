//! Where a command meets the store: what it is given, what it says, and the parts it works with.
//!
//! A command that works on a store runs in the process that holds the data folder: in its own where
//! no server runs, else in the server, reached through `DIR/control.sock`. It is written once and
//! does not know which. Either way the caller's files come to it as [`Given`] and its words go back
//! as [`Said`]; in between are two channels, or two channels and the socket.
//!
//! - [`caller`]: the side of the person: reads the files, shows the words, finds the store.
//! - [`control`]: the socket; [`piece`]: words and data on it.
//! - [`owner`]: whose the folder is.

pub(crate) mod caller;
pub(crate) mod control;
pub(crate) mod owner;
mod piece;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender};
use varde_embedded::DataFolder;

pub(crate) use self::piece::Piece;
use crate::cli::StoreArgs;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::kek_file;
use crate::terminal::Look;
use crate::wiring::Parts;

/// A command that works on a store, in whichever process has it open.
#[async_trait]
pub(crate) trait StoreCommand: Send + Sync {
    /// Names the command for the log, such as `key create`; arguments may name a learner.
    fn name(&self) -> &'static str;

    /// Tells where the store is.
    fn store(&self) -> &StoreArgs;

    /// Returns the files whose content the command reads, in the order in which it reads them; `-`
    /// is the caller's standard input.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Does the work.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure>;
}

/// What a caller hands over.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Given {
    /// A file begins; its data follows.
    File {
        /// Its name, as the caller wrote it.
        name: String,
        /// How many bytes it has, where that is known before it is read.
        length: Option<u64>,
    },
    /// The file is complete.
    EndOfFile,
    /// The next file cannot be read.
    Unread(Failure),
}

/// What a command says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Said {
    /// Text for standard output.
    Text(String),
    /// How far a long work has come.
    Progress {
        /// What is done.
        what: String,
        /// How much of it is done.
        done: u64,
        /// How much there is.
        of: u64,
    },
    /// A file of the caller's is to be written; its data follows.
    File {
        /// Where, as the caller named it; `-` is standard output.
        path: PathBuf,
        /// Whether only the caller may read it.
        private: bool,
    },
    /// The file is complete.
    EndOfFile,
    /// The command has ended, with a failure or without.
    Ended(Option<Failure>),
}

/// The place of one command at work.
#[derive(Debug)]
pub(crate) struct Desk {
    host: Host,
    config: Config,
    look: Look,
    given: Receiver<Piece<Given>>,
    said: Sender<Piece<Said>>,
}

/// The process that a command runs in.
#[derive(Debug)]
pub(crate) enum Host {
    /// The command's own: the folder is opened once it is needed.
    Own {
        /// The folder, locked where it was there when the command began.
        locked: Option<DataFolder>,
        /// The parts, once the folder is open.
        parts: Option<Arc<Parts>>,
    },
    /// The server's.
    Server(Arc<Parts>),
}

impl Desk {
    pub(crate) fn new(
        (host, config): (Host, Config),
        look: Look,
        given: Receiver<Piece<Given>>,
        said: Sender<Piece<Said>>,
    ) -> Self {
        Self {
            host,
            config,
            look,
            given,
            said,
        }
    }

    /// Returns the settings of the process that has the store.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Tells what the caller's standard output can show.
    pub(crate) fn look(&self) -> Look {
        self.look
    }

    /// Returns the parts of the store, which is made where it is absent.
    pub(crate) async fn open(&mut self) -> Result<Arc<Parts>, Failure> {
        match &mut self.host {
            Host::Server(parts)
            | Host::Own {
                parts: Some(parts), ..
            } => Ok(Arc::clone(parts)),
            Host::Own { locked, parts } => {
                let opened = match locked.take() {
                    Some(locked) => Parts::open_locked(&self.config.store, locked).await?,
                    None => Parts::open(&self.config.store).await?,
                };
                if let Some(file) = &opened.kek_made {
                    eprintln!("varde: {}", kek_file::made(file));
                }
                Ok(Arc::clone(parts.insert(Arc::new(opened))))
            }
        }
    }

    /// Returns the parts of a store whose folder must be there.
    pub(crate) async fn open_existing(&mut self) -> Result<Arc<Parts>, Failure> {
        let data = self.config.store.data()?;
        if matches!(self.host, Host::Own { .. }) && !data.is_dir() {
            let sentence = format!("there is no data folder {}", data.display());
            return Err(Failure::new(Exit::NoInput, sentence));
        }
        self.open().await
    }

    /// Closes a store that was opened for this command alone.
    async fn leave(self) -> Result<(), Failure> {
        match self.host {
            Host::Own {
                parts: Some(parts), ..
            } => parts.close().await,
            _ => Ok(()),
        }
    }

    /// Returns the next of the files that the command names, to be read to its end before the one
    /// after it.
    pub(crate) async fn next_file(&mut self) -> Result<Option<GivenFile<'_>>, Failure> {
        match self.given.recv().await {
            None => Ok(None),
            Some(Piece::Word(Given::File { name, length })) => Ok(Some(GivenFile {
                name,
                length,
                read: 0,
                desk: self,
            })),
            Some(Piece::Word(Given::Unread(failure))) => Err(failure),
            Some(_) => Err(out_of_turn()),
        }
    }

    /// Writes to the caller's standard output.
    pub(crate) async fn print(&self, text: impl Into<String>) -> Result<(), Failure> {
        self.say(Said::Text(text.into())).await
    }

    /// Says how far a long work has come; fails when the caller has gone, so that it may end.
    pub(crate) fn progress(&self, what: &str, done: u64, of: u64) -> Result<(), Failure> {
        let what = what.to_owned();
        let word = Piece::Word(Said::Progress { what, done, of });
        match self.said.try_send(word) {
            // Who is slow to look misses one step of the bar.
            Ok(()) | Err(TrySendError::Full(_)) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(gone()),
        }
    }

    /// Begins a file of the caller's; what stood there is replaced once the file is complete.
    pub(crate) async fn write_file(
        &self,
        path: &Path,
        private: bool,
    ) -> Result<WrittenFile<'_>, Failure> {
        let path = path.to_owned();
        self.say(Said::File { path, private }).await?;
        Ok(WrittenFile(self))
    }

    async fn say(&self, word: Said) -> Result<(), Failure> {
        let sent = self.said.send(Piece::Word(word)).await;
        sent.map_err(|_| gone())
    }
}

/// A file that the caller hands over.
#[derive(Debug)]
pub(crate) struct GivenFile<'a> {
    /// Its name, as the caller wrote it.
    pub(crate) name: String,
    /// How many bytes it has, where that is known.
    length: Option<u64>,
    /// How many of them were read.
    read: u64,
    desk: &'a mut Desk,
}

impl GivenFile<'_> {
    /// Returns the next bytes, none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        match self.desk.given.recv().await {
            Some(Piece::Data(data)) => {
                self.read += data.len() as u64;
                Ok(Some(data))
            }
            Some(Piece::Word(Given::EndOfFile)) => Ok(None),
            Some(Piece::Word(Given::Unread(failure))) => Err(failure),
            Some(Piece::Word(Given::File { .. })) => Err(out_of_turn()),
            None => Err(gone()),
        }
    }

    /// Says how much of the file is done, in bytes; of one whose length is not known, nothing.
    pub(crate) fn progress(&self, what: &str) -> Result<(), Failure> {
        match self.length {
            // A file may grow while it is read.
            Some(length) => self.desk.progress(what, self.read, length.max(self.read)),
            None => Ok(()),
        }
    }

    /// Returns all bytes.
    pub(crate) async fn bytes(mut self) -> Result<(String, Vec<u8>), Failure> {
        let mut bytes = Vec::new();
        while let Some(data) = self.next().await? {
            bytes.extend(data);
        }
        Ok((self.name, bytes))
    }

    /// Returns all of a text.
    pub(crate) async fn text(self) -> Result<(String, String), Failure> {
        let (name, bytes) = self.bytes().await?;
        let text = crate::commands::files::text(Path::new(&name), bytes)?;
        Ok((name, text))
    }
}

/// A file that is written for the caller.
#[derive(Debug)]
pub(crate) struct WrittenFile<'a>(&'a Desk);

impl WrittenFile<'_> {
    /// Writes the next bytes.
    pub(crate) async fn write(&self, data: impl Into<Bytes>) -> Result<(), Failure> {
        let mut data = data.into();
        while !data.is_empty() {
            let piece = data.split_to(data.len().min(piece::DATA_BYTES_MAX));
            let sent = self.0.said.send(Piece::Data(piece)).await;
            sent.map_err(|_| gone())?;
        }
        Ok(())
    }

    /// Says that the file is complete.
    pub(crate) async fn end(self) -> Result<(), Failure> {
        self.0.say(Said::EndOfFile).await
    }
}

/// Whoever called does not wait any more.
fn gone() -> Failure {
    Failure::new(Exit::TryLater, "the caller has gone")
}

fn out_of_turn() -> Failure {
    Failure::new(Exit::Software, "a word of the caller came out of turn")
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::channel;

    use super::*;

    /// Reads a file of two pieces, and returns how far it was said to be behind each.
    async fn said(length: Option<u64>) -> Vec<(u64, u64)> {
        let (sender, pieces) = channel(8);
        let (sayer, mut words) = channel(8);
        let name = "statements.ndjson".to_owned();
        for piece in [
            Piece::Word(Given::File { name, length }),
            Piece::Data(Bytes::from_static(b"{}\n")),
            Piece::Data(Bytes::from_static(b"{}\n{}\n")),
            Piece::Word(Given::EndOfFile),
        ] {
            sender.send(piece).await.expect("it is taken");
        }
        let host = Host::Own {
            locked: None,
            parts: None,
        };
        let mut desk = Desk::new((host, Config::default()), Look::PLAIN, pieces, sayer);
        let mut file = desk.next_file().await.expect("pieces").expect("a file");
        while file.next().await.expect("read").is_some() {
            file.progress("reading").expect("somebody listens");
        }
        drop(desk);
        let mut said = Vec::new();
        while let Some(word) = words.recv().await {
            if let Piece::Word(Said::Progress { done, of, .. }) = word {
                said.push((done, of));
            }
        }
        said
    }

    #[tokio::test]
    async fn within_a_file_it_is_said_how_many_bytes_of_all_are_read() {
        assert_eq!(said(Some(9)).await, [(3, 9), (9, 9)]);
        assert_eq!(said(Some(4)).await, [(3, 4), (9, 9)], "it grew");
        assert_eq!(said(None).await, [], "standard input has no known length");
    }
}
