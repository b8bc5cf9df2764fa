"""Scripts and style sheets from a CDN, and what happens when it is away."""

import pytest
from playwright.sync_api import expect

from tests.servers import free_port, gunicorn

from .middlebox import Middlebox
from .pages import expect_poll, open_chat, say, sees


@pytest.fixture
def at_host(site, person):
    """``at_host("http://…", port)`` is somebody at a server whose pages name this CDN."""
    servers = []

    def arrive(origin: str, port: int):
        environ = site.environ | {"ASSET_HOST": origin, "WEB_CONCURRENCY": "1"}
        servers.append(gunicorn(environ, port).__enter__())
        return person("Carol", url=servers[-1].url)

    yield arrive
    for server in servers:
        server.__exit__()


def test_a_page_runs_with_the_files_of_another_origin(at_host):
    port = free_port()
    with Middlebox(f"http://127.0.0.1:{port}") as cdn:
        carol = at_host(cdn.url, port)
        page, asked = carol.tab(), []
        page.on("request", lambda request: asked.append(request.url) if "/static/" in request.url else None)
        open_chat(page, carol.start_chat())
        say(page, "From elsewhere")
        sees(page, "From elsewhere")
        assert len(asked) >= 2 and all(url.startswith(cdn.url) for url in asked)


def test_a_page_whose_cdn_is_away_takes_the_files_of_its_own_server(at_host):
    carol = at_host(f"http://127.0.0.1:{free_port()}", free_port())
    page = carol.tab()
    open_chat(page, carol.start_chat())
    say(page, "All the same")
    sees(page, "All the same")
    styled = "getComputedStyle(document.documentElement).getPropertyValue('--own-background') !== ''"
    expect_poll(page, lambda: page.evaluate(styled))
    expect(page.locator("#missing")).to_have_count(0)
