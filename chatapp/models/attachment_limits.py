"""How large files may be, and what people are told of larger ones."""

from dataclasses import dataclass

MB = 1_000_000
#: A picture with more pixels could fill the memory of a reader's device. Its header tells, before it is decoded.
PIXELS = 64_000_000
#: The most that a thumbnail takes on the page. The file has twice as many pixels, for sharp screens.
BOX = (360, 270)


class DoesNotFit(Exception):
    """A limit is reached. The text says which, for the person who tried."""


@dataclass(frozen=True)
class Limits:
    """The most bytes of one file, of all files of a message and of a person's day; and the most files of a message."""

    file: int
    message: int
    day: int
    files: int

    @classmethod
    def of(cls, config: dict) -> "Limits":
        megabytes = (config[f"ATTACHMENT_{name}_MB"] * MB for name in ("FILE", "MESSAGE", "DAY"))
        return cls(*megabytes, config["ATTACHMENT_MESSAGE_FILES"])

    @property
    def words(self) -> str:
        """What a form says before anything is chosen."""
        return f"up to {in_words(self.file)} each and {in_words(self.message)} together"

    def must_fit(self, size: int, sent_lately: int) -> None:
        """Raises DoesNotFit where this file is empty, or more than the limits allow."""
        if size < 1:
            raise DoesNotFit("This file is empty. Choose another one.")
        if size > self.file:
            raise DoesNotFit(f"This file has {in_words(size)}. Up to {in_words(self.file)} are possible.")
        if sent_lately + size > self.day:
            raise DoesNotFit(f"You can send {in_words(self.day)} of files within 24 hours. Try again later.")

    def must_fit_together(self, sizes: list[int]) -> None:
        """Raises DoesNotFit where the files of one message are too many, or too large together."""
        self.must_be_few(len(sizes))
        if sum(sizes) > self.message:
            words = f"These files have {in_words(sum(sizes))} together. Up to {in_words(self.message)} are possible."
            raise DoesNotFit(f"{words} Send some of them in another message.")

    def must_be_few(self, files: int) -> None:
        """Raises DoesNotFit where one message cannot have this many files."""
        if files > self.files:
            raise DoesNotFit(f"A message can have {self.files} files. Send the others in another message.")


def in_words(size: int) -> str:
    """``"1.2 MB"``, ``"340 kB"``. Rounded up, so that a file that is too large never looks as if it fitted."""
    if size < MB:
        return f"{-(-size // 1000)} kB"
    tenths = -(-size * 10 // MB)
    return f"{tenths // 10:,} MB" if tenths % 10 == 0 else f"{tenths / 10:,.1f} MB"
