"""The errors for chats and messages that a person may not use."""


class OutOfReach(LookupError):
    """For this person it does not exist, or no longer does."""


class Archived(RuntimeError):
    """The chat is archived, and takes no messages."""
