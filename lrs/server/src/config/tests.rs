use std::num::NonZeroU32;

use clap::Parser as _;

use super::*;
use crate::cli::Cli;
use crate::commands::Command;

fn serve(flags: &[&str]) -> ServeArgs {
    let line = ["varde", "serve"].iter().chain(flags);
    match Cli::try_parse_from(line).expect("flags").command {
        Command::Serve(args) => args,
        other => panic!("{other:?}"),
    }
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    file
}

/// Each source is set for one key more than the one before it, so each key shows who won.
#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let file = file(
        "[store]\ndata = \"/from/file\"\n\
         [http]\nlisten = \"127.0.0.1:1\"\nbody_bytes_max = 1000\nrequests_per_minute = 5\n\
         [admin]\nlisten = \"127.0.0.1:2\"\n\
         [log]\nfilter = \"warn\"\nformat = \"json\"\n\
         [shutdown]\ndrain_seconds_max = 5\n",
    );
    let path = file.path().to_str().expect("a path").to_owned();
    let flags = [
        "--config",
        &path,
        "--listen",
        "127.0.0.1:3",
        "--log-format",
        "text",
        "--requests-per-minute",
        "600",
    ];
    let config = Config::of_server(&serve(&flags), Environment::default()).expect("a config");

    assert_eq!(config.http.listen.port(), 3, "the flag wins");
    let per_minute = config.http.requests_per_minute.map(NonZeroU32::get);
    assert_eq!(per_minute, Some(600), "the flag wins");
    assert_eq!(
        config.log.format,
        Some(crate::cli::LogFormat::Text),
        "the flag wins"
    );
    assert_eq!(
        config.admin.listen.port(),
        2,
        "the file wins over the default"
    );
    assert_eq!(
        config.http.body_bytes_max, 1000,
        "the file wins over the default"
    );
    assert_eq!(config.log.filter, "warn", "the file wins over the default");
    assert_eq!(
        config.shutdown.drain_seconds_max, 5,
        "the file wins over the default"
    );
    assert_eq!(
        config.store.data().expect("a folder"),
        Path::new("/from/file")
    );
    assert_eq!(
        config.http.statements_per_page_max, 100,
        "the default stays"
    );
    assert_eq!(
        config.http.public_url, "http://localhost:8080",
        "the default stays"
    );
}

#[test]
fn answers_without_a_version_name_the_newest_unless_another_is_set() {
    let none = Config::of_server(&serve(&[]), Environment::default()).expect("a config");
    assert_eq!(none.http.default_version.family().latest(), "2.0.0");
    let from_file = Config::parse("[http]\ndefault_version = \"1.0.3\"\n", "varde.toml");
    let from_file = from_file.expect("a config");
    assert_eq!(from_file.http.default_version.family().latest(), "1.0.3");
    let flags = ["--default-version", "1.0.3"];
    let flag = Config::of_server(&serve(&flags), Environment::default()).expect("a config");
    assert_eq!(flag.http.default_version.family().latest(), "1.0.3");
    Config::parse("[http]\ndefault_version = \"1.0\"\n", "varde.toml").expect_err("not whole");
}

#[test]
fn every_flag_has_its_variable() {
    use clap::CommandFactory as _;

    let cli = Cli::command();
    let serve = cli.find_subcommand("serve").expect("serve");
    for flag in serve.get_arguments() {
        let long = flag.get_long().expect("a long name");
        let variable = format!("VARDE_{}", long.to_uppercase().replace('-', "_"));
        let found = flag.get_env().and_then(|name| name.to_str());
        assert_eq!(found, Some(variable.as_str()), "--{long}");
    }
}

