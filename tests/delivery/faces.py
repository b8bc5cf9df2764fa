"""What people look like on a page, without a browser: static/lib/faces.js and faces_controller.js."""

import re
from dataclasses import dataclass

FACE = re.compile(
    r'<span id="face_\d+_chat_\d+" [^>]*data-face-of="(\d+)"[^>]*><bdi>(.*?)</bdi>(<span.*</span>)</span>'
)
AVATAR = r'<span class="avatar"[^>]*>(.*?)</span>'
REACTION = re.compile(r'<li id="reaction_.*?</li>', re.DOTALL)
NAMES = re.compile(r'<span class="reaction__names">(.*?)</span>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Face:
    id: str
    name: str
    avatar: str

    def shown_in(self, article: str) -> str:
        """The HTML of ``article`` with this look of the person."""
        own = rf'<article [^>]*data-author-id="{self.id}"[^>]*>'
        for before, after, new in (
            (rf'{own}\s*<span class="avatar"[^>]*>', "</span>", self.avatar),
            (rf'{own}.*?<a class="message__author" [^>]*>', "</a>", self.name),
            (rf'<span class="quote__author" data-user-id="{self.id}"><bdi class="quote__name">', "</bdi>", self.name),
            (rf'<bdi class="mention" data-mention-id="{self.id}">', "</bdi>", f"@{self.name}"),
        ):
            article = put(article, before, after, new)
        return REACTION.sub(lambda found: self.named_in(found[0]), article)

    def named_in(self, reaction: str) -> str:
        before = names_of(reaction)
        reaction = put(reaction, rf'<bdi data-person="{self.id}">', "</bdi>", self.name)
        after = names_of(reaction)
        reaction = reaction.replace(f'title="{before}: ', f'title="{after}: ')
        return re.sub(rf'(aria-label="[^"]*, ){re.escape(before)}"', lambda found: f'{found[1]}{after}"', reaction)


def faces(html: str) -> list[Face]:
    return [Face(id, name, re.fullmatch(AVATAR, avatar, re.DOTALL)[1]) for id, name, avatar in FACE.findall(html)]


def put(html: str, before: str, after: str, new: str) -> str:
    return re.sub(rf"({before}).*?({after})", lambda found: f"{found[1]}{new}{found[2]}", html, flags=re.DOTALL)


def names_of(reaction: str) -> str:
    return TAG.sub("", NAMES.search(reaction)[1])
