//! What `varde config` checks, shows and prints.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::binary::{run, said, varde};

fn config(words: &[&str]) -> Output {
    run(varde().arg("config").args(words))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Writes a file whose one target has a secret in another file.
fn with_target(folder: &Path, secret: &Path) -> String {
    let file = folder.join("varde.toml");
    let text = format!(
        "[[handover]]\nname = \"a\"\nprojects = [\"sing\"]\nurl = \"https://example.org/hook\"\n\
         secret_file = \"{}\"\n",
        secret.display()
    );
    fs::write(&file, text).expect("a config file");
    file.to_str().expect("a path").to_owned()
}

#[test]
fn a_configuration_is_checked_with_the_files_that_its_secrets_are_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    let file = with_target(folder.path(), &secret);
    let check = ["check", "--data", "/nowhere", "--config", &file];

    let lacking = config(&check);
    assert_eq!(lacking.status.code(), Some(78));
    let path = secret.display().to_string();
    assert!(said(&lacking).contains(&path), "{}", said(&lacking));

    fs::write(&secret, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").expect("a secret");
    assert_eq!(out(&config(&check)), "  the configuration is whole\n");
    assert!(!Path::new("/nowhere").exists(), "no store is made");

    let nowhere = config(&["check", "--config", &file]);
    assert_eq!(nowhere.status.code(), Some(78));
    assert!(said(&nowhere).contains("--data"), "{}", said(&nowhere));
}

#[test]
fn a_variable_that_is_no_setting_is_named_by_the_check() {
    let mut check = varde();
    let check = check.args(["config", "check", "--data", "/nowhere"]);
    let told = out(&run(check.env("VARDE_LISTN", "127.0.0.1:1")));
    assert!(told.contains("VARDE_LISTN is no setting"), "{told}");
    assert!(told.contains("VARDE_LISTEN is one"), "{told}");
}

#[test]
fn what_is_set_is_shown_without_secrets_and_what_may_be_is_printed() {
    let uri = "mongodb://user:the-password@127.0.0.1/varde";
    let mut show = varde();
    let show = show.args(["config", "show", "--json", "--listen", "127.0.0.1:7"]);
    let shown = out(&run(show
        .env("VARDE_MONGODB", uri)
        .env("VARDE_BOOTSTRAP_KEY", "first:the-secret")));
    assert!(
        !shown.contains("the-password") && !shown.contains("the-secret"),
        "{shown}"
    );
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let settings = shown.as_array().expect("settings").iter();
    let listen = settings.clone().find(|one| one["name"] == "http.listen");
    let listen = listen.expect("it is shown");
    assert_eq!(
        (&listen["value"], &listen["by"]),
        (&"127.0.0.1:7".into(), &"flag-or-variable".into())
    );

    let as_text = out(&config(&["show"]));
    assert!(
        as_text.contains("http.listen") && as_text.contains("Set by"),
        "{as_text}"
    );
    let schema: Value = serde_json::from_str(&out(&config(&["schema"]))).expect("JSON");
    assert!(schema["properties"]["http"]["properties"]["listen"].is_object());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for (word, page) in [("reference", "configuration.md"), ("metrics", "metrics.md")] {
        let written = fs::read_to_string(root.join(page)).expect(page);
        assert_eq!(out(&config(&[word])), written, "{page}");
    }
}
