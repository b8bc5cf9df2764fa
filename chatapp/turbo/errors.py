"""Why there is no stream."""


class Overloaded(Exception):
    """This process has as many streams as it may have."""


class Gone(Exception):
    """The streamed record is not in the database, or not for this reader."""
