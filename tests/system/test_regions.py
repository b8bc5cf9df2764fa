"""static/turbo/: the live regions of a page and their one connection, with a server that says what each test wants."""

import time

import pytest
from playwright.sync_api import Page, expect

from chatapp.turbo.streams import turbo_stream

from .pages import PATIENCE, expect_poll
from .scripted import PAGE, ScriptedSite

META = '<meta name="stream-address" content="/stream">'
POST = """
<live-page id="post" data-stream-name-value="post:{id}" data-stream-url-value="/posts/{id}/stream?revision={revision}">
  <p id="text" data-revision="{revision}">Text</p>
  <p id="typing"></p>
  <div id="comments"></div>
</live-page>"""
LIST = """<ul id="posts_user_4" data-lists data-revision="{revision}">{heads}</ul>"""
HEAD = '<a id="head_post_{id}" data-head data-revision="{revision}">{text}</a>'
MAYA_TYPES = f"data: {turbo_stream('update', 'typing', 'Maya types')}"
#: Also those that are closed so soon that the server never hears of them.
COUNT_STREAMS = """() => {
  window.opened = 0
  window.EventSource = class extends EventSource {
    constructor(url) {
      super(url)
      opened++
    }
  }
}"""


def listing(revision: int = 118, **heads: int) -> str:
    """The list of posts; ``heads`` are their revisions, by name: ``post_7=43``."""
    made = [HEAD.format(id=name[5:], revision=head, text=f"Head {head}") for name, head in heads.items()]
    return LIST.format(revision=revision, heads="".join(f"<li>{head}</li>" for head in made))


def position(revision: int = 118, heads: int = 43 + 12) -> int:
    """Where a list stands. ``heads`` is the sum of their revisions."""
    return revision * 2**28 + heads


def page_of(*regions: str, head: str = META) -> str:
    return PAGE.format(head=head, body="".join(regions) + '<a id="next" href="/next">Next</a>')


def post(id: int = 7, revision: int = 43) -> str:
    return POST.format(id=id, revision=revision)


def posts(**heads: int) -> str:
    return f'<live-page id="list" data-stream-name-value="user:4">{listing(**heads)}</live-page>'


def both(post_revision: int = 43, list_position: int | None = None) -> str:
    """The positions of the two streams, as the server and the page name them."""
    return f"post:7={post_revision}&user:4={list_position or position()}"


def change(action: str, target: str, html: str, ids: str, mark: str) -> str:
    """An event that takes the page to ``ids``."""
    return f"id: {ids}\ndata: {turbo_stream(action, target, html)}<!--{mark}-->"


def comment(text: str, ids: str, mark: str) -> str:
    return change("append", "comments", f"<i>{text}</i>", ids, mark)


def head(revision: int, ids: str, mark: str, id: int = 9) -> str:
    return change(
        "replace", f"head_post_{id}", HEAD.format(id=id, revision=revision, text=f"Head {revision}"), ids, mark
    )


@pytest.fixture
def site():
    with ScriptedSite() as site:
        site.pages["/"] = page_of(post(), posts(post_7=43, post_9=12))
        yield site


@pytest.fixture
def page(browser, site):
    with browser.new_context(base_url=site.url) as context:
        page = context.new_page()
        mistakes = []
        page.on("pageerror", lambda error: mistakes.append(error))
        page.goto("/")
        yield page
        assert mistakes == []


@pytest.fixture
def live(page):
    """The page, once both of its regions are live."""
    for region in ("#post", "#list"):
        has_mode(page, region, "streaming")
    return page


def has_mode(page: Page, region: str, mode: str) -> None:
    expect(page.locator(region)).to_have_attribute("data-mode", mode, timeout=PATIENCE)


def says(page: Page, *comments: str) -> None:
    expect(page.locator("#comments i")).to_have_text(list(comments), timeout=PATIENCE)


def shows_head(page: Page, text: str, id: int = 9) -> None:
    expect(page.locator(f"#head_post_{id}")).to_have_text(text, timeout=PATIENCE)


