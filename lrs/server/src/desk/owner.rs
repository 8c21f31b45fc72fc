//! Whose the data folder is: a command works in it as its owner, so that the owner can go on
//! working with whatever the command leaves there.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_gid, set_thread_groups, set_thread_uid};

use crate::exit::{Exit, Failure};

/// The file whose owner is the folder's, once there is a store in it: a folder may belong to the
/// system, and its content to the server (a mounted volume).
const LOCK: &str = "lock";

/// What a process that is to work in a folder does about its own ids.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It is the owner, or nobody is yet.
    Stay,
    /// It is root, and goes on as the owner.
    Become(u32, u32),
    /// It is somebody else.
    Refuse(u32),
}

/// Goes on as the owner of a data folder where root called, and refuses anybody else.
///
/// To be called by the only thread: those that come later have its ids.
pub(crate) fn become_owner(data: &Path) -> Result<(), Failure> {
    let found = fs::metadata(data.join(LOCK)).or_else(|_| fs::metadata(data));
    match step(geteuid().as_raw(), found.ok().as_ref()) {
        Step::Stay => Ok(()),
        Step::Become(user, group) => change_to(user, group).map_err(|error| {
            let sentence = format!("cannot go on as the owner of the data folder: {error}");
            Failure::new(Exit::NoPermission, sentence)
        }),
        Step::Refuse(owner) => Err(refusal(data, owner, std::env::args().skip(1))),
    }
}

fn step(user: u32, found: Option<&Metadata>) -> Step {
    match found.map(|found| (found.uid(), found.gid())) {
        None => Step::Stay,
        Some((owner, _)) if owner == user => Step::Stay,
        Some((owner, group)) if user == 0 => Step::Become(owner, group),
        Some((owner, _)) => Step::Refuse(owner),
    }
}

fn change_to(user: u32, group: u32) -> rustix::io::Result<()> {
    let group = Gid::from_raw(group);
    // The user last: without root's id no other can be changed.
    set_thread_groups(&[group])?;
    set_thread_gid(group)?;
    set_thread_uid(Uid::from_raw(user))
}

fn refusal(data: &Path, owner: u32, args: impl Iterator<Item = String>) -> Failure {
    let mut args: Vec<_> = args.map(|arg| quoted(&arg)).collect();
    if !args.iter().any(|arg| arg.starts_with("--data")) {
        args.extend(["--data".to_owned(), quoted(&data.display().to_string())]);
    }
    let sentence = format!(
        "the data folder {} belongs to the user with id {owner}; type: sudo -u '#{owner}' varde {}",
        data.display(),
        args.join(" ")
    );
    Failure::new(Exit::NoPermission, sentence)
}

/// Returns an argument as a shell reads it back.
fn quoted(arg: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@".contains(&byte);
    if !arg.is_empty() && arg.bytes().all(plain) {
        arg.to_owned()
    } else {
        format!("'{}'", arg.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_works_in_a_folder_and_root_becomes_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let found = fs::metadata(folder.path()).expect("there");
        let (owner, group) = (found.uid(), found.gid());
        assert_eq!(step(owner, Some(&found)), Step::Stay);
        assert_eq!(step(owner + 1, Some(&found)), Step::Refuse(owner));
        assert_eq!(step(7, None), Step::Stay, "what is absent is anybody's");
        if owner != 0 {
            assert_eq!(step(0, Some(&found)), Step::Become(owner, group));
        }
    }

    #[test]
    fn the_line_to_type_can_be_typed() {
        let args = ["key", "create", "it's mine"].map(str::to_owned);
        let refused = refusal(Path::new("/srv/my data"), 7, args.into_iter());
        assert_eq!(refused.exit, Exit::NoPermission);
        let line = r"sudo -u '#7' varde key create 'it'\''s mine' --data '/srv/my data'";
        assert!(refused.sentence.ends_with(line), "{refused}");
    }
}
