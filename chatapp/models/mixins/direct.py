"""Direct chats: one for each set of people, and named by them (decision 0043)."""

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db

from ..block import Block
from ..former_member import FormerMember
from ..membership import Membership
from ..titles import TITLE_LIMIT

if TYPE_CHECKING:
    from ..user import User

#: People in a direct chat, with the person who begins it.
PEOPLE = 9


class Direct:
    """A direct chat is a closed one with a key. It has no title and no manager, and nobody else can be added.

    The key names its people, even while they are not members: before anybody has written to them, or after they have
    left. So to pick the same people again is to get the same chat.
    """

    #: The ids of its people, in their order: ``"4 7 9"``. None for all other chats.
    direct_key: Mapped[str | None] = mapped_column(String(120), unique=True, index=True)

    @property
    def is_direct(self) -> bool:
        return self.direct_key is not None

    @property
    def person_ids(self) -> list[int]:
        return ids_of(self.direct_key)

    @property
    def people(self) -> list["User"]:
        """The people of a direct chat, in the order of the key; nobody for other chats."""
        from ..user import User

        return list(db.session.scalars(select(User).where(User.id.in_(self.person_ids)).order_by(User.id)))

    @property
    def named_people(self) -> list[tuple[int, str]]:
        """The ids and names of its people, for partials, which have no viewer."""
        return [(person.id, person.name) for person in self.people]

    def people_but(self, user: "User") -> list["User"]:
        return [person for person in self.people if person.id != user.id]

    @classmethod
    def direct(cls, user: "User", others: Iterable["User"]) -> Self:
        """The direct chat of ``user`` with ``others``, made where it is missing.

        The others see it with the first message. Raises Blocked where one of several others takes no direct messages
        from ``user``; in a chat of two, the first message does so.
        """
        people = {person.id: person for person in (user, *others)}
        if len(people) > 2:
            Block.must_not_stand_between(user, [person for id, person in people.items() if id != user.id])
        chat = cls._with_people(people) or cls._begin_with(user, people)
        chat.lock()
        chat.admit(user)
        if len(people) > 2:
            chat._bring_back_who_left(people)
        return chat

    @classmethod
    def _with_people(cls, ids: Iterable[int]) -> Self | None:
        return db.session.scalar(select(cls).where(cls.direct_key == key_of(ids)))

    @classmethod
    def _begin_with(cls, user: "User", people: dict[int, "User"]) -> Self:
        """When two people begin it at the same moment, the second gets what the first has made."""
        # A person alone with assistants speaks to one of them.
        answers = "always" if sum(not person.is_assistant for person in people.values()) == 1 else "mentioned"
        # The title is for processes of the previous release.
        title = ", ".join(people[id].name for id in sorted(people))[:TITLE_LIMIT]
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(cls(creator=user, title=title, assistant=answers, direct_key=key_of(people)))
        return cls._with_people(people)

    def _bring_back_who_left(self, people: dict[int, "User"]) -> None:
        left = select(FormerMember.user_id).where(FormerMember.chat_id == self.id)
        for id in db.session.scalars(left):
            self.admit(people[id])

    def take_words_of(self, author: "User") -> None:
        """Make the people members to whom ``author`` writes: in a chat of two the other person, even after leaving; in
        a larger one the people who never were members. Raises Blocked."""
        others = self.people_but(author)
        self._must_not_be_blocked(author, others)
        kinds = [Membership] if len(others) == 1 else [Membership, FormerMember]
        known = {id for kind in kinds for id in db.session.scalars(select(kind.user_id).filter_by(chat_id=self.id))}
        newcomers = [other for other in others if other.id not in known and other.active]
        # The chat may have been begun before the block, and nobody has seen it so far.
        Block.must_not_stand_between(author, newcomers)
        for other in newcomers:
            self.admit(other)

    def must_take_edits_of(self, author: "User") -> None:
        """Raises Blocked, because an edit could say what a message may not."""
        if self.is_direct:
            self._must_not_be_blocked(author, self.people_but(author))

    @staticmethod
    def _must_not_be_blocked(author: "User", others: list["User"]) -> None:
        """A block holds in a chat of two people, with or without assistants. In a larger one it would also decide for
        the others."""
        people = [other for other in others if not other.is_assistant]
        if len(people) == 1:
            Block.must_not_stand_between(author, people)


def key_of(ids: Iterable[int]) -> str:
    return " ".join(map(str, sorted(ids)))


def ids_of(key: str | None) -> list[int]:
    return [int(id) for id in (key or "").split()]
