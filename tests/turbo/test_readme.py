import urllib.parse
import urllib.request
from contextlib import closing
from http.client import HTTPResponse

import pytest

from chatapp.turbo.settings import DEFAULTS

from .scratch import README, ScratchBlog


@pytest.fixture
def blog_of_the_readme(tmp_path, redis):
    with ScratchBlog(tmp_path, redis.url) as server:
        yield server


def read_until(stream: HTTPResponse, words: str) -> str:
    """What arrives until a line has ``words`` in it. Raises TimeoutError where nothing comes for long."""
    text = ""
    while words not in text:
        line = stream.readline().decode()
        assert line, f"The stream ended before {words!r}: {text}"
        text += line
    return text


def comment(server: ScratchBlog, text: str) -> None:
    form = urllib.parse.urlencode({"text": text}).encode()
    urllib.request.urlopen(f"{server.url}/comments", form, timeout=20).close()


def test_a_comment_in_the_readme_s_app_arrives_live_at_whoever_has_the_page_open(blog_of_the_readme):
    with closing(urllib.request.urlopen(f"{blog_of_the_readme.url}/stream?revision=0", timeout=20)) as stream:
        read_until(stream, "data: 15")
        comment(blog_of_the_readme, "Hello <all>")
        text = read_until(stream, "<!--after")
    assert text.endswith("<!--after 0-->\n") and "\nid: 1\n" in text
    assert '<turbo-stream action="append" target="comments_post_1"><template>' in text
    assert '<p id="comment_1" data-revision="1">Hello &lt;all&gt;</p>' in text


def test_a_page_of_the_readme_s_app_that_was_away_gets_what_it_missed(blog_of_the_readme):
    comment(blog_of_the_readme, "First")
    comment(blog_of_the_readme, "Second")
    with closing(urllib.request.urlopen(f"{blog_of_the_readme.url}/stream?revision=1&wait=0", timeout=20)) as answer:
        text = answer.read().decode()
    assert "Second" in text and "First" not in text
    with closing(urllib.request.urlopen(f"{blog_of_the_readme.url}/stream?wait=0", timeout=20)) as answer:
        text = answer.read().decode()
    assert text.count("<p id=") == 2 and text.endswith("<!--full-->\n\n")


def test_the_readme_names_every_setting_with_its_default():
    text = README.read_text()
    for name, default in DEFAULTS.items():
        row = next(line for line in text.splitlines() if line.startswith("| `") and f"`{name}`" in line)
        assert str(default) in row, name