#[test]
fn the_bootstrap_key_of_the_environment_wins_over_the_files() {
    let file = file("[bootstrap]\nkey = \"file:secret\"\nspace = \"merse\"\n");
    let args = StoreArgs {
        config: Some(file.path().to_owned()),
        ..StoreArgs::default()
    };
    let args = ServeArgs {
        store: args,
        ..ServeArgs::default()
    };

    let from_file = Config::of_server(&args, Environment::default()).expect("a config");
    assert_eq!(from_file.bootstrap.key.expect("a key").name, "file");
    assert_eq!(from_file.bootstrap.space.to_string(), "merse");

    let environment = Environment {
        bootstrap_key: Some("env:se:cret".to_owned()),
        bootstrap_space: Some("sing:test".to_owned()),
    };
    let from_environment = Config::of_server(&args, environment).expect("a config");
    let key = from_environment.bootstrap.key.expect("a key");
    assert_eq!(key.name, "env");
    assert_eq!(secrecy::ExposeSecret::expose_secret(&key.secret), "se:cret");
    assert_eq!(from_environment.bootstrap.space.to_string(), "sing:test");
}

#[test]
fn what_is_wrong_is_said_in_one_sentence_with_its_place() {
    let cases = [
        ("[http]\nlistn = \"127.0.0.1:1\"\n", "line 2", "listn"),
        ("[htp]\n", "line 1", "htp"),
        ("[log]\n\nformat = \"xml\"\n", "line 3", "xml"),
        ("[http]\nlisten = 8080\n", "line 2", "8080"),
        ("[http]\nrequests_per_minute = 0\n", "line 2", "nonzero"),
        (
            "[bootstrap]\nspace = \"Not a space\"\n",
            "line 2",
            "Not a space",
        ),
        ("[http\n", "line 1", ""),
    ];
    for (text, place, named) in cases {
        let failure = Config::parse(text, "varde.toml").expect_err(text);
        assert_eq!(failure.exit, Exit::Config, "{text}");
        assert!(
            failure.sentence.starts_with("config file varde.toml, "),
            "{failure}"
        );
        assert!(failure.sentence.contains(place), "{failure}");
        assert!(failure.sentence.contains(named), "{failure}");
        assert_eq!(failure.sentence.lines().count(), 1, "{failure}");
    }
}

#[test]
fn a_bootstrap_key_of_another_form_is_refused_without_quoting_it() {
    for key in ["no-colon-here", ":no-name-here", "no-secret-here:"] {
        let environment = Environment {
            bootstrap_key: Some(key.to_owned()),
            bootstrap_space: None,
        };
        let failure = Config::of_server(&ServeArgs::default(), environment).expect_err(key);
        assert_eq!(failure.exit, Exit::Config);
        assert!(failure.sentence.contains("`name:secret`"), "{failure}");
        assert!(!failure.sentence.contains("here"), "{failure}");
    }
}

#[test]
fn a_server_without_a_folder_is_told_how_to_name_one() {
    let config = Config::of_server(&ServeArgs::default(), Environment::default()).expect("one");
    let failure = config.store.data().expect_err("no folder");
    assert_eq!(failure.exit, Exit::Config);
    assert!(failure.sentence.contains("--data"), "{failure}");
}

#[test]
fn attachments_have_a_limit_of_their_own() {
    let limit = |flags: &[&str]| {
        let config = Config::of_server(&serve(flags), Environment::default()).expect("a config");
        config.http.attachment_bytes_max
    };
    assert_eq!(limit(&[]), 256 * 1024 * 1024);
    assert_eq!(limit(&["--attachment-bytes-max", "1000"]), 1_000);
    let file = file("[http]\nattachment_bytes_max = 0\n");
    let path = file.path().to_str().expect("a path");
    assert_eq!(limit(&["--config", path]), 0);
}

