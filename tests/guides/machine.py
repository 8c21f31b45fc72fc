"""A machine of its own for the commands of guides: this system's files under a layer that is thrown away, a network
with nobody else on it, and processes that end with it. So commands run as they are written, as root, and this system
stays as it is.
"""

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
NAMES = "127.0.0.1 varde.example.org\n"


def apart(program):
    """Returns a command in namespaces that it has to itself, as root."""
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--", *program]
    return unshare if os.geteuid() == 0 else ["sudo", "--non-interactive", "--preserve-env", *unshare]


def why_not_apart():
    """Says why no such machine can be made on this system, if so."""
    folder = tempfile.mkdtemp()
    layers = "lowerdir=/,upperdir=$0/upper,workdir=$0/work"
    script = f'mount -t tmpfs none "$0" && mkdir "$0/upper" "$0/work" "$0/root" && mount -t overlay none -o {layers} "$0/root"'
    try:
        tried = subprocess.run(apart(["sh", "-c", script, folder]), capture_output=True, text=True)
        return None if tried.returncode == 0 else tried.stderr.strip() or "no reason was given"
    except FileNotFoundError as error:
        return str(error)
    finally:
        os.rmdir(folder)


def become(folder, binary):
    """Makes this process one of such a machine, with its root on an empty folder. It is in namespaces of its own."""
    mount("-t", "tmpfs", "none", folder)
    root = layer(folder, "/", Path(folder) / "root")
    for inside in ("proc", "dev"):
        mount("--rbind", f"/{inside}", root / inside)
    for empty in ("run", "tmp"):
        mount("-t", "tmpfs", "-o", "mode=1777", "none", root / empty)
    here = root / REPOSITORY.relative_to("/")
    # A file system of its own, or one that was just covered, is not below the layer.
    if not (here / "README.md").exists():
        here.mkdir(parents=True, exist_ok=True)
        layer(folder, REPOSITORY, here)
    built = here / "target/release/varde"
    built.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(binary, built)
    built.chmod(built.stat().st_mode | stat.S_IXUSR)
    with open(root / "etc/hosts", "a") as hosts:
        hosts.write(NAMES)
    os.chroot(root)
    os.chdir(REPOSITORY)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def layer(folder, lower, at):
    """Covers files by a layer that takes all that is written to them."""
    own = Path(tempfile.mkdtemp(dir=folder))
    for name in ("upper", "work"):
        (own / name).mkdir()
        (own / name).chmod(0o755)
    at.mkdir(exist_ok=True)
    mount("-t", "overlay", "none", "-o", f"lowerdir={lower},upperdir={own}/upper,workdir={own}/work", at)
    return at


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)
