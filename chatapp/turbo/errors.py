"""Why there is no stream."""


class Overloaded(Exception):
    """This process has as many streams as it may have."""


class Closing(Exception):
    """This process is about to end; the next one takes over."""


class Gone(Exception):
    """The streamed record is not in the database, or not for this reader."""


class Refused(Gone):
    """The reader has access to none of the streams of the connection."""
