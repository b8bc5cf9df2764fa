"""The load client counts what came: were it wrong, every figure would be."""

import shutil
import socket
import threading

import pytest

from bench.load.readers import Readers, mark

pytestmark = pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


class Tiny:
    """Accepts one reader, and sends what it is told to, byte for byte. A context manager."""

    def __enter__(self) -> "Tiny":
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.connections: list[socket.socket] = []
        return self

    def __exit__(self, *_) -> None:
        for one in (self.listening, *self.connections):
            one.close()

    def greet(self, said: bytes) -> threading.Thread:
        def accept() -> None:
            connection, _ = self.listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(4096)
            connection.sendall(said)
            self.connections.append(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        return thread

    def send(self, data: bytes) -> None:
        self.connections[-1].sendall(data)


@pytest.fixture
def tiny():
    with Tiny() as tiny:
        yield tiny


def chunk(data: bytes) -> bytes:
    return f"{len(data):X}\r\n".encode() + data + b"\r\n"


def event(*numbers: int) -> bytes:
    """A frame of a busy stream may carry several messages, and the HTML of a message its words more than once."""
    said = "".join(f"<p>{mark(number)} and {mark(number)}</p>" for number in numbers)
    return f"id: 7\ndata: {said}\n\n".encode()


def frame(text: bytes) -> bytes:
    return bytes([0x81, 126]) + len(text).to_bytes(2) + text


def test_a_lost_message_and_a_doubled_one_are_counted(tiny):
    with Readers(tiny.port, 1, [b"GET / HTTP/1.1\r\n\r\n"], ready="id: ") as read:
        greeted = tiny.greet(HEAD + chunk(b"retry: 9\n\nid: 7\n\n"))
        assert read.open().open == 1
        greeted.join()
        read.expect(1, 4)
        for number in (1, 2, 2, 4, 9):
            tiny.send(chunk(event(number)))
        done = read.finish(quiet=0.2)
    assert (done.deliveries, done.lost, done.twice, done.strange) == (3, 1, 1, 1)
    assert 0 < done.p50_ms <= done.p99_ms <= done.most_ms


def test_all_messages_of_an_event_count(tiny):
    with Readers(tiny.port, 1, [b"GET / HTTP/1.1\r\n\r\n"]) as read:
        greeted = tiny.greet(HEAD)
        assert read.open().open == 1
        greeted.join()
        read.expect(1, 4)
        for numbers in ((1, 2, 3), (3, 5)):
            tiny.send(chunk(event(*numbers)))
        done = read.finish(quiet=0.2)
    assert (done.deliveries, done.lost, done.twice, done.strange) == (3, 1, 1, 1)


def test_messages_count_wherever_the_network_cuts_them(tiny):
    with Readers(tiny.port, 1, [b"GET / HTTP/1.1\r\n\r\n"]) as read:
        greeted = tiny.greet(HEAD)
        assert read.open().open == 1
        greeted.join()
        read.expect(1, 3)
        whole = event(1).replace(b"\n", b"\r\n") + event(2) + event(3)
        sent = b"".join(chunk(whole[at : at + 50]) for at in range(0, len(whole), 50))
        for at in range(0, len(sent), 7):
            tiny.send(sent[at : at + 7])
        done = read.finish(quiet=2)
    assert (done.deliveries, done.lost, done.twice, done.strange) == (3, 0, 0, 0)


def test_a_reader_of_a_websocket_says_its_word_and_counts_frames(tiny):
    with Readers(tiny.port, 1, [b"GET / HTTP/1.1\r\n\r\n"], kind="ws", ready="confirmed", say=["subscribe"]) as read:
        greeted = tiny.greet(UPGRADED + frame(b"welcome"))
        opened = threading.Thread(target=read.open)
        opened.start()
        greeted.join()
        assert tiny.connections[0].recv(100)[6:] == b"subscribe"
        tiny.send(frame(b"confirmed"))
        opened.join()
        read.expect(1, 2)
        frames = frame(mark(1).encode()) + frame(mark(2).encode())
        tiny.send(frames[:20])
        tiny.send(frames[20:] + frame(b"2"))
        assert tiny.connections[0].recv(100)[6:] == b"3"
        done = read.finish(quiet=2)
    assert (done.deliveries, done.lost, done.twice) == (2, 0, 0)
