"""The recipe of the image: what its last stage says is started as it says, on a root that holds nothing else.

No container engine takes part. The root has what the last stage copies and the shared libraries of its base, it is
read-only but for the volume, and the start command runs in namespaces of its own as the user that the recipe names.

usage: test_image.py, with VARDE_BIN naming the binary
"""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

RECIPE = Path(__file__).parents[2] / "helm/image/Dockerfile"
BINARY = "target/release/varde"
# What distroless' cc has of shared libraries that the binary may need.
OF_THE_BASE = ("ld-linux", "libc.so", "libm.so", "libgcc_s.so", "libdl.so", "libpthread.so", "librt.so")
# Mounts the root, makes nothing of it writable but the volume, and becomes the user.
BEGIN = """
mount --bind "$ROOT" "$ROOT"
mount -t tmpfs -o "mode=700,uid=$OWNER,gid=$GROUP" none "$ROOT$VOLUME"
# As every engine gives a container.
mount -t proc none "$ROOT/proc"
mount -o remount,bind,ro "$ROOT"
exec chroot --userspec="$OWNER:$GROUP" "$ROOT" "$@"
"""
KEY = "office:a-secret-of-this-test"
STATEMENT = {
    "actor": {"mbox": "mailto:learner@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
    "object": {"id": "https://course.example.org/1"},
}


def last_stage():
    """Returns the instructions of the last stage, each a word and the rest of its line."""
    lines = RECIPE.read_text().replace("\\\n", " ").splitlines()
    said = [tuple(line.split(None, 1)) for line in lines if line.strip() and not line.startswith("#")]
    begins = max(index for index, (word, _) in enumerate(said) if word == "FROM")
    return said[begins:]


def the(stage, word):
    (rest,) = [rest for one, rest in stage if one == word]
    return rest


def make_root(root, stage, binary):
    """Makes the files of the last stage, with the libraries that the binary needs and the base has."""
    for rest in [rest for word, rest in stage if word == "COPY"]:
        *_, source, target = rest.split()
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(BINARY):
            shutil.copy(binary, place)
        else:
            assert source == "/image/data", f"nothing is known of {source}"
            place.mkdir()
    (root / "proc").mkdir()
    for line in subprocess.check_output(["ldd", binary], text=True).splitlines():
        library = next((word for word in line.split() if word.startswith("/")), None)
        if library is None:
            continue
        assert Path(library).name.startswith(OF_THE_BASE), f"the base of the image does not have {library}"
        place = root / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)


def why_not():
    """Says why no such namespaces can be made here, if so."""
    tried = subprocess.run(["unshare", "--mount", "chroot", "/", "true"], capture_output=True, text=True)
    return None if tried.returncode == 0 else tried.stderr.strip()


def ask(address, path, body=None):
    headers = {
        "Authorization": "Basic " + base64.b64encode(KEY.encode()).decode(),
        "X-Experience-API-Version": "1.0.3",
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(f"http://{address}{path}", body and json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def run(root, stage):
    environment = dict(pair.split("=", 1) for pair in the(stage, "ENV").split())
    owner, group = the(stage, "USER").split(":")
    assert int(owner) > 0 and int(group) > 0, "a number, so that a cluster sees that it is not root"
    assert the(stage, "VOLUME") == environment["VARDE_DATA"] == environment["TMPDIR"]
    ports = the(stage, "EXPOSE").split()
    for name, port in zip(("VARDE_LISTEN", "VARDE_ADMIN_LISTEN"), ports, strict=True):
        assert environment[name] == f"0.0.0.0:{port}"
        # Any free port of this machine alone.
        environment[name] = "127.0.0.1:0"
    command = json.loads(the(stage, "ENTRYPOINT")) + json.loads(the(stage, "CMD"))
    begin = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", BEGIN, "sh", *command]
    environment |= {"ROOT": str(root), "VOLUME": the(stage, "VOLUME"), "OWNER": owner, "GROUP": group}
    environment |= {"PATH": os.defpath + ":/usr/sbin:/sbin", "VARDE_BOOTSTRAP_KEY": KEY}
    server = subprocess.Popen(begin, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        log = []
        for line in server.stderr:
            log.append(line)
            if '"listening"' in line:
                break
        else:
            raise AssertionError(f"it ended before it listened: {''.join(log)}")
        said = json.loads(line)
        inside = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        status = Path(f"/proc/{inside[0]}/status").read_text()
        assert f"Uid:\t{owner}\t{owner}\t{owner}\t{owner}" in status, status
        assert "CapEff:\t0000000000000000" in status, status
        assert ask(said["admin.address"], "/readyz") == "ready\n"
        (stored,) = json.loads(ask(said["http.address"], "/xapi/statements", [STATEMENT]))
        assert json.loads(ask(said["http.address"], f"/xapi/statements?statementId={stored}"))["id"] == stored
        mounts = Path(f"/proc/{inside[0]}/mountinfo").read_text().splitlines()
        of_root = [line.split() for line in mounts if line.split()[4] == "/"]
        assert of_root and of_root[-1][5].startswith("ro"), "the root is read-only"
        os.kill(int(inside[0]), signal.SIGTERM)
        rest = server.stderr.read()
        assert server.wait() == 0 and '"stopped"' in rest, rest
    finally:
        server.kill()
        server.wait()


def main():
    reason = why_not()
    if reason:
        print(f"  Image NOT MET: the start command cannot be run in a namespace here: {reason}")
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        stage = last_stage()
        make_root(root, stage, os.environ["VARDE_BIN"])
        run(root, stage)
    print("the image's start command served, took a statement and stopped in order\n# pass 1\n# fail 0")


if __name__ == "__main__":
    sys.exit(main())
