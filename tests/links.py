"""Checks that relative links in the repository's Markdown files lead to a file or heading."""

import re
import subprocess
import sys
from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


def documents(root: Path) -> list[Path]:
    """Returns the Markdown files that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return [path for line in listed.stdout.splitlines() if (path := root / line).is_file()]


def prose(path: Path) -> str:
    """Returns a file's text without code, which is no link however it looks."""
    return CODE.sub("", FENCE.sub("", path.read_text(encoding="utf-8")))


def anchors(path: Path) -> set[str]:
    """Returns the names under which a file's headings are reached."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in words}


def fault(source: Path, target: str, root: Path) -> str | None:
    """Returns what is wrong with a relative link, if anything is."""
    name, _, anchor = target.partition("#")
    path = (source.parent / name).resolve() if name else source
    if not path.is_relative_to(root) or not path.exists():
        return "leads to no file"
    if anchor and path.suffix == ".md" and anchor not in anchors(path):
        return "leads to no heading"
    return None


def main() -> int:
    root = Path(__file__).resolve().parent.parent
    checked, faults = 0, []
    for source in documents(root):
        for target in LINK.findall(prose(source)):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            checked += 1
            if wrong := fault(source, target, root):
                faults.append(f"{source.relative_to(root)}: {target} {wrong}")
    print("\n".join(faults) if faults else f"  {checked} links lead somewhere")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
