"""Previews of linked pages: fetched once for each address, by a real job over real HTTP."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from chatapp.extensions import db, link_previews, queue
from chatapp.jobs import link_previews as jobs
from chatapp.jobs.sweeps import forget_link_previews, settle_link_previews
from chatapp.models import Chat, LinkPreview, Message, User, link_preview
from chatapp.models.link_preview import AGAIN_AFTER, DEAD_AFTER, FORGOTTEN_AFTER, GIVEN_UP_AFTER, KEPT_FOR
from chatapp.models.mixins.timestamps import now
from chatapp.turbo.testing import captured_broadcasts
from tests.linked_site import LinkedSite, Page
from tests.queries import statements

PLAN = Page("<title>The plan</title><meta name=description content='For this year'>")


@pytest.fixture
def site(monkeypatch):
    with LinkedSite() as site:
        monkeypatch.setattr(jobs.client, "open_to", {site.place})
        monkeypatch.setattr(jobs.client, "seconds", 60)
        site.pages["/plan"] = PLAN
        yield site


@pytest.fixture
def chat(chat) -> Chat:
    """One that is open to everybody."""
    chat.kind = "open"
    db.session.commit()
    return chat


def post(chat, visitor, content: str) -> Message:
    message = chat.post(visitor.user, content)
    db.session.commit()
    return message


def edit(message, content: str) -> None:
    message.edit(content)
    db.session.commit()


def html_of(message) -> str:
    db.session.expire_all()
    return message.to_html()


def previews() -> list[LinkPreview]:
    return list(db.session.scalars(select(LinkPreview).order_by(LinkPreview.id)))


def grown_old(preview, age: timedelta) -> None:
    preview.asked_at = now() - age - timedelta(seconds=1)
    db.session.commit()


def test_a_preview_is_announced_once_its_page_was_fetched(alice, chat, site, work):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        message = post(chat, alice, f"See {site.url('/plan')}#today")
        work()
    assert ["The plan" in broadcast.html for broadcast in broadcasts] == [False, True]
    html = html_of(message)
    assert html in broadcasts[1].html
    assert 'class="link-preview"' in html and "For this year" in html
    assert 'class="link-preview__site">127.0.0.1<' in html
    assert f'href="{site.url("/plan")}"' in html and "<img" not in html.partition('class="link-preview"')[2]


def test_one_address_is_asked_once_however_many_link_it(alice, bob, chat, site, work):
    first = post(chat, alice, site.url("/plan"))
    second = post(chat, bob, f"Look: {site.url('/plan')}")
    work()
    third = post(chat, bob, f"[this]({site.url('/plan')})")
    work()
    assert all("The plan" in html_of(message) for message in (first, second, third))
    assert [path for path, _ in site.asked] == ["/plan"] and len(previews()) == 1


def test_all_messages_that_wait_are_told_in_small_steps(alice, bob, chat, site, work, monkeypatch):
    monkeypatch.setattr(link_preview, "TOLD", 2)
    messages = [post(chat, bob, site.url("/plan")) for _ in range(5)]
    with captured_broadcasts(chat.stream_name) as broadcasts:
        work()
    assert [broadcast.html.count('class="link-preview"') for broadcast in broadcasts] == [2, 2, 1]
    assert all("The plan" in html_of(message) for message in messages)
    assert previews()[0].state == "ready"


def test_only_the_first_link_has_one_and_code_has_none(alice, chat, site, work):
    site.pages["/b"] = Page("<title>Other</title>")
    message = post(chat, alice, f"`{site.url('/c')}` mailto:ann@example.com {site.url('/plan')} {site.url('/b')}")
    code = post(chat, alice, f"```\n{site.url('/b')}\n```")
    work()
    assert "The plan" in html_of(message) and "Other" not in message.to_html()
    assert 'class="link-preview"' not in html_of(code)
    assert [path for path, _ in site.asked] == ["/plan"]


@pytest.mark.parametrize(
    ("kind", "setting", "shown"),
    [
        ("open", "open", True), ("closed", "open", False), ("closed", "always", True), ("open", "never", False),
    ],
)  # fmt: skip
def test_a_closed_chat_has_to_allow_it(alice, chat, site, kind, setting, shown):
    chat.kind, chat.link_previews = kind, setting
    db.session.commit()
    assert bool(post(chat, alice, site.url("/plan")).link_preview_id) is shown
    assert len(queue.rq) == shown


def test_a_direct_chat_has_none(alice, bob, site):
    direct = Chat.direct(alice.user, [bob.user])
    db.session.flush()
    assert post(direct, alice, site.url("/plan")).link_preview_id is None


def test_an_installation_can_do_without(alice, chat, site, monkeypatch):
    monkeypatch.setattr(link_previews, "at_once", 0)  # LINK_PREVIEWS=0
    assert post(chat, alice, site.url("/plan")).link_preview_id is None and previews() == []


def test_what_waits_when_previews_are_switched_off_is_not_fetched(alice, chat, site, work, monkeypatch):
    message = post(chat, alice, site.url("/plan"))
    monkeypatch.setattr(link_previews, "at_once", 0)
    work()
    assert 'class="link-preview"' not in html_of(message) and site.asked == []


def test_a_reply_of_the_assistant_has_none(chat, site):
    reply = chat.post(User.assistant(), site.url("/plan"))
    db.session.commit()
    assert reply.link_preview_id is None


def test_what_fails_shows_nothing_and_is_not_tried_again_for_a_day(alice, bob, chat, site, work):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        message = post(chat, alice, site.url("/gone"))
        before = message.to_html()
        work()
        again = post(chat, bob, site.url("/gone"))
        work()
    assert html_of(message) == before and message.link_preview_id is again.link_preview_id is None
    assert len(broadcasts) == 2 and len(site.asked) == 1
    site.pages["/gone"] = PLAN
    grown_old(previews()[0], AGAIN_AFTER)
    later = post(chat, bob, site.url("/gone"))
    work()
    assert "The plan" in html_of(later) and html_of(message) == before


@pytest.mark.parametrize(
    "page",
    [
        Page("<title>Picture</title>", headers={"Content-Type": "image/png"}),
        Page("<title>No</title>", 500),
        Page("<p>No title</p>"),
        Page("<title>Log in</title><meta name=application-name content=Plainwire>"),
        Page("<title>Log in</title><meta name=application-name content=Acme><meta name=generator content=Plainwire>"),
        Page("", 302, {"Location": "http://127.0.0.1:6379/"}),
    ],
)
def test_what_is_no_page_with_a_title_has_no_preview(alice, chat, site, work, page):
    site.pages["/"] = page
    message = post(chat, alice, site.url("/"))
    work()
    assert 'class="link-preview"' not in html_of(message) and previews()[0].state == "failed"


def test_a_hostile_title_is_text(alice, chat, site, work):
    site.pages["/"] = Page("<title>&lt;script&gt;alert(1)&lt;/script&gt;\u202e\u2066 &quot;" + "x" * 10_000)
    site.pages["/"].body += "</title><meta name=description content='&lt;img src=x onerror=y&gt;'>"
    message = post(chat, alice, site.url("/"))
    work()
    html = html_of(message)
    assert "&lt;script&gt;" in html and "<script" not in html and "<img" not in html and "\u202e" not in html
    assert len(html) - len(html.replace("x", "")) < 500


def test_an_edit_of_the_link_changes_the_preview_and_one_of_the_words_keeps_it(alice, chat, site, work):
    site.pages["/b"] = Page("<title>Other</title>")
    message = post(chat, alice, site.url("/plan"))
    work()
    edit(message, f"Read {site.url('/plan')}")
    assert "The plan" in html_of(message)
    edit(message, site.url("/b"))
    assert 'class="link-preview"' not in html_of(message)
    work()
    assert "Other" in html_of(message)
    edit(message, "Nothing")
    assert 'class="link-preview"' not in html_of(message) and message.link_preview_id is None


def test_what_its_author_has_removed_stays_away(alice, chat, site, work):
    message = post(chat, alice, site.url("/plan"))
    work()
    db.session.expire_all()
    with captured_broadcasts(chat.stream_name) as broadcasts:
        message.remove_link_preview()
        db.session.commit()
    assert len(broadcasts) == 1 and 'class="link-preview"' not in broadcasts[0].html
    edit(message, f"Again: {site.url('/plan')}")
    assert 'class="link-preview"' not in html_of(message)


def test_what_is_removed_or_deleted_while_it_is_fetched_shows_none(alice, chat, site, work):
    removed, deleted = post(chat, alice, site.url("/plan")), post(chat, alice, site.url("/plan"))
    removed.remove_link_preview()
    deleted.delete()
    db.session.commit()
    with captured_broadcasts(chat.stream_name) as broadcasts:
        work()
    assert broadcasts == [] and 'class="link-preview"' not in html_of(removed) and deleted.link_preview_id is None


def test_what_the_previous_release_edits_does_not_show_the_preview_of_another_page(alice, chat, site, work):
    message = post(chat, alice, site.url("/plan"))
    work()
    db.session.expire_all()
    message.content = "Something else"  # without knowing of previews
    db.session.commit()
    assert 'class="link-preview"' not in html_of(message)


def test_one_person_has_only_some_pages_fetched(alice, bob, chat, site, work, monkeypatch):
    from limits import parse_many

    monkeypatch.setattr(link_previews, "rates", parse_many("2 per minute"))
    messages = [post(chat, alice, site.url(f"/{number}")) for number in range(3)]
    assert [message.link_preview_id is not None for message in messages] == [True, True, False]
    assert post(chat, alice, site.url("/0")).link_preview_id  # known, and so no further page
    assert post(chat, bob, site.url("/3")).link_preview_id
    monkeypatch.setattr(link_previews, "at_once", 3)
    assert post(chat, bob, site.url("/4")).link_preview_id is None  # three wait for the worker


def test_a_lost_job_is_queued_again(alice, chat, site, work):
    message = post(chat, alice, site.url("/plan"))
    queue.redis.flushall()
    settle_link_previews()
    assert len(queue.rq) == 0  # it may be on its way
    grown_old(previews()[0], FORGOTTEN_AFTER)
    settle_link_previews()
    settle_link_previews()
    assert len(queue.rq) == 1
    work()
    assert "The plan" in html_of(message)


@pytest.mark.parametrize(("state", "age"), [("fetching", DEAD_AFTER), ("waiting", GIVEN_UP_AFTER)])
def test_a_job_that_died_or_comes_too_late_is_a_failure(alice, chat, site, state, age):
    message = post(chat, alice, site.url("/plan"))
    queue.redis.flushall()
    previews()[0].state = state
    grown_old(previews()[0], age)
    settle_link_previews()
    db.session.expire_all()
    assert (previews()[0].state, message.link_preview_id, len(queue.rq)) == ("failed", None, 0)


def test_a_job_that_died_while_it_told_the_messages_goes_on_and_asks_nobody(alice, chat, site, work):
    message = post(chat, alice, site.url("/plan"))
    queue.redis.flushall()
    known = previews()[0]
    known.state, known.title, known.site = "fetched", "The plan", "127.0.0.1"
    grown_old(known, FORGOTTEN_AFTER)
    settle_link_previews()
    with captured_broadcasts(chat.stream_name) as broadcasts:
        work()
    assert "The plan" in broadcasts[0].html and site.asked == [] and "The plan" in html_of(message)


def test_old_previews_that_nobody_shows_are_forgotten(alice, chat, site, work):
    site.pages["/b"] = PLAN
    post(chat, alice, site.url("/plan"))
    post(chat, alice, site.url("/b")).remove_link_preview()
    db.session.commit()
    work()
    forget_link_previews()
    assert len(previews()) == 2
    for known in previews():
        grown_old(known, KEPT_FOR)
    forget_link_previews()
    assert [known.url for known in previews()] == [site.url("/plan")]


def test_a_page_with_previews_takes_no_query_more_than_one_without(alice, chat, site, work):
    post(chat, alice, "Hello")
    address = f"/chats/{chat.id}"
    alice.get(address)
    with statements() as without:
        alice.get(address)
    for number in range(5):
        site.pages[f"/{number}"] = PLAN
        post(chat, alice, site.url(f"/{number}"))
    work()
    alice.get(address)  # moves the mark of what was read
    with statements() as with_previews:
        assert alice.get(address).text.count('class="link-preview"') == 5
    assert len(with_previews) <= len(without)


def test_a_message_without_a_link_costs_no_statement_more(alice, chat, message):
    with statements() as seen:
        post(chat, alice, "Hello. And: goodbye")
    assert not [statement for statement, _ in seen if "FROM link_previews" in statement]
    assert "preview" not in message.to_html()
