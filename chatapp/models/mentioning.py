"""Finds the mentions in the text of one message, and keeps its rows equal to them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from chatapp.extensions import db
from chatapp.lib import markdown

from .listed_chat import ListedChat
from .membership import Membership
from .mention import Mention
from .message import Message
from .user import NAME_LIMIT, User

if TYPE_CHECKING:
    from .chat import Chat

#: The name that mentions all members. A person of this name is mentioned by name and id.
ALL = "all"
#: The most members of a chat in which everybody may mention all of them. In a larger one its managers may.
SMALL = 10

_ENDS = re.compile(r"(?<=\S)(?!\w)")
_ID_BEHIND = re.compile(r"#[1-9][0-9]{0,8}(?!\w)")
_ID = re.compile(r"#[0-9]+\Z")


class Mentioning:
    """The mentions of ``message``. Its chat is locked, so that nobody joins or leaves meanwhile.

    Names are not unique and change. The text stays as it was typed, and each row keeps the name by which the text means
    its person. So the text still means a person who has another name now, even after an edit.
    """

    def __init__(self, message: Message):
        self.message, self.chat = message, message.chat

    def settle(self) -> None:
        """Make the rows fit the text."""
        places = [list(_longest_first(words)) for words in markdown.places(self.message.content)]
        answered = self._answered()
        if not places and not answered and not self.message.has_mentions:
            return
        found = self._found(places)
        self.message.mentions_all = found.pop(ALL, None) is not None
        if answered:
            found.setdefault(answered, "")
        self._keep(found)

    def clear(self) -> None:
        """Remove all mentions: the message was deleted, and nobody can see them."""
        if self.message.has_mentions:
            self.message.mentions_all = False
            self._keep({})

    def _answered(self) -> int | None:
        """The id of the member whose message this one quotes: that mentions them without a name in the text."""
        quoted = self.message.quoted
        if quoted is None or quoted.author_id == self.message.author_id:
            return None
        if quoted.author.is_assistant:
            return quoted.author_id if quoted.author in self._assistants else None
        return quoted.author_id if self.chat.membership_of(quoted.author) else None

    def _found(self, places: list[list[str]]) -> dict[int | str, str]:
        """Whom the text means: each id (or ALL) with the first name that stands for it."""
        known = self._known({name for names in places for name in names})
        found: dict[int | str, str] = {}
        for names in places:
            # The text means the longest name that anybody has, and nobody where two people have it.
            name = next((name for name in names if known.get(_key(name))), "")
            ids = known.get(_key(name), ())
            if len(ids) == 1:
                found.setdefault(*ids, name)
        return found

    def _known(self, names: set[str]) -> dict[str, set[int | str]]:
        """Maps the ``names`` that somebody has to ids: those of members, or of people whom the message meant before."""
        known: dict[str, set[int | str]] = defaultdict(set)
        for id, name in db.session.execute(_members_called(self.chat, names)) if names else ():
            known[_key(name)].add(id)
            known[_key(with_id(name, id))] = {id}
        spoken = {_key(name) for name in names}
        for assistant in self._assistants if names else ():
            known |= {key: {assistant.id} for key in _keys(assistant) & spoken}
        if ALL in spoken:
            known[ALL] = {ALL} if self._may_mention_all() else set()
        for mention in self.message.mentions:
            if mention.name:
                known[_key(mention.name)] = {mention.user_id}
        return known

    @cached_property
    def _assistants(self) -> list[User]:
        """The assistants that one can mention here."""
        return self.chat.assistants if self.chat.assistant != "never" else []

    def _may_mention_all(self) -> bool:
        """True also where the chat has become large since the message mentioned all."""
        return self.message.mentions_all or may_mention_all(self.message.author, self.chat)

    def _keep(self, found: dict[int, str]) -> None:
        kept = {mention.user_id: mention for mention in self.message.mentions}
        changed = kept.keys() ^ found.keys()
        self.message.mentions = [kept.get(id) or Mention(user_id=id) for id in found]
        for mention in self.message.mentions:
            mention.name = found[mention.user_id]
        self._tell(changed - {self.message.author_id}, found.keys())

    def _tell(self, changed: set[int], mentioned: set[int]) -> None:
        """Change the lists of these people, in which a mark names the newest message that mentions them."""
        people = select(User).where(User.id.in_(changed), User.kind == "person")
        for user in db.session.scalars(people) if changed else ():
            listed = ListedChat.of(user, self.chat)
            if user.id in mentioned:
                listed.mentioned_id = max(listed.mentioned_id, self.message.id)
            elif listed.mentioned_id == self.message.id:
                listed.mentioned_id = self._newest_but_this(user.id)
            listed.touch()  # the page of mentions also shows older ones

    def _newest_but_this(self, user_id: int) -> int:
        others = select(Mention.message_id).join(Message).where(Mention.user_id == user_id)
        others = others.where(Message.chat_id == self.chat.id, Message.id != self.message.id)
        others = others.where(Message.deleted_at.is_(None), Message.author_id != user_id)
        return db.session.scalar(others.order_by(Mention.message_id.desc()).limit(1)) or 0


def may_mention_all(user: User, chat: "Chat") -> bool:
    """Whether ``user`` may mention all members: in a large chat only its managers may."""
    return chat.members_count <= SMALL or user.can_manage(chat)


def with_id(name: str, id: int) -> str:
    """``"Bob#7"``, which stands for one person, whoever else is called Bob."""
    return f"{name}#{id}"


def _members_called(chat: "Chat", names: set[str]) -> Select:
    # SQLite lowers the letters of ASCII only, and so do some locales of PostgreSQL: other letters match as typed.
    plain = {_ID.sub("", name) for name in names}
    asked = {name.lower() for name in plain} | {_ascii_lower(name) for name in plain}
    member = members_of(chat)
    return select(member.id, member.name).where(func.lower(member.name).in_(asked))


def members_of(chat: "Chat") -> type[User]:
    """The people who can read the chat as its members, and log in, as something to select from."""
    members = select(User).join(Membership, Membership.user_id == User.id)
    members = members.where(Membership.chat_id == chat.id, User.active, User.kind == "person").cte("members")
    # Otherwise PostgreSQL may read the people of all chats to find those with a name.
    return aliased(User, members.prefix_with("MATERIALIZED", dialect="postgresql"))


def _ascii_lower(name: str) -> str:
    return name.encode(errors="replace").lower().decode()


def _longest_first(words: str) -> Iterator[str]:
    """``"Bob Lee"`` and ``"Bob"`` for ``"Bob Lee, hello"``: what may be a name there, alone or with an id, "Bob#7"."""
    ends = [found.start() for found in _ENDS.finditer(words[: NAME_LIMIT + 1])]
    for end in reversed([end for end in ends if end <= NAME_LIMIT]):
        id = _ID_BEHIND.match(words, end)
        if id or not words[end:].startswith("#"):
            yield words[:end] + (id[0] if id else "")


def _keys(user: User) -> set[str]:
    """The keys that mean this account and no other."""
    return {_key(user.name), _key(with_id(user.name, user.id))}


def _key(name: str) -> str:
    return name.casefold()
