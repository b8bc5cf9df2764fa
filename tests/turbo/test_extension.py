import pytest

from chatapp.extensions import turbo
from chatapp.turbo import Connection


def test_a_database_that_fails_while_a_stream_begins_leaves_no_connection_behind(app, chat, monkeypatch):
    def fail(connections):
        raise TimeoutError("the pool is exhausted")

    monkeypatch.setattr(turbo.hub.source, "withdrawn", fail)
    with pytest.raises(TimeoutError):
        turbo.begin(Connection(chat.stream_name, chat.revision), owner="user:1")
    assert turbo.hub.connections(chat.stream_name) == []
