"""Who may reach what."""


class OutOfReach(LookupError):
    """For this person it does not exist, or does not any more."""


class Archived(RuntimeError):
    """Nobody writes into an archived chat."""
