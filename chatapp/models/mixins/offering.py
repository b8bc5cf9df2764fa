"""The offer that the assistant of a chat answers only when somebody mentions it."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

COMPANY = 2  # members: from now on not every message is meant for the assistant


class Offering:
    """The chat makes the offer to its managers when the second person comes in, and once only."""

    offer: Mapped[str] = mapped_column(String(20), default="none", server_default="none")  # none | open | settled

    @property
    def offers_silence(self) -> bool:
        """Whether the page shows the offer, to those who manage the chat."""
        return self.offer == "open" and self.assistant == "always"

    def consider_offer(self) -> None:
        """Somebody has come in. The chat is locked."""
        if self.assistant == "always" and self.offer == "none" and self.members_count == COMPANY:
            self.offer = "open"

    def settle(self, assistant: str) -> None:
        """The managers have decided when the assistant answers."""
        self.lock()
        self.assistant, self.offer = assistant, "settled"