def until_asked(page: Page, site: ScriptedSite, times: int) -> str:
    """The address of the newest stream, once the page has asked for that many."""
    expect_poll(page, lambda: len(site.streams) >= times)
    assert len(site.streams) == times, site.asked
    return site.asked[-1]


def test_two_regions_share_a_connection_and_each_keeps_its_own_cursor(live, site):
    assert site.asked == [f"/stream?{both()}"]
    site.say(
        comment("Hello", both(44), "after post:7 43"),
        head(13, both(44, position(heads=43 + 13)), f"after user:4 {position()}"),
        f"event: revision\ndata: {both(44, position(heads=43 + 13))}",
        comment("And again", both(45, position(heads=43 + 13)), "after post:7 44"),
    )
    says(live, "Hello", "And again")
    shows_head(live, "Head 13")
    live.evaluate("dispatchEvent(new Event('online'))")
    assert until_asked(live, site, 2) == f"/stream?{both(45, position(heads=43 + 13))}"


def test_what_follows_something_that_one_region_has_not_reached_waits_for_the_next_stream(live, site):
    site.say(
        head(13, both(43, position(heads=43 + 13)), f"after user:4 {position()}"),
        comment("Too early", both(45, position(heads=43 + 13)), "after post:7 44"),
    )
    assert until_asked(live, site, 2) == f"/stream?{both(43, position(heads=43 + 13))}"
    says(live)
    site.say(comment("In time", both(45, position(heads=43 + 13)), "after post:7 43"))
    says(live, "In time")


def test_what_comes_late_is_left_out_and_the_stream_goes_on(live, site):
    site.say(
        comment("New", both(45), "after post:7 43"),
        comment("Late", both(44), "after post:7 43"),
        head(11, both(45, position() - 1), f"after user:4 {position() - 2}"),
        comment("Newer", both(46), "after post:7 45"),
    )
    says(live, "New", "Newer")
    shows_head(live, "Head 12")
    assert len(site.streams) == 1


def test_a_passing_state_is_shown_and_moves_nothing(live, site):
    site.say(
        MAYA_TYPES,
        comment("Hello", both(44), "after post:7 43"),
    )
    says(live, "Hello")
    expect(live.locator("#typing")).to_have_text("Maya types")
    assert len(site.streams) == 1


def test_a_change_of_the_list_itself_moves_its_revision(live, site):
    site.say(
        "id: " + both(43, position(119)) + f"\ndata: <!--after user:4 {position()}-->",
        f"event: revision\ndata: {both(43, position(119))}",
        comment("Hello", both(44, position(119)), "after post:7 43"),
    )
    says(live, "Hello")
    expect(live.locator("#posts_user_4")).to_have_attribute("data-revision", "119")
    assert len(site.streams) == 1


def test_a_list_that_lacks_a_head_asks_again_and_takes_a_whole_list_of_the_same_revision(live, site):
    site.say(head(5, both(43, position() + 5), f"after user:4 {position()}", id=11))
    assert until_asked(live, site, 2) == f"/stream?{both()}"
    ids, whole = both(43, position() + 5), listing(post_7=43, post_9=12, post_11=5)
    site.say(change("replace", "posts_user_4", whole, ids, "full user:4"), f"event: revision\ndata: {ids}")
    shows_head(live, "Head 5", id=11)
    site.say(comment("Hello", both(44, position() + 5), "after post:7 43"))
    says(live, "Hello")
    assert len(site.streams) == 2


@pytest.mark.parametrize("expected", [both(44), both(43, position() + 1)], ids=["post", "list"])
def test_a_heartbeat_tells_of_the_region_that_has_lost_something(expected, live, site):
    site.say(f"event: revision\ndata: {both()}", f"event: revision\ndata: {expected}")
    assert until_asked(live, site, 2) == f"/stream?{both()}"


def test_a_region_that_is_withdrawn_leaves_the_others_alone_and_comes_back(live, site):
    site.refused["/"] = 404
    site.say("event: gone\ndata: post:7")
    has_mode(live, "#post", "gone")
    ids = f"user:4={position() + 1}"
    site.say(head(13, ids, f"after user:4 {position()}"), f"event: revision\ndata: {ids}")
    shows_head(live, "Head 13")
    has_mode(live, "#list", "streaming")
    assert len(site.streams) == 1
    del site.refused["/"]
    assert until_asked(live, site, 2) == f"/stream?user:4={position() + 1}&post:7=43"
    has_mode(live, "#post", "streaming")


