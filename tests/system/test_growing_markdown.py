"""The page's own code makes of each growth what the server made: for every example of CommonMark, at each letter."""

import json

import pytest
from markupsafe import Markup
from playwright.sync_api import Page, Route

from chatapp.turbo.streams import growth
from tests.awkward import PARTS, examples
from tests.lib.test_growing_markdown import states
from tests.servers import PROJECT

ORIGIN = "http://growing.example"
IMPORTS = {
    "@hotwired/turbo": "/node_modules/@hotwired/turbo/dist/turbo.es2017-esm.js",
    "lib/": "/static/lib/",
}
#: A row as the app's messages are: with buttons that a script adds to the text, and a second copy of the text.
SCRIPT = """
  import { apply, renderStreamsAtOnce } from "/static/turbo/render.js"
  import { copyCode } from "/static/lib/copied_code.js"

  renderStreamsAtOnce()
  copyCode()

  function shown() {
    const body = document.querySelector("#row .body").cloneNode(true)
    for (const button of body.querySelectorAll(".copy-code")) button.remove()
    return body
  }

  function fresh(html) {
    const body = document.querySelector("#row .body").cloneNode(false)
    body.innerHTML = html
    return body
  }

  // Returns what is not as a fresh page shows it.
  window.grow = (steps) => {
    const body = `<div class="body" data-copy-code data-source=""></div>`
    document.body.innerHTML = `<main><article id="row" data-revision="0">${body}</article></main>`
    const [row] = document.querySelector("main").children
    for (const [stream, html] of steps) {
      if (!apply(stream)) return `not applied: ${html}`
      const [here, there] = [shown(), fresh(html)]
      if (!here.isEqualNode(there)) return `shows ${here.outerHTML} and not ${there.outerHTML}`
      const { length } = row.querySelectorAll("pre")
      if (row.querySelectorAll("pre > .copy-code").length !== length) return `a button is missing: ${html}`
    }
    return row.isConnected && row.matches(":not([data-state]), [data-state=complete]") ? null : "the row is another one"
  }
"""


def serve(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN)
    if path == "/favicon.ico":
        return route.abort()
    if path == "/":
        imports = json.dumps({"imports": IMPORTS})
        page = f'<!doctype html><script type="importmap">{imports}</script><script type="module">{SCRIPT}</script>'
        return route.fulfill(content_type="text/html", body=page)
    module = (PROJECT / path[1:]).with_suffix(".js")
    route.fulfill(content_type="text/javascript", body=module.read_text())


@pytest.fixture(scope="module")
def page(browser):
    with browser.new_page() as page:
        page.route(f"{ORIGIN}/**", serve)
        page.goto(ORIGIN)
        page.wait_for_function("() => window.grow !== undefined")
        yield page


def steps(text: str, every: int) -> list[tuple[str, str]]:
    """A growth for each ``every`` letters of the text, and the HTML that it leads to. The last one ends the row."""
    *growing, last = states(text)
    growing = growing[::every]
    result, shown = [], ""
    for revision, html in enumerate([*growing, last], 1):
        row = ended(revision) if revision > len(growing) else Markup("")
        result.append((growth("row", (revision - 1, shown), (revision, html), row), html))
        shown = html
    return result


def ended(revision: int) -> Markup:
    body = '<div class="body" data-copy-code><slot></slot></div>'
    return Markup(f'<article id="row" data-revision="{revision}" data-state="complete">{body}</article>')


def differences(page: Page, texts: list[str], every: int = 1) -> list[tuple[str, str]]:
    told = [(text, page.evaluate("(steps) => grow(steps)", steps(text, every))) for text in texts]
    return [difference for difference in told if difference[1]]


@pytest.mark.parametrize("every", [1, 5])
@pytest.mark.parametrize("texts", [examples, lambda: PARTS], ids=["specification", "awkward parts"])
def test_a_page_shows_at_each_letter_what_a_fresh_one_shows(page, texts, every):
    assert differences(page, texts(), every) == []
