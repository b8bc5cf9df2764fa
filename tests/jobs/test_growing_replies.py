"""What a reply costs while it grows."""

import itertools
import re

import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Message
from chatapp.turbo import Frame
from chatapp.turbo.testing import captured_broadcasts

#: About four kilobytes of what assistants write.
ANSWER = """## How it works

The **first** step is to read the file, and the *second* one is to [look](https://example.com/a) at each line of it.

| Name | Value | Notes |
|---|---:|---|
| one | 1 | the `first` of them |
| two | 22 | another one, which is **longer** |

```python
def total(lines: list[str]) -> int:
    return sum(int(line.split()[1]) for line in lines if line.strip())
```

- A point about files, with a few words more
- A second point, which has points of its own:
  1. inner
  2. and inner again
- A last point

> A quotation stands here, and goes on for a while, so that it fills a line or two of the page that shows it.

"""
ANSWER += "\n\n".join(
    f"A paragraph, number {n}. " + "It says what there is to say, in plain words. " * 6 for n in range(11)
)


@pytest.fixture
def chat(alice) -> Chat:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.commit()
    return chat


def tokens(text: str) -> list[str]:
    """Pieces of four characters, as models write them."""
    return re.findall(r"(?s).{1,4}", text)


def slowly(monkeypatch, per_second: int) -> None:
    """Have the clock of the updates say that so many tokens come in a second."""
    ticks = itertools.count()
    monkeypatch.setattr("chatapp.models.pace.monotonic", lambda: 1_000 + next(ticks) / per_second)


@pytest.mark.parametrize("per_second", [15, 50, 200, 2_000])
def test_a_reply_of_four_kilobytes_costs_each_viewer_three_times_its_html_at_most(
    alice, chat, provider, work, monkeypatch, per_second
):
    slowly(monkeypatch, per_second)
    provider.will(tokens(ANSWER))
    with captured_broadcasts(chat.stream_name) as broadcasts:
        question = chat.post(alice.user, "How does it work?")
        db.session.commit()
        work()
    db.session.expire_all()
    reply: Message = question.reply
    assert reply.content == ANSWER.strip()
    position = f"chat:{chat.id}={chat.revision}&user:{alice.user.id}=1073741831"
    frames = [Frame(b.revision - 1, b.revision, b.html).named(chat.stream_name, position) for b in broadcasts]
    assert sum(map(len, frames)) <= 3 * len(reply.to_html().encode())
