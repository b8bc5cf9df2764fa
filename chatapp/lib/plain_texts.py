"""Makes texts that strangers wrote fit to be kept, shown and given to a model."""

import unicodedata

#: Characters without a shape: control characters, direction marks, tags, surrogates, private ones. Joiners are needed.
_SHAPELESS = {"Cc", "Cf", "Cs", "Co"}
_KEPT = "\n\t\u200c\u200d"


def visible(text: str, most: int) -> str:
    """``text`` without invisible characters, which a model would read and people would not.

    Has at most ``most`` characters. A text that was cut says at its end how long it was.
    """
    looked_at = text[: 2 * most].replace("\r\n", "\n").replace("\r", "\n")
    seen = "".join(c for c in looked_at if c in _KEPT or unicodedata.category(c) not in _SHAPELESS).strip()
    if len(text) <= 2 * most and len(seen) <= most:
        return seen
    note = f"… (cut: {len(text):,} characters in all)"
    return (seen[: most - len(note)].rstrip() + note)[:most]


def in_one_line(value: object, most: int) -> str:
    """``value`` as a text in one line, cut to ``most`` characters."""
    line = " ".join(visible(str(value)[: 4 * most], 4 * most).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
