"""The end of a Markdown text still being written."""

import re

#: A mark still open after this many characters was probably not one.
OPEN_MARK, OPEN_LINK = 80, 300
#: Characters of a line of marks alone, such as the second line of a table.
LONGEST_MARKS = 300

#: A line that may become anything: a rule, a list, the underline of a heading, a fence, a row of a table.
_UNDECIDED = re.compile(r"[\s>]*(?:[-+*_=~`#|:>][-+*_=~`#|:>\s]*|\d{1,9}[.)]?\s*|(?:`{3}|~{3})[^\s`]*)")
_FENCE = re.compile(r"^[ >]*(?:`{3}|~{3})", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\[\]]*(?:\](?:\([^()]*)?)?\Z")
_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_OPEN_CODE = re.compile(r"`+")
#: Each mark where it can begin or end something: with a character beside it, and _ not within a word.
_MARKS = [re.compile(mark) for mark in (r"\*\*(?!\s)|(?<=\S)\*\*", r"~~", r"\*(?!\s)|(?<=\S)\*", r"(?<!\w)_|_(?!\w)")]


def settled(text: str) -> str:
    """``text`` without an end that may soon look different: half a table, a mark without its partner, a bare hyphen.

    Takes away a few words at most, and adds nothing. Use it while a text grows; show the finished text as it is.
    """
    lines = text.split("\n")
    if len(lines[-1]) <= LONGEST_MARKS and _UNDECIDED.fullmatch(lines[-1]):
        lines[-1] = ""  # and not removed: the line above has ended, so its open marks stay as they are
    if len(_FENCE.findall("\n".join(lines))) % 2:
        return "\n".join(lines)
    if _begins_table(lines):
        lines = lines[:-1] if lines[-1] else lines[:-2]
    if lines:
        lines[-1] = _without_open_mark(lines[-1])
    return "\n".join(lines)


def _begins_table(lines: list[str]) -> bool:
    """Whether the last line with words in it is the head of a table whose second line has not come."""
    rows = lines[:-1] if lines and not lines[-1] else lines
    return bool(rows) and rows[-1].startswith("|") and not (len(rows) > 1 and rows[-2].startswith("|"))


def _without_open_mark(line: str) -> str:
    if (link := _LINK.search(line)) and len(link[0]) <= OPEN_LINK:
        line = line[: link.start()]
    plain = _CODE.sub(lambda code: " " * len(code[0]), line)
    if code := _OPEN_CODE.search(plain):
        line, plain = _cut(line, code.start()), plain[: code.start()]
    for mark in _MARKS:
        found = list(mark.finditer(plain))
        if len(found) % 2:
            line = _cut(line, found[-1].start())
        plain = mark.sub(lambda one: " " * len(one[0]), plain)
    return line


def _cut(line: str, place: int) -> str:
    return line[:place] if len(line) - place <= OPEN_MARK else line