def test_a_withdrawal_that_was_lost_shows_in_the_positions_of_the_others(live, site):
    site.say(f"event: revision\ndata: user:4={position()}")
    assert until_asked(live, site, 2) == f"/stream?{both()}"


def test_a_region_that_is_withdrawn_from_a_page_that_stays_comes_back_less_and_less_often(live, site):
    began = time.monotonic()
    for times in (2, 3, 4):
        site.say("event: gone\ndata: post:7")
        assert "post:7" in until_asked(live, site, times)
    assert time.monotonic() - began > 0.5 + 1 + 2


def test_a_page_that_is_withdrawn_asks_no_more_until_it_is_there_again(live, site):
    site.refused |= {"/": 404, "/stream": 404}
    site.streams[-1].open = False
    for region in ("#post", "#list"):
        has_mode(live, region, "gone")
    assert len(site.streams) == 1
    site.refused.clear()
    for region in ("#post", "#list"):
        has_mode(live, region, "streaming")


def test_a_whole_page_of_a_lower_revision_is_right(live, site):
    restored = change("replace", "text", '<p id="text" data-revision="9">Restored</p>', both(9), "full post:7")
    site.say(restored, comment("After", both(10), "after post:7 9"))
    says(live, "After")
    expect(live.locator("#text")).to_have_text("Restored")
    assert len(site.streams) == 1


def test_a_server_that_does_not_know_the_common_address_is_asked_for_one_region(browser, site):
    site.refused["/stream"] = 404
    with browser.new_context(base_url=site.url) as context:
        page = context.new_page()
        page.clock.install()
        page.goto("/")
        has_mode(page, "#post", "streaming")
        assert site.asked == ["/posts/7/stream?revision=43"]
        site.say(
            comment("Hello", "44", "after 43"),
            MAYA_TYPES,
            "event: revision\ndata: 44",
        )
        says(page, "Hello")
        site.say("event: revision\ndata: 45")
        assert until_asked(page, site, 2) == "/posts/7/stream?revision=44"
        site.refused.clear()
        page.clock.fast_forward(60_000)
        expect_poll(page, lambda: f"/stream?{both(44)}" in site.asked)
        has_mode(page, "#list", "streaming")


def test_a_visit_opens_the_connection_once_for_all_that_came_and_went(live, site):
    site.pages["/next"] = page_of(post(8, 5), posts(post_7=44, post_8=5))
    live.evaluate(COUNT_STREAMS)
    live.locator("#next").click()
    expect(live).to_have_url(f"{site.url}/next")
    assert until_asked(live, site, 2) == f"/stream?post:8=5&user:4={position(heads=44 + 5)}"
    for region in ("#post", "#list"):
        has_mode(live, region, "streaming")
    expect_poll(live, lambda: site.open == 1)
    assert site.streams[1].open and live.evaluate("opened") == 1


def test_a_page_without_live_regions_has_no_connection(live, site):
    site.pages["/next"] = page_of("<p>Nothing happens here.</p>")
    live.locator("#next").click()
    expect(live.get_by_text("Nothing happens here.")).to_be_visible(timeout=PATIENCE)
    expect_poll(live, lambda: site.open == 0)
    live.go_back()
    assert until_asked(live, site, 2) == f"/stream?{both()}"


def test_a_region_that_is_alone_needs_no_name_and_no_common_address(browser, site):
    site.pages["/"] = page_of(post().replace(' data-stream-name-value="post:7"', ""), head="")
    with browser.new_context(base_url=site.url) as context:
        page = context.new_page()
        page.goto("/")
        has_mode(page, "#post", "streaming")
        site.say(comment("Hello", "44", "after 43"), "event: revision\ndata: 44", comment("Lost", "46", "after 45"))
        assert until_asked(page, site, 2) == "/posts/7/stream?revision=44"
        says(page, "Hello")
