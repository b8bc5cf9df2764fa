"""The offer that the assistant of a chat answers only when somebody mentions it."""

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db

from ..membership import Membership
from ..user import User

COMPANY = 2  # people: from now on not every message is meant for the assistant


class Offering:
    """The chat makes the offer to its managers when the second person comes in, and once only."""

    offer: Mapped[str] = mapped_column(String(20), default="none", server_default="none")  # none | open | settled

    @property
    def offers_silence(self) -> bool:
        """Whether the page shows the offer, to those who manage the chat."""
        return self.offer == "open" and self.assistant == "always"

    def consider_offer(self) -> None:
        """Make the offer if the second person has come in. The chat is locked."""
        if self.assistant == "always" and self.offer == "none" and self.people_count == COMPANY:
            self.offer = "open"

    @property
    def people_count(self) -> int:
        """The number of members without the assistants."""
        people = select(func.count()).select_from(Membership).join(User, User.id == Membership.user_id)
        return db.session.scalar(people.where(Membership.chat_id == self.id, User.kind == "person"))

    def settle(self, assistant: str) -> None:
        """Note when the assistant answers, as the managers have decided."""
        self.lock()
        self.assistant, self.offer = assistant, "settled"
