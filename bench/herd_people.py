"""Prints the cookies of new people, each with a log-in of their own: ``python -m bench.herd_people 100``.

Straight into the database, because signing up costs a password's hash each.
"""

import sys
from hashlib import sha256

from chatapp.extensions import db
from chatapp.models import Session, User
from wsgi import app

AT_ONCE = 500


def made(first: int, count: int) -> list[str]:
    """The tokens of new people."""
    tokens = [f"herd-{first + number}-{'x' * 30}" for number in range(count)]
    people = [
        {"name": f"Herd {first + number}", "email": f"herd{first + number}@example.com"} for number in range(count)
    ]
    ids = list(db.session.scalars(db.insert(User).returning(User.id), people))
    digests = [sha256(token.encode()).hexdigest() for token in tokens]
    rows = [{"user_id": id, "token_digest": digest} for id, digest in zip(ids, digests, strict=True)]
    db.session.execute(db.insert(Session), rows)
    db.session.commit()
    return tokens


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    with app.app_context():
        sign = app.session_interface.get_signing_serializer(app)
        for first in range(0, wanted, AT_ONCE):
            for token in made(first, min(AT_ONCE, wanted - first)):
                print(f"{app.config['SESSION_COOKIE_NAME']}={sign.dumps({'_user_id': token, '_permanent': True})}")
