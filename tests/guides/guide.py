"""Reads the blocks of commands on a page for people.

A fenced block of `sh` is run, unless the paragraph before it is a mark: *(not run here: why)*. A block of `text` that
follows it shows what comes out, where `…` stands for anything.
"""

import re
from dataclasses import dataclass

MARK = re.compile(r"^\*\(not run here: (?P<why>[^)]+)\)\*$")
# What else may stand on a page. Commands are `sh` and nothing else, so none goes by under another name.
OTHERS = {"json", "python", "text", "toml", "yaml"}
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)$")


@dataclass
class Block:
    """Commands of a page: the line they begin at, why they are not run, and what they are to print."""

    line: int
    commands: str
    why_not: str | None = None
    shown: str | None = None


def blocks(text):
    """Returns the blocks of commands of a page. A mark before anything else is an error."""
    found, before, fence, inside, answers = [], None, None, [], False
    for number, line in enumerate(text.splitlines(), 1):
        begins = FENCE.match(line)
        if fence is None and begins:
            fence, inside, first = begins["language"], [], number
            if fence != "sh" and fence not in OTHERS:
                raise ValueError(f"line {number}: a block of {fence or 'nothing'}; commands are sh, and what is printed text")
        elif fence is None:
            if not line.strip():
                continue
            if before is not None and MARK.match(before):
                raise ValueError(f"line {number}: a mark belongs directly before a block of commands")
            before, answers = line.strip(), False
        elif begins and not begins["language"]:
            mark = before is not None and MARK.match(before)
            if fence == "sh":
                found.append(Block(first, "\n".join(inside), mark["why"] if mark else None))
            elif mark:
                raise ValueError(f"line {first}: a mark belongs before a block of commands, this one is {fence}")
            elif fence == "text" and answers:
                found[-1].shown = "\n".join(inside)
            answers, before, fence = fence == "sh", None, None
        else:
            inside.append(line)
    return found


def lacks(printed, shown):
    """Returns the first line that a page shows and a command did not print in its place, or None."""
    lines = iter(" ".join(line.split()) for line in printed.splitlines())
    for line in filter(None, (" ".join(one.split()) for one in shown.splitlines())):
        pattern = re.compile(r"\s*.*\s*".join(re.escape(part.strip()) for part in line.split("…")))
        if not any(pattern.fullmatch(one) for one in lines):
            return line
    return None
