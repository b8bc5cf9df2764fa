"""Redis over TLS, as hosts offer it: with an unknown certificate, or with one that the client checks."""

import socket
import ssl
import threading

import pytest
import redis as redis_py
import trustme

from chatapp.config import from_environment
from chatapp.flask_config import with_flask_config

PIECE = 65536  # bytes


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def port(redis, authority):
    """The address at which the Redis of this process answers by TLS, with a certificate for ``localhost``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server, context, redis.port), daemon=True).start()
        yield server.getsockname()[1]


def serve(server: socket.socket, context: ssl.SSLContext, redis_port: int) -> None:
    while True:
        try:
            plain, _ = server.accept()
        except OSError:
            return  # closed: the tests are over
        try:
            client = context.wrap_socket(plain, server_side=True)
        except OSError:
            continue  # the client refused the certificate
        upstream = socket.create_connection(("127.0.0.1", redis_port))
        for pair in ((client, upstream), (upstream, client)):
            threading.Thread(target=pass_on, args=pair, daemon=True).start()


def pass_on(reading: socket.socket, writing: socket.socket) -> None:
    try:
        while piece := reading.recv(PIECE):
            writing.sendall(piece)
    except OSError:
        pass
    finally:
        for end in (reading, writing):
            end.close()


def answers(address: str) -> bool:
    client = redis_py.Redis.from_url(
        with_flask_config(from_environment({"REDIS_URL": address}))["REDIS_URL"], socket_timeout=5
    )
    try:
        return client.ping()
    finally:
        client.close()


def test_a_certificate_that_nobody_knows_is_taken_where_no_authority_is_given(port):
    assert answers(f"rediss://localhost:{port}/0")


def test_a_certificate_is_checked_against_the_authority_that_is_given(port, authority, tmp_path):
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    assert answers(f"rediss://localhost:{port}/0?ssl_ca_certs={tmp_path}/ca.pem")


def test_a_certificate_of_another_authority_is_refused(port, tmp_path):
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with pytest.raises(redis_py.ConnectionError, match="certificate verify failed"):
        answers(f"rediss://localhost:{port}/0?ssl_ca_certs={tmp_path}/other.pem")
