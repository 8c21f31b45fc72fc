//! The side of the person who calls a command.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _, stdin, stdout};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task;
use varde_embedded::{DataFolder, OpenError};

use super::piece::DATA_BYTES_MAX;
use super::{Desk, Given, Host, Piece, Said, StoreCommand, control};
use crate::commands::Command;
use crate::config::Config;
use crate::exit::{Exit, Failure, chain};
use crate::terminal::{Bar, Look, print};
use crate::wiring::unopened;

/// How many pieces wait on either way; few, since data comes in pieces of a quarter megabyte.
pub(super) const WAITING_PIECES_MAX: usize = 8;

/// Runs a command that works on a store, where the store is open.
pub(crate) async fn call(command: &Command, work: &dyn StoreCommand) -> Result<(), Failure> {
    let config = Config::of_store(work.store())?;
    let place = Place::find(&config)?;
    let (taker, given) = channel(WAITING_PIECES_MAX);
    let (sayer, said) = channel(WAITING_PIECES_MAX);
    let files = work.files();
    task::spawn_blocking(move || hand_over(&files, &taker));
    let look = Look::of_stdout();
    let ((), shown) = match place {
        Place::Here(locked) => {
            let parts = None;
            let desk = Desk::new((Host::Own { locked, parts }, config), look, given, sayer);
            tokio::join!(work_at(desk, work), show(said))
        }
        Place::Server(folder) => {
            let talk = control::ask(folder, (command, look), given, sayer);
            tokio::join!(talk, show(said))
        }
    };
    shown
}

/// Where the store is open.
enum Place {
    /// In this process, which has the folder to itself if it was there.
    Here(Option<DataFolder>),
    /// In the process that holds the folder.
    Server(PathBuf),
}

impl Place {
    fn find(config: &Config) -> Result<Self, Failure> {
        let data = match config.store.data() {
            Ok(data) if data.exists() => data,
            _ => return Ok(Self::Here(None)),
        };
        match DataFolder::lock(data) {
            Ok(locked) => Ok(Self::Here(Some(locked))),
            Err(OpenError::Locked(folder)) => Ok(Self::Server(folder)),
            Err(error) => Err(unopened(&error)),
        }
    }
}

/// Lets a command do its work, closes what it opened, and says how it ended.
pub(super) async fn work_at(mut desk: Desk, work: &dyn StoreCommand) {
    let done = work.run(&mut desk).await;
    let said = desk.said.clone();
    let left = desk.leave().await;
    let ended = Said::Ended(done.and(left).err());
    // Whoever does not listen any more has no use for the end either.
    let _ = said.send(Piece::Word(ended)).await;
}

/// Hands the content of files over, until nobody takes it any more.
fn hand_over(files: &[PathBuf], giver: &Sender<Piece<Given>>) {
    for path in files {
        if let Err(failure) = hand_over_one(path, giver) {
            let unread = Piece::Word(Given::Unread(failure));
            let _ = giver.blocking_send(unread);
            return;
        }
    }
}

fn hand_over_one(path: &Path, giver: &Sender<Piece<Given>>) -> Result<(), Failure> {
    let unread = |error: io::Error| {
        let sentence = format!("cannot read {}: {error}", path.display());
        Failure::new(Exit::NoInput, sentence)
    };
    let (mut file, length): (Box<dyn Read>, _) = if path == Path::new("-") {
        (Box::new(stdin()), None)
    } else {
        let file = File::open(path).map_err(unread)?;
        let found = file.metadata().map_err(unread)?;
        // A pipe has no length before it is read.
        let length = found.is_file().then_some(found.len());
        (Box::new(file), length)
    };
    let give = |piece| giver.blocking_send(piece).is_ok();
    let name = path.display().to_string();
    let mut taken = give(Piece::Word(Given::File { name, length }));
    let mut buffer = vec![0; DATA_BYTES_MAX];
    while taken {
        let length = match file.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(unread)?,
        };
        let data = buffer.get(..length).unwrap_or_default();
        if data.is_empty() {
            give(Piece::Word(Given::EndOfFile));
            break;
        }
        taken = give(Piece::Data(Bytes::copy_from_slice(data)));
    }
    Ok(())
}

/// Shows what a command says, to its end.
async fn show(mut said: Receiver<Piece<Said>>) -> Result<(), Failure> {
    let mut console = Console::default();
    while let Some(piece) = said.recv().await {
        match piece {
            Piece::Word(Said::Ended(failure)) => {
                console.bar.clear();
                return failure.map_or(Ok(()), Err);
            }
            Piece::Word(word) => console.hear(word)?,
            Piece::Data(data) => console.take(&data)?,
        }
    }
    console.bar.clear();
    let sentence =
        "the server ended before the command did; look whether it was done, then try again";
    Err(Failure::new(Exit::TryLater, sentence))
}

/// What a command's words come out at.
#[derive(Debug, Default)]
struct Console {
    bar: Bar,
    file: Option<Written>,
}

/// A file being written beside the place that it goes to.
#[derive(Debug)]
enum Written {
    Stdout,
    File {
        file: File,
        at: PathBuf,
        to: PathBuf,
    },
}

impl Console {
    fn hear(&mut self, word: Said) -> Result<(), Failure> {
        match word {
            Said::Text(text) => {
                self.bar.clear();
                print(&text);
            }
            Said::Progress { what, done, of } => self.bar.show(&what, done, of),
            Said::File { path, private } => self.file = Some(Written::begin(path, private)?),
            Said::EndOfFile => {
                if let Some(file) = self.file.take() {
                    file.end()?;
                }
            }
            Said::Ended(_) => {}
        }
        Ok(())
    }

    fn take(&mut self, data: &[u8]) -> Result<(), Failure> {
        match &mut self.file {
            None => Ok(()),
            Some(Written::Stdout) => stdout().write_all(data).map_err(|error| {
                Failure::new(
                    Exit::Io,
                    format!("cannot write to standard output: {error}"),
                )
            }),
            Some(Written::File { file, to, .. }) => {
                file.write_all(data).map_err(|error| unwritten(to, &error))
            }
        }
    }
}

impl Written {
    fn begin(to: PathBuf, private: bool) -> Result<Self, Failure> {
        if to == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let mut at = to.clone().into_os_string();
        at.push(".partial");
        let at = PathBuf::from(at);
        let begun = to
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| {
                let mode = if private { 0o600 } else { 0o666 };
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(true).mode(mode);
                options.open(&at)
            });
        let file = begun.map_err(|error| unwritten(&to, &error))?;
        Ok(Self::File { file, at, to })
    }

    fn end(self) -> Result<(), Failure> {
        let Self::File { file, at, to } = self else {
            return Ok(());
        };
        let ended = file.sync_all().and_then(|()| fs::rename(&at, &to));
        ended.map_err(|error| unwritten(&to, &error))
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let sentence = format!("cannot write {}: {}", path.display(), chain(error));
    Failure::new(Exit::CannotCreate, sentence)
}
