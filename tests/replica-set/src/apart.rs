//! Members that are hosts of their own: each in a network namespace, joined by a bridge, so that a
//! cable can be pulled.

use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// The bridge that joins all hosts.
const BRIDGE: &str = "varde";
/// The address of this host on it; those of members follow.
const THIS: [u8; 4] = [10, 86, 17, 1];
const PORT: u16 = 27_017;
/// How long a process is waited for to be in a namespace of its own.
const PATIENCE: Duration = Duration::from_secs(10);

/// Begins a command in a namespace of its own, where it waits for the end of its input.
pub(crate) const BEGIN: [&str; 7] = [
    "unshare",
    "--net",
    "--",
    "sh",
    "-c",
    r#"read -r _; exec "$@" </dev/null"#,
    "sh",
];

/// Returns a command in a network namespace that it has to itself, where it may make others.
pub fn alone(program: impl AsRef<OsStr>) -> Command {
    let mut unshare = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        // Whoever is nobody special may be root in a namespace of users.
        unshare.arg("--map-root-user");
    }
    unshare.args(["--net", "--"]).arg(program);
    unshare
}

/// Says why members cannot be hosts of their own on this system, if so.
pub fn why_not_apart() -> Option<String> {
    let script = "ip link add name varde type bridge && ip link add name one type veth peer name other && unshare --net true";
    let tried = alone("sh").args(["-c", script]).output();
    match tried {
        Ok(tried) if tried.status.success() => None,
        Ok(tried) => Some(String::from_utf8_lossy(&tried.stderr).trim().to_owned()),
        Err(error) => Some(format!("unshare (of util-linux): {error}")),
    }
}

/// Makes the bridge, and brings this host to it.
pub(crate) fn make_bridge() -> anyhow::Result<()> {
    let [a, b, c, d] = THIS;
    ip(&["link", "set", "lo", "up"])?;
    ip(&["link", "add", "name", BRIDGE, "type", "bridge"])?;
    ip(&["addr", "add", &format!("{a}.{b}.{c}.{d}/24"), "dev", BRIDGE])?;
    ip(&["link", "set", BRIDGE, "up"])
}

/// Returns where the members are.
pub(crate) fn places(count: usize) -> Vec<SocketAddr> {
    let [a, b, c, d] = THIS;
    let hosts = (d + 1..).take(count);
    hosts
        .map(|d| SocketAddr::from(([a, b, c, d], PORT)))
        .collect()
}

/// Connects a process that was begun by [`BEGIN`] to the bridge.
pub(crate) fn connect(process: &Child, place: SocketAddr) -> anyhow::Result<()> {
    let id = process.id().to_string();
    wait_until_apart(&id)?;
    let cable = cable(place);
    ip(&[
        "link", "add", "name", &cable, "type", "veth", "peer", "name", "eth0", "netns", &id,
    ])?;
    ip(&["link", "set", &cable, "master", BRIDGE])?;
    ip(&["link", "set", &cable, "up"])?;
    let address = format!("{}/24", place.ip());
    for words in [
        &["addr", "add", &address, "dev", "eth0"][..],
        &["link", "set", "eth0", "up"],
        &["link", "set", "lo", "up"],
    ] {
        let inside = ["--target", &id, "--net", "--", "ip"];
        run("nsenter", &[&inside, words].concat())?;
    }
    Ok(())
}

/// Pulls the cable of a member, or plugs it in.
pub(crate) fn set_link(place: SocketAddr, state: &str) -> anyhow::Result<()> {
    ip(&["link", "set", &cable(place), state])
}

/// The name of a cable's end at the bridge.
fn cable(place: SocketAddr) -> String {
    format!("h{}", place.ip()).replace('.', "")
}

fn wait_until_apart(id: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    let ours = fs::read_link("/proc/self/ns/net")?;
    let theirs = format!("/proc/{id}/ns/net");
    while fs::read_link(&theirs)? == ours {
        ensure!(begun.elapsed() < PATIENCE, "no network namespace was made");
        sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn ip(words: &[&str]) -> anyhow::Result<()> {
    run("ip", words)
}

fn run(program: &str, words: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    let output = command.args(words).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("{program} runs"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {}: {}", words.join(" "), said.trim());
    }
    Ok(())
}
