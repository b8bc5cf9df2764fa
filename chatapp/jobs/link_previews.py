"""Fetches the pages that messages link to, and finds out what they are about."""

import logging

from chatapp.edge import commit_each
from chatapp.extensions import db
from chatapp.lib.page_words import words_of
from chatapp.lib.safe_client import SafeClient, Unreachable, Unsafe
from chatapp.models import LinkPreview
from chatapp.models.link_preview import Found

from . import job

log = logging.getLogger(__name__)

#: Titles and pictures wait in the same line, so no page may take long. No page has a longer head than this.
client = SafeClient("Plainwire link preview", seconds=5, most=512 * 1024)
HTML = ("text/html", "application/xhtml+xml")
#: What pages of this app call themselves. Without a log-in they say nothing of interest.
OURS = "Plainwire"


@job
def fetch(id: int) -> None:
    preview = db.session.get(LinkPreview, id)
    if preview is None:
        return
    for _ in commit_each(preview.steps(look)):
        pass


def look(url: str) -> Found | None:
    """What the page says, and its host after all redirects; None where it says nothing."""
    try:
        answer = client.get(url, accept=", ".join(HTML))
    except (Unsafe, Unreachable) as error:
        # Without the address, which somebody typed, perhaps in a closed chat.
        log.info("no preview: %s", error if isinstance(error, Unsafe) else type(error.__cause__).__name__)
        return None
    if answer.status != 200 or not answer.content_type.lower().startswith(HTML):
        return None
    words = words_of(answer.content, answer.content_type)
    if not words.title or OURS in (words.application, words.generator):
        return None
    # As ASCII: letters of another alphabet could make it look like another host.
    return Found(words.title, words.description, answer.url.raw_host.decode("ascii")[-253:].removeprefix("www."))
