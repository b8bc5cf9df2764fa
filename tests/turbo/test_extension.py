import pytest

from chatapp.turbo import Connection

from .blog import turbo


def test_a_database_that_fails_while_a_stream_begins_leaves_no_connection_behind(post, monkeypatch):
    def fail(connections):
        raise TimeoutError("the pool is exhausted")

    monkeypatch.setattr(turbo.hub.source, "withdrawn", fail)
    with pytest.raises(TimeoutError):
        turbo.begin(Connection({post.stream_name: post.revision}), owner="user:1")
    assert turbo.hub.connections(post.stream_name) == []