#[test]
fn issuers_of_tokens_are_trusted_one_by_one_and_safely() {
    let with = |issuer: &str, more: &str| {
        format!(
            "[[oidc.issuers]]\nissuer = \"{issuer}\"\naudience = \"varde\"\nkey = \"north\"\n{more}"
        )
    };
    let read = |text: &str| {
        let config = Config::parse(text, "varde.toml")?;
        config.oidc.validate().map(|()| config.oidc)
    };
    let north = with("https://login.example.org/north", "");
    let local = with("http://127.0.0.1:4000", "algorithms = [\"ES384\"]\n");
    let both = read(&format!("{north}{local}")).expect("two issuers");
    assert_eq!(both.issuers.len(), 2);
    assert_eq!(both.issuers[0].scope_claim, "scope");
    assert!(both.issuers[0].allows(jsonwebtoken::Algorithm::RS256));
    assert!(!both.issuers[1].allows(jsonwebtoken::Algorithm::RS256));

    for (text, named) in [
        (with("http://login.example.org", ""), "https"),
        (with("login.example.org", ""), "https"),
        (with("https://e.org", "algorithms = [\"HS256\"]\n"), "HS256"),
        (with("https://e.org", "algorithms = [\"none\"]\n"), "none"),
        (with("https://e.org", "algorithms = []\n"), "no algorithm"),
        (with("https://e.org", "scopes = \"x\"\n"), "scopes"),
        (format!("{north}{north}"), "twice"),
        (north.replace("\"varde\"", "\"\""), "audience"),
        (north.replace("key = \"north\"\n", ""), "key"),
    ] {
        let failure = read(&text).expect_err(&text);
        assert_eq!(failure.exit, Exit::Config, "{text}");
        assert!(failure.sentence.contains(named), "{failure}");
    }
}

#[test]
fn each_bound_of_requests_is_read_from_the_file_and_none_can_shut_everybody_out() {
    let text = "[http]\nhead_seconds_max = 5\nhead_bytes_max = 8192\nheaders_max = 20\n\
                body_pause_seconds_max = 7\nsecret_checks_max = 4\n";
    let http = Config::parse(text, "varde.toml").expect("a config").http;
    http.validate().expect("within the bounds");
    let (bounds, limits) = (http.bounds(), http.limits());
    assert_eq!(bounds.head_max.as_secs(), 5);
    assert_eq!((bounds.head_bytes_max, bounds.headers_max), (8_192, 20));
    assert_eq!(limits.body_pause_max.as_secs(), 7);
    assert_eq!(limits.secret_checks_max, 4);
    let schema = schema();
    let settings = schema["properties"]["http"]["properties"].as_object();
    let bounded = settings
        .expect("settings")
        .iter()
        .filter_map(|(name, one)| {
            let least = one.get("minimum")?.as_u64()?;
            (least > 0 && one["type"] == "integer").then_some((name, least))
        });
    let bounded: Vec<_> = bounded.collect();
    assert_eq!(bounded.len(), 8);
    for (name, least) in bounded {
        let with = |value: u64| {
            let text = format!("[http]\n{name} = {value}\n");
            Config::parse(&text, "varde.toml")
                .expect("a config")
                .http
                .validate()
        };
        with(least).expect("what the schema has as the least");
        let failure = with(least - 1).expect_err(name);
        assert!(failure.sentence.starts_with(name.as_str()), "{failure}");
    }
}

#[test]
fn the_page_of_settings_is_as_the_code_has_it() {
    const PAGE: &str = "docs/configuration.md";
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let written = std::fs::read_to_string(root.join(PAGE)).expect(PAGE);
    assert_eq!(
        written,
        page(),
        "{PAGE} is out of date; write it anew: cargo run -- config reference > {PAGE}"
    );
}

#[test]
fn each_variable_is_named_beside_its_setting() {
    use clap::CommandFactory as _;

    fn variables(schema: &serde_json::Value, into: &mut Vec<String>) {
        if let Some(name) = schema.get("x-variable") {
            into.push(name.as_str().expect("a name").to_owned());
        }
        match schema {
            serde_json::Value::Object(members) => {
                members.values().for_each(|member| variables(member, into));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| variables(item, into)),
            _ => {}
        }
    }
    let mut named = Vec::new();
    variables(&schema(), &mut named);
    let cli = Cli::command();
    let serve = cli.find_subcommand("serve").expect("serve");
    let flags = serve
        .get_arguments()
        .filter_map(|flag| flag.get_env()?.to_str());
    let mut known: Vec<&str> = flags.chain(super::WITHOUT_FLAG).collect();
    // It names the file that the settings are in.
    known.retain(|name| *name != "VARDE_CONFIG");
    known.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, known);
}

