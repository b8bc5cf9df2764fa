"""From any cursor to now: exactly what changed, or the whole page."""

import re

import pytest
from sqlalchemy import update

from chatapp.turbo import render

from .blog import Comment, Post, db, write


@pytest.fixture
def comments(post) -> list[Comment]:
    """Three, each of a revision of its own."""
    return [write(post, text) for text in ("One", "Two", "Three")]


def edit(comment: Comment, text: str) -> None:
    comment.text = text
    db.session.commit()


def delete(comment: Comment) -> None:
    db.session.delete(comment)
    db.session.commit()


def actions(frame) -> list[tuple[str, str]]:
    return re.findall(r'<turbo-stream action="(\w+)" target="(\w+)">', frame.html)


def catch_up(post, cursor: int):
    return post.catch_up(cursor, db.session)


def is_whole_page(frame, post) -> bool:
    whole = [("replace", f"header_post_{post.id}"), ("replace", f"comments_post_{post.id}")]
    return frame.full and actions(frame) == whole


def test_who_has_seen_everything_gets_nothing(post, comments):
    frame = catch_up(post, post.revision)
    assert (frame.after, frame.revision, frame.html, frame.full) == (post.revision, post.revision, "", False)


def test_every_change_comes_as_what_it_is_for_this_reader(post, comments):
    one, two, three = comments
    cursor = two.revision
    edit(one, "One, better")
    delete(two)
    edit(three, "Three, better")
    frame = catch_up(post, cursor)
    # Message three is new to this reader, however often it was edited since.
    assert actions(frame) == [
        ("replace", f"comment_{one.id}"),
        ("remove", f"comment_{two.id}"),
        ("append", f"comments_post_{post.id}"),
    ]
    assert "Three, better" in frame.html
    assert (frame.after, frame.revision, frame.full) == (cursor, post.revision, False)


def test_new_messages_come_in_the_order_of_the_page(post, ada):
    cursor = post.revision
    first, second = write(post, "First"), write(post, "Second")
    edit(first, "First, later")
    frame = catch_up(post, cursor)
    assert frame.html.index("First, later") < frame.html.index("Second")
    assert second.revision < first.revision


def test_what_came_and_went_is_only_removed(post, ada):
    cursor = post.revision
    message = write(post, "Gone soon")
    delete(message)
    assert actions(catch_up(post, cursor)) == [("remove", f"comment_{message.id}")]


def test_the_header_comes_only_if_it_changed(post, comments):
    cursor = post.revision
    edit(comments[0], "One, better")
    assert "header_post" not in catch_up(post, cursor).html
    post.title = "Better plans"
    db.session.commit()
    assert actions(catch_up(post, cursor))[0] == ("replace", f"header_post_{post.id}")


@pytest.mark.parametrize("cursor", [-1, -(2**31), 2**31 - 1])
def test_a_cursor_that_is_not_of_this_page_gets_the_whole_page(post, comments, cursor):
    frame = catch_up(post, cursor)
    assert is_whole_page(frame, post) and frame.revision == post.revision


def test_a_cursor_one_ahead_gets_the_whole_page(post, comments):
    assert is_whole_page(catch_up(post, post.revision + 1), post)


@pytest.mark.parametrize(("rows", "whole"), [(100, False), (101, True)])
def test_a_hundred_changed_rows_come_one_by_one_and_one_more_as_the_whole_page(post, ada, rows, whole):
    cursor = post.revision
    db.session.add_all([Comment(post=post, author=ada, text=str(number)) for number in range(rows)])
    db.session.commit()
    frame = catch_up(post, cursor)
    assert frame.full is whole
    assert frame.html.count('action="append"') == (0 if whole else 100)
    assert frame.html.count("<p id=") == (50 if whole else 100)


def test_the_whole_page_is_what_a_fresh_page_shows(post, ada):
    db.session.add_all([Comment(post=post, author=ada, text=str(number)) for number in range(120)])
    db.session.commit()
    templates = re.findall(r"<template>(.*?)</template>", catch_up(post, -1).html, re.DOTALL)
    assert templates == [render("_header.html", post), post.render_comments()]
    assert "119" in templates[1] and "Ada: 69<" not in templates[1]


def test_catching_up_twice_says_the_same(post, comments):
    assert catch_up(post, 0) == catch_up(post, 0)


def test_nothing_of_another_page_is_in_it(post, other, comments):
    write(other, "Somewhere else")
    assert "Somewhere else" not in catch_up(post, 0).html


def test_a_page_put_back_to_an_earlier_state_shows_that_state(post, comments):
    cursor = post.revision
    db.session.execute(update(Post).values(revision=cursor - 2))
    db.session.commit()
    frame = catch_up(post, cursor)
    assert frame.full and frame.revision == cursor - 2


@pytest.mark.parametrize("start", range(4))
def test_catch_ups_from_every_cursor_end_at_the_same_page(post, comments, start):
    """The rows that a reader ends up with, whatever he had seen before."""
    begin = comments[0].revision - 1
    shown = {c.id: c.text for c in comments if c.revision <= begin + start}
    edit(comments[0], "One, better")
    delete(comments[1])
    write(post, "Four")
    for action, target in actions(frame := catch_up(post, begin + start)):
        if action == "remove":
            shown.pop(int(target.removeprefix("comment_")), None)
    for id, body in re.findall(r'<p id="comment_(\d+)">Ada: (.*?)</p>', frame.html):
        shown[int(id)] = body
    assert list(dict(sorted(shown.items())).values()) == ["One, better", "Three", "Four"]
