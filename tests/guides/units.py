"""Stands in for an init system: does what a unit file says of how its program is started, as far as that is done without
systemd. The user, the privileges, the umask, and what of the file system is read-only are as the file has them; filters
of system calls are not there. Whether systemd understands the whole file is the matter of `systemd-analyze verify`.
"""

import os
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

FOLDER = Path("/etc/systemd/system")
# Begins a program where only the named folders can be written, without privileges.
BEGIN = """
for writable in $WRITABLE; do mount --bind "$writable" "$writable"; done
mount -t tmpfs -o mode=1777 none /tmp
mount -o remount,bind,ro /
exec setpriv --reuid "$OWNER" --regid "$GROUP" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
"""


def read(file):
    """Returns the settings of a unit, each with its values in order."""
    settings = {}
    for line in Path(file).read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            settings.setdefault(name.strip(), []).append(value.strip())
    return settings


class Units:
    """The services that were started."""

    def __init__(self):
        self.running = {}

    def do(self, commands):
        """Does what lines of `systemctl` ask for."""
        for line in filter(None, commands.splitlines()):
            program, act, *names = [word for word in line.split() if word != "--now"]
            if program != "systemctl" or act not in ("daemon-reload", "enable", "start", "restart", "stop"):
                raise ValueError(f"nothing stands in for this command: {line}")
            for name in names:
                if act in ("stop", "restart"):
                    self.stop(name)
                if act != "stop" and not name.endswith(".timer"):
                    self.start(name)

    def start(self, name):
        if name == "nginx.service":
            subprocess.run(["nginx"], check=True)
            return
        unit = read(FOLDER / name)
        (command,), (user,) = unit["ExecStart"], unit["User"]
        if unit["ProtectSystem"] != ["strict"] or unit["NoNewPrivileges"] != ["yes"] or unit["CapabilityBoundingSet"] != [""]:
            raise ValueError(f"{name} is not confined")
        writable = unit.get("ReadWritePaths", [""])[0].split()
        for state in unit.get("StateDirectory", []):
            folder = Path("/var/lib") / state
            folder.mkdir(exist_ok=True)
            folder.chmod(int(unit["StateDirectoryMode"][0], 8))
            shutil.chown(folder, user, user)
            writable.append(str(folder))
        words = shlex.split(command.replace("%%", "%").replace("$$", "$"))
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-ec", BEGIN, "sh", *words],
            env={"PATH": os.defpath + ":/usr/sbin:/sbin", "WRITABLE": " ".join(writable), "OWNER": user, "GROUP": unit["Group"][0]},
            umask=int(unit["UMask"][0], 8), stderr=subprocess.PIPE, text=True)
        if unit["Type"] == ["oneshot"]:
            said = process.communicate()[1]
            if process.returncode != 0:
                raise ValueError(f"{name} ended with {process.returncode}: {said}")
        else:
            wait_until_listening(process)
            self.running[name] = process

    def stop(self, name):
        """Ends a service in order, where it runs."""
        process = self.running.pop(name, None)
        if process is not None:
            end(process)

    def stop_all(self):
        for name in list(self.running):
            self.stop(name)


def wait_until_listening(process):
    """Reads the log of a server until it listens."""
    said = []
    for line in process.stderr:
        said.append(line)
        if "listening" in line:
            return
    raise ValueError(f"the server ended before it listened: {''.join(said)}")


def end(process):
    """Asks a server to stop, and fails where it does not end in order."""
    process.send_signal(signal.SIGTERM)
    said = process.communicate()[1]
    if process.returncode != 0:
        raise ValueError(f"the server ended with {process.returncode}: {said}")