#[test]
fn the_schema_takes_what_the_code_takes() {
    let validator = |text: &str| {
        let value: serde_json::Value = toml::from_str(text).expect("TOML");
        jsonschema::is_valid(&schema(), &value)
    };
    let taken = "[store]\ndata = \"/d\"\nkind = \"mongodb\"\n[log]\nformat = \"json\"\n\
        [bootstrap]\nkey = \"a:b\"\nspace = \"sing:test\"\n\
        [[oidc.issuers]]\nissuer = \"https://e.org\"\naudience = \"v\"\nkey = \"k\"\n\
        algorithms = [\"EdDSA\"]\n\
        [[handover]]\nname = \"a\"\nprojects = [\"sing\"]\nfolder = \"/a\"\n\
        languages = [\"sv\"]\non = [\"released\"]\n";
    Config::parse(taken, "varde.toml").expect("a config");
    assert!(validator(taken));
    for refused in [
        "[http]\nlistn = \"127.0.0.1:1\"\n",
        "[log]\nformat = \"xml\"\n",
        "[http]\nheaders_max = 0\n",
        "[[handover]]\nname = \"a\"\n",
        "[[oidc.issuers]]\nissuer = \"https://e.org\"\naudience = \"v\"\nkey = \"k\"\n\
         algorithms = [\"HS256\"]\n",
    ] {
        assert!(!validator(refused), "{refused}");
    }
}

#[test]
fn what_is_shown_says_who_set_it_and_tells_no_secret() {
    let text = "[http]\npublic_url = \"https://varde.example.org\"\n[bootstrap]\n\
                key = \"first:the-secret\"\n\
                [[handover]]\nname = \"a\"\nprojects = [\"sing\"]\nfolder = \"/a\"\n";
    let file = file(text);
    let path = file.path().to_str().expect("a path");
    let uri = "mongodb://user:the-password@127.0.0.1/varde";
    let flags = [
        "--config",
        path,
        "--listen",
        "127.0.0.1:1",
        "--mongodb",
        uri,
    ];
    let shown = shown(&serve(&flags), Environment::default()).expect("settings");
    let one = |name: &str| {
        let one = shown.iter().find(|one| one.name == name);
        let one = one.unwrap_or_else(|| panic!("{name} is shown"));
        (one.value.clone(), one.by)
    };
    assert_eq!(
        one("http.listen"),
        ("127.0.0.1:1".into(), SetBy::FlagOrVariable)
    );
    assert_eq!(
        one("http.public_url"),
        ("https://varde.example.org".into(), SetBy::File)
    );
    assert_eq!(one("http.headers_max"), (100.into(), SetBy::Default));
    assert_eq!(one("handover[0].name"), ("a".into(), SetBy::File));
    assert_eq!(one("bootstrap.key").0, "first:(not shown)");
    let all = serde_json::to_string(&shown).expect("JSON");
    assert!(
        !all.contains("the-secret") && !all.contains("the-password"),
        "{all}"
    );
}

#[test]
fn a_file_may_be_json_and_is_refused_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = |text: &str| {
        let path = folder.path().join("varde.json");
        std::fs::write(&path, text).expect("a file");
        Config::read(&path)
    };
    let config = read("{\"http\": {\"headers_max\": 20}, \"log\": {\"filter\": \"warn\"}}");
    let config = config.expect("a config");
    assert_eq!((config.http.headers_max, &*config.log.filter), (20, "warn"));
    assert_eq!(read("{}").expect("a config").http.headers_max, 100);
    let failure = read("{\n\"http\": {\"listn\": \"127.0.0.1:1\"}}").expect_err("refused");
    assert_eq!(failure.exit, Exit::Config);
    assert!(
        failure.sentence.contains("listn") && failure.sentence.contains("line 2"),
        "{failure}"
    );
}
