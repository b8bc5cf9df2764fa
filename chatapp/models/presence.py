"""Says who is here now: people with an open page who have not chosen to hide (decision 0049).

It lives in Redis only. Nothing is saved when people come and go, and pages hear of it as they hear of typing.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain

from sqlalchemy import event, func, or_, select
from sqlalchemy.orm import object_session

from chatapp.extensions import db, turbo
from chatapp.turbo import Cursor, render, turbo_stream

from .access import kind_and_id
from .block import Block
from .chat import Chat
from .membership import Membership
from .user import User

SHOWN, HIDDEN = "shown", "hidden"
#: A larger chat tells nobody who is here, because each arrival would be news for all its members.
MOST_MEMBERS = 200

#: People in one query.
PEOPLE_AT_ONCE = 1000

By = dict[int, set[int]]


def here(people: Iterable[User], viewer: User) -> set[User] | None:
    """The people whom ``viewer`` may know to be here now. None where nobody knows, because Redis is away."""
    others = [person for person in people if person.id != viewer.id and person.active and person.presence == SHOWN]
    apart = Block.apart_from({viewer.id}).get(viewer.id, ())
    shown = {owner(person.id): person for person in others if person.id not in apart}
    found = turbo.owners.here(list(shown))
    return None if found is None else {shown[name] for name in found}


def watched(cursors: list[Cursor]) -> dict[Cursor, frozenset[str]]:
    """The people whose presence each reader is told of: in a chat, its people; in a list, the people of the direct
    chats. Nobody is told of themselves, of people who hide, or of people on the other side of a block."""
    streams = {cursor: kind_and_id(cursor.stream) for cursor in cursors}
    readers = {cursor: kind_and_id(cursor.connection.owner or "")[1] for cursor in cursors}
    people = {
        "chat": _people_of_chats({id for kind, id in streams.values() if kind == "chat"}),
        "user": _partners_of({id for kind, id in streams.values() if kind == "user"}),
    }
    hidden, apart = _hidden(people), Block.apart_from(set(readers.values()) - {None})

    def seen(cursor: Cursor) -> frozenset[str]:
        (kind, id), reader = streams[cursor], readers[cursor]
        return frozenset(map(owner, people[kind][id] - hidden - apart.get(reader, set()) - {reader}))

    return {cursor: seen(cursor) for cursor in cursors if streams[cursor][0] in people and readers[cursor]}


def attendance(here: Mapping[str, Iterable[str]] | None) -> str:
    """What pages are told: the ids of the people who are here, by streams."""
    said = here and json.dumps({name: sorted(kind_and_id(one)[1] for one in owners) for name, owners in here.items()})
    return turbo_stream("replace", "presence", render("presences/_presence.html", streams=said, lost=here is None))


@cache
def owner(user_id: int) -> str:
    """How streams name this person; see access.reader."""
    return f"user:{user_id}"


@event.listens_for(User.presence, "set")
def _announce(user: User, value: str, before: str, _) -> None:
    """Have all pages drop a person who hides within seconds, and not only with the next heartbeat."""
    if value != before and (known := object_session(user)):
        turbo.watch_anew(known)


def _people_of_chats(ids: set[int]) -> By:
    """The people of direct chats by their key, and the members of other chats, unless they are many."""
    small = select(Membership.chat_id).where(Membership.chat_id.in_(ids)).group_by(Membership.chat_id)
    few = small.having(func.count() <= MOST_MEMBERS)
    members = select(Membership.chat_id, Membership.user_id).where(Membership.chat_id.in_(few))
    direct = select(Chat.id, Chat.direct_key).where(Chat.id.in_(ids), Chat.direct_key.is_not(None))
    return _by(db.session.execute(members), _with_people_of_keys(db.session.execute(direct))) if ids else _by()


def _partners_of(ids: set[int]) -> By:
    keys = select(Membership.user_id, Chat.direct_key).join(Chat, Chat.id == Membership.chat_id)
    direct = keys.where(Membership.user_id.in_(ids), Chat.direct_key.is_not(None))
    return _by(_with_people_of_keys(db.session.execute(direct))) if ids else _by()


def _with_people_of_keys(rows: Iterable[tuple[int, str]]) -> Iterable[tuple[int, int]]:
    return ((id, int(person_id)) for id, key in rows for person_id in key.split())


def _by(*pairs: Iterable[tuple[int, int]]) -> By:
    found = defaultdict(set)
    for several in pairs:
        for id, person_id in several:
            found[id].add(person_id)
    return found


def _hidden(people: Mapping[str, By]) -> set[int]:
    """The people among them who hide, or whose account is closed."""
    ids = sorted(set(chain.from_iterable(several for by in people.values() for several in by.values())))
    parts = (ids[start : start + PEOPLE_AT_ONCE] for start in range(0, len(ids), PEOPLE_AT_ONCE))
    unseen = select(User.id).where(or_(User.presence == HIDDEN, ~User.active))
    return {id for part in parts for id in db.session.scalars(unseen.where(User.id.in_(part)))}
