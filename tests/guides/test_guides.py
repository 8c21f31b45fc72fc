"""Runs the commands of the pages for people, each page in its order, on machines of their own.

usage: test_guides.py, with VARDE_BIN naming the binary
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import guide
import machine
import units

# Pages that follow one another on the same machine.
JOURNEYS = [
    ["README.md", "docs/commands.md"],
    ["docs/install.md", "docs/front-ends.md", "docs/operations.md"],
    ["docs/first-rule.md"],
    ["docs/first-report.md"],
    ["docs/moving.md"],
    ["docs/kubernetes.md"],
]
# How many blocks of each page are not run, and why. Nobody marks one unnoticed.
NOT_RUN = {
    "README.md": {"takes a release build": 1, "it is what runs this": 1},
    "docs/install.md": {
        "needs an init system": 3, "takes a release build": 1, "needs a vault": 1,
        "needs the archive of Debian; the test has them installed": 1,
    },
    "docs/operations.md": {"needs an init system": 2},
    "docs/kubernetes.md": {"needs a cluster": 4, "needs a container engine": 1},
}
INIT = "needs an init system"
SERVES = re.compile(r"^(\w+=\S+ )*varde serve\b", re.MULTILINE)
UNITS = ["varde.service", "varde-backup.service"]


def pages_with_commands():
    pages = [Path("README.md"), Path("CONTRIBUTING.md"), Path("SECURITY.md"), *sorted(Path("docs").glob("*.md"))]
    return {str(page): found for page in pages if (found := guide.blocks(page.read_text()))}


def check_marks():
    """Fails where a page has commands and is on no journey, or marks others than is written above."""
    known = {page for journey in JOURNEYS for page in journey}
    pages = pages_with_commands()
    assert set(pages) == known, f"pages with commands, and those that are run, differ: {set(pages) ^ known}"
    for page, blocks in pages.items():
        marked = Counter(block.why_not for block in blocks if block.why_not)
        assert marked == NOT_RUN.get(page, {}), f"{page} marks {dict(marked)} as not run"


def check_reader():
    """Fails where a page could hide commands from the reader, or anything would do as what they print."""
    sh, mark = "```sh\ntrue\n```\n", "*(not run here: needs a moon)*\n"
    (run_one, marked) = guide.blocks(f"{sh}\n```text\na … c\n```\n\n{mark}\n{sh}")
    assert (run_one.why_not, run_one.shown, run_one.line) == (None, "a … c", 1)
    assert (marked.why_not, marked.commands, marked.shown) == ("needs a moon", "true", None)
    for hidden in (f"{mark}\nwords\n\n{sh}", f"{mark}\n```text\nx\n```\n", "```bash\ntrue\n```\n", "```\ntrue\n```\n"):
        try:
            guide.blocks(hidden)
        except ValueError:
            continue
        raise AssertionError(f"this page is taken: {hidden!r}")
    assert guide.lacks("x\na b  c\n", "a … c") is None
    assert guide.lacks("a b\n", "a … c") == "a … c"
    assert guide.lacks("two\none\n", "one\ntwo") == "two", "the order counts"


def check_units():
    """Fails where a unit is less confined than systemd itself would have it."""
    folder = machine.REPOSITORY / "helm/machine"
    for unit in UNITS:
        checked = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(folder / unit)],
            capture_output=True, text=True)
        assert checked.returncode == 0, f"{unit}: {checked.stdout[-400:]}{checked.stderr}"


def run(block, services):
    """Runs a block, and returns what it printed. A server is left running."""
    command = ["bash", "-euo", "pipefail", "-c", block.commands]
    if SERVES.search(block.commands):
        server = subprocess.Popen(
            [*command[:-1], re.sub(SERVES, lambda found: "exec env " + found[0], block.commands)],
            stderr=subprocess.PIPE, text=True)
        units.wait_until_listening(server)
        services.append(server)
        return ""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, f"it ended with {done.returncode} and printed\n{done.stdout}"
    return done.stdout


def travel(journey):
    """Follows pages on this machine, and prints what became of each block. Ends at the first that fails."""
    init, services, passed = units.Units(), [], 0
    os.environ["PATH"] = f"{machine.REPOSITORY}/target/release:{os.environ['PATH']}:/usr/sbin:/sbin"
    for page in journey:
        for block in guide.blocks(Path(page).read_text()):
            where = f"{page}:{block.line}"
            try:
                if block.why_not == INIT:
                    init.do(block.commands)
                elif block.why_not is None:
                    printed = run(block, services)
                    missing = guide.lacks(printed, block.shown or "")
                    assert missing is None, f"{missing!r} was not printed:\n{printed}"
            except (AssertionError, ValueError, subprocess.SubprocessError) as error:
                print(f"  {where} FAILED: {error}\n# pass {passed}\n# fail 1", flush=True)
                return 1
            told = f"not run: {block.why_not}" if block.why_not else "run"
            print(f"  {where} {told}", flush=True)
            passed += block.why_not is None
    for server in services:
        units.end(server)
    init.stop_all()
    print(f"# pass {passed}\n# fail 0", flush=True)
    return 0


def main():
    check_reader()
    check_marks()
    check_units()
    print("# pass 3\n# fail 0")
    reason = machine.why_not_apart()
    if reason:
        print(f"  Guides NOT MET: no machine of its own can be made here, so no command was run: {reason}")
        return 0
    binary, failed = str(Path(os.environ["VARDE_BIN"]).resolve()), 0
    for journey in JOURNEYS:
        with tempfile.TemporaryDirectory() as folder:
            here = [sys.executable, __file__, folder, binary, json.dumps(journey)]
            environment = {name: value for name, value in os.environ.items() if not name.startswith("VARDE_")}
            failed += subprocess.run(machine.apart(here), env=environment).returncode != 0
    return failed


if __name__ == "__main__":
    os.chdir(machine.REPOSITORY)
    if len(sys.argv) == 1:
        sys.exit(main())
    _, folder, binary, journey = sys.argv
    machine.become(folder, binary)
    sys.exit(travel(json.loads(journey)))
