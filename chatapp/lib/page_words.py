"""What a web page says about itself in its head: title and description, as plain text."""

import codecs
import re
import unicodedata
from contextlib import suppress
from html.parser import HTMLParser
from typing import NamedTuple

#: Characters. Longer texts are cut, and end with an ellipsis.
TITLE, DESCRIPTION = 150, 250
#: Characters of a text to read: to clean all of a hostile one could take long.
LOOKED_AT = 2_000
#: Bytes in which a page names its encoding.
NAMED_WITHIN = 2_048
#: The names under which pages describe themselves, the best one first.
TITLES, DESCRIPTIONS = ("og:title", "twitter:title"), ("og:description", "description", "twitter:description")
#: Characters without a shape: control characters, direction marks, surrogates, private ones. Joiners are needed.
_SHAPELESS = {"Cc", "Cf", "Cs", "Co"}
_JOINERS = "\u200c\u200d"
#: Marks on one letter. A pile of them would cover the lines above.
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_PILED = re.compile(f"({_MARK}{{3}}){_MARK}+")
#: The encodings that pages have. Python knows others: "punycode" takes minutes for half a megabyte.
_KNOWN = re.compile(
    r"utf-8|utf-16(-[lb]e)?|ascii|iso8859-\d+|cp125\d|cp8(66|74)|koi8-[ru]|gb2312|gbk|gb18030|big5(hkscs)?"
    r"|euc_(jp|kr)|shift_jis|cp9(32|49)|iso2022_jp|tis-620|mac-\w+"
)
_ENCODING = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_TYPE_ENCODING = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)


class Words(NamedTuple):
    """A text is empty if the page does not give it. ``application`` is the name of the application behind the page,
    and ``generator`` that of the software."""

    title: str
    description: str
    application: str
    generator: str = ""


def words_of(content: bytes, content_type: str) -> Words:
    """Reads the beginning of a page."""
    head = Head()
    # The parser fails at a broken declaration; what it has found before that counts.
    with suppress(AssertionError):
        # Never closed: the parser would then read the rest again for each tag that has no end.
        head.feed(decoded(content, content_type))
    title = first(head.found, TITLES) or "".join(head.title)
    application, generator = (cleaned(head.found.get(name, ""), TITLE) for name in ("application-name", "generator"))
    description = cleaned(first(head.found, DESCRIPTIONS), DESCRIPTION)
    return Words(cleaned(title, TITLE), description, application, generator)


def decoded(content: bytes, content_type: str) -> str:
    """``content`` decoded by the encoding that its server or the page itself names, else as UTF-8."""
    told = _TYPE_ENCODING.search(content_type)
    named = _ENCODING.search(content[:NAMED_WITHIN])
    name = told[1] if told else named[1].decode("ascii") if named else "utf-8"
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        codec = ""
    return content.decode(codec if _KNOWN.fullmatch(codec) else "utf-8", "replace")


def first(found: dict[str, str], names: tuple[str, ...]) -> str:
    return next((found[name] for name in names if found.get(name, "").strip()), "")


def cleaned(text: str, length: int) -> str:
    """``text`` in one line of plain characters, cut to ``length`` of them."""
    seen = (" " if character.isspace() else character for character in text[:LOOKED_AT])
    shown = "".join(c for c in seen if c in _JOINERS or unicodedata.category(c) not in _SHAPELESS)
    line = " ".join(_PILED.sub(r"\1", shown).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


class Head(HTMLParser):
    """Collects the title and the ``<meta>`` elements of a page, up to its body."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.title: list[str] = []
        self.found: dict[str, str] = {}
        self._in_title = self._done = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title" and not self.title
        self._done = self._done or tag == "body"
        if tag == "meta" and not self._done:
            values = dict(attributes)
            name = (values.get("property") or values.get("name") or "").strip().lower()
            self.found.setdefault(name, (values.get("content") or "")[:LOOKED_AT])

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title and not self._done:
            self.title.append(data[:LOOKED_AT])
