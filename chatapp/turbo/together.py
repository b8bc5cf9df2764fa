"""Sends what a commit tells Redis in one round trip."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import redis

log = logging.getLogger(__name__)


class Command(NamedTuple):
    """A method of a client, named as Redis names the command, with its arguments, and the function that gets the
    answer."""

    client: object
    method: str
    arguments: tuple
    then: Callable[[object], None] | None


_gathered: ContextVar[list[Command] | None] = ContextVar("turbo.together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Holds back what is told inside the block, and sends it at the end, in order, in one round trip for each client.

    A block inside another is part of that one.
    """
    if _gathered.get() is not None:
        yield
        return
    token = _gathered.set([])
    try:
        yield
    finally:
        commands = _gathered.get()
        _gathered.reset(token)
        for client in {id(command.client): command.client for command in commands}.values():
            _send(client, [command for command in commands if command.client is client])


def tell(client, method: str, *arguments, then: Callable[[object], None] | None = None) -> None:
    """Call ``client.method(*arguments)`` at the end of the block of ``together``, or at once. The method is named as
    Redis names the command, takes what that takes, and returns its answer as it is.

    ``then(answer)`` is called if Redis answers. Never raises for a Redis that does not.
    """
    command, gathered = Command(client, method, arguments, then), _gathered.get()
    _send(client, [command]) if gathered is None else gathered.append(command)


def _send(client, commands: list[Command]) -> None:
    try:
        answers = _answers(client, commands)
    except (redis.RedisError, OSError) as error:
        log.debug("Redis was not told: %s", error)
        return
    for command, answer in zip(commands, answers, strict=True):
        if command.then is not None and not isinstance(answer, Exception):
            command.then(answer)


def _answers(client, commands: list[Command]) -> list:
    if not isinstance(client, redis.Redis):  # a cluster has a server for each channel
        return [getattr(client, command.method)(*command.arguments) for command in commands]
    # By hand, because redis-py's pipelines take several times as long as what they send.
    connection = client.connection_pool.get_connection()
    try:
        words = [(command.method.upper(), *command.arguments) for command in commands]
        connection.send_packed_command(connection.pack_commands(words))
        return [_answer(connection) for _ in commands]
    except BaseException:
        connection.disconnect()  # the next user would get answers that are still on their way
        raise
    finally:
        client.connection_pool.release(connection)


def _answer(connection):
    try:
        return connection.read_response()
    except redis.ResponseError as refusal:
        return refusal
