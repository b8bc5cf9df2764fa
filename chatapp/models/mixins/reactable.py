"""A message that people react to with emoji, and how it shows their reactions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, declared_attr, relationship

from chatapp.extensions import db, emoji_list

from ..reach import Archived
from ..reaction import Reaction

if TYPE_CHECKING:
    from ..user import User

#: What is offered first. Six fit into a row on a small phone.
USUAL = ("👍", "❤️", "😂", "🎉", "😮", "👀")
#: The most different emoji on one message, emoji of one person on it, and reactions to it. Every change of a message
#: reads its reactions and sends their people's ids to all readers.
DIFFERENT, EACH, ALL = 20, 5, 1_000
#: People who are named; the others are counted.
NAMED = 8


class TooManyReactions(Exception):
    """The message takes no more. The text says why, for the person who tried."""


class Reactable:
    @declared_attr
    def reactions(cls) -> Mapped[list[Reaction]]:
        return relationship(back_populates="message", order_by=Reaction.id, cascade="all, delete-orphan")

    @property
    def pills(self) -> list["Pill"]:
        """The reactions grouped by emoji, the earliest first."""
        users: dict[str, list[User]] = {}
        for reaction in self.reactions:
            users.setdefault(reaction.emoji, []).append(reaction.user)
        return [Pill(emoji, people) for emoji, people in users.items()]

    def must_take_reactions(self) -> None:
        """Raises Archived in an archived chat."""
        if self.chat.archived_at:
            raise Archived

    def react(self, user: "User", emoji: str) -> None:
        """Add a reaction; harmless when it is there already, and for a message that was deleted just now.

        Raises Archived and TooManyReactions.
        """
        self.lock()  # or the same click from another tab could come in between
        self.must_take_reactions()
        if self.deleted_at is None and not any(self._of(user, emoji)):
            self._must_have_room_for(user, emoji)
            db.session.add(Reaction(message=self, user_id=user.id, emoji=emoji))

    def withdraw(self, user: "User", emoji: str) -> None:
        """Take a reaction away; harmless when it is gone already. Raises Archived."""
        self.lock()
        self.must_take_reactions()
        for reaction in list(self._of(user, emoji)):
            self.reactions.remove(reaction)
            db.session.delete(reaction)  # the session would not announce a reaction that is only taken out of the list

    def _of(self, user: "User", emoji: str) -> Iterator[Reaction]:
        return (reaction for reaction in self.reactions if (reaction.user_id, reaction.emoji) == (user.id, emoji))

    def _must_have_room_for(self, user: "User", emoji: str) -> None:
        different = {reaction.emoji for reaction in self.reactions}
        if sum(reaction.user_id == user.id for reaction in self.reactions) >= EACH:
            raise TooManyReactions(f"You have reacted with {EACH} emoji. Take one back to choose another.")
        if emoji not in different and len(different) >= DIFFERENT:
            raise TooManyReactions(f"This message has {DIFFERENT} different emoji. Choose one of them.")
        if len(self.reactions) >= ALL:
            raise TooManyReactions(f"This message has {ALL:,} reactions, and takes no more.")


class Pill:
    """One emoji under a message, with the people who have chosen it."""

    def __init__(self, emoji: str, people: list["User"]):
        self.emoji, self.people = emoji, people

    @property
    def count(self) -> int:
        return len(self.people)

    @property
    def key(self) -> str:
        """The emoji in letters and digits, for the id of an element: ``"1f44d"``."""
        return "-".join(f"{ord(character):x}" for character in self.emoji)

    @property
    def name(self) -> str:
        """``"thumbs up"``."""
        return emoji_list.name(self.emoji)

    @property
    def user_ids(self) -> str:
        """``"4 7"``."""
        return " ".join(str(person.id) for person in self.people)

    @property
    def names(self) -> str:
        """``"Alice, Bob and Carol"``, or as many as fit ``"and 5 more"``."""
        return "".join(f"{words}{behind}" for words, _, behind in self.named)

    @property
    def named(self) -> list[tuple[str, int | None, str]]:
        """The same in pieces: a name, whose it is, and what stands behind it."""
        pieces = [(person.name, person.id) for person in self.people[:NAMED]]
        if more := self.count - len(pieces):
            pieces.append((f"{more} more", None))
        behind = [", "] * (len(pieces) - 2) + [" and "] * (len(pieces) > 1) + [""]
        return [(*piece, words) for piece, words in zip(pieces, behind, strict=True)]
