import gzip
import re

import brotli
import pytest

ASKING = {"Accept-Encoding": "gzip, deflate, br"}


def test_a_page_goes_out_compressed_to_who_asks_for_it(alice, chat):
    plain, small = alice.get(f"/chats/{chat.id}"), alice.get(f"/chats/{chat.id}", headers=ASKING)
    assert small.headers["Content-Encoding"] == "br" and "Content-Encoding" not in plain.headers
    assert len(small.data) < len(plain.data) / 3
    assert without_secrets(brotli.decompress(small.data)) == without_secrets(plain.data)
    assert "Accept-Encoding" in small.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    assert int(small.headers["Content-Length"]) == len(small.data)


def test_a_browser_that_knows_gzip_only_gets_gzip(alice, chat):
    answer = alice.get(f"/chats/{chat.id}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip" and b"</html>" in gzip.decompress(answer.data)


@pytest.mark.parametrize("asked", ["identity", "", "zstd"])
def test_who_wants_none_gets_none(alice, asked):
    assert "Content-Encoding" not in alice.get("/chats/new", headers={"Accept-Encoding": asked}).headers


@pytest.mark.parametrize("path", ["/chats/{}/stream?wait=0", "/chats/{}/stream?revision=0"])
def test_a_stream_is_never_compressed(alice, chat, path):
    answer = alice.get(path.format(chat.id), headers=ASKING, buffered=False)
    assert answer.mimetype == "text/event-stream" and "Content-Encoding" not in answer.headers
    answer.close()


def test_the_fragments_of_an_answer_go_out_compressed_and_can_be_read(alice, chat):
    answer = alice.turbo("POST", f"/chats/{chat.id}/messages", {"content": "word " * 500}, headers=ASKING)
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (201, "br")
    assert b"</turbo-stream>" in brotli.decompress(answer.data)


def without_secrets(page: bytes) -> str:
    return re.sub(r'(csp-nonce|csrf-token)" content="[^"]+"|(token|client_id)"[^>]* value="[^"]+"', "", page.decode())


@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_a_page_without_a_reader_loads_no_scripts_and_one_style_sheet(anonymous, path):
    page = anonymous.get(path).text
    assert "<script" not in page and "modulepreload" not in page
    assert len(re.findall('rel="stylesheet"', page)) == 1


@pytest.mark.parametrize(
    ("path", "scripts"),
    [
        ("/chats/{}", ["application"]),
        ("/profile", ["application", "portrait"]),
        ("/connection", ["application", "connection"]),
    ],
)
def test_a_page_loads_the_scripts_that_it_needs(alice, chat, path, scripts):
    page = alice.get(path.format(chat.id)).text
    assert re.findall(r'src="/static/(\w+)-\w+\.js"', page) == scripts
