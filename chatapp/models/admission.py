"""The rules about signing up and inviting."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db
from chatapp.lib.locks import lock_name

from .user import User

OPEN, DOMAINS, INVITATION = "open", "domains", "invitation"
EVERYBODY, ADMINS = "everybody", "admins"
DOMAINS_LIMIT = 1000  # characters
#: The id of the only row.
ONLY_ID = 1


class Admission(db.Model):
    """What the administrators have decided, in one row. Until they decide, sign-up is open."""

    __tablename__ = "admissions"

    id: Mapped[int] = mapped_column(primary_key=True)
    signup: Mapped[str] = mapped_column(String(20), default=OPEN)  # open | domains | invitation
    #: With "domains": the domains of addresses that may sign up, ``"example.com example.org"``.
    domains: Mapped[str] = mapped_column(String(DOMAINS_LIMIT), default="")
    inviters: Mapped[str] = mapped_column(String(20), default=EVERYBODY)  # everybody | admins

    @classmethod
    def now(cls) -> "Admission":
        """The decision as it stands. Read anew, because it may change while somebody signs up."""
        known = db.session.get(cls, ONLY_ID, populate_existing=True)
        return known or cls(signup=OPEN, domains="", inviters=EVERYBODY)

    @classmethod
    def decide(cls, signup: str, domains: str, inviters: str) -> None:
        lock_name(db.session(), cls.__tablename__)  # a row can be locked only once it exists
        decided = db.session.merge(cls(id=ONLY_ID))
        decided.signup, decided.domains, decided.inviters = signup, domains, inviters

    @property
    def is_open(self) -> bool:
        return self.signup == OPEN

    def admits(self, email: str) -> bool:
        """Whether the owner of this address, normalized, may sign up without an invitation."""
        if self.signup == DOMAINS:
            return email.rpartition("@")[2] in self.domains.split()
        return self.is_open

    def lets_change(self, email: str, to: str) -> bool:
        """Whether the owner of one address may change it to another. With "domains", nobody leaves these domains that
        way. Guests, whom an invitation let in from elsewhere, are free."""
        return self.signup != DOMAINS or self.admits(to) or not self.admits(email)

    def lets_invite(self, user: User) -> bool:
        return user.admin or self.inviters == EVERYBODY
