import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from chatapp.turbo import Frame, dom_id, retry, stream_name, turbo_stream, turbo_stream_to_all
from chatapp.turbo.streams import event, primed_cursor, singular_name
from tests.browserless import parse

from .blog import Comment, Post


class BlogPost:
    pass


def test_names_come_from_the_class():
    assert singular_name(BlogPost) == singular_name(BlogPost()) == "blog_post"


def test_a_record_has_a_stream_and_dom_ids(post):
    assert stream_name(post) == f"post:{post.id}"
    assert dom_id(post) == f"post_{post.id}"
    assert dom_id(post, "comments") == f"comments_post_{post.id}"
    assert (dom_id(Comment), dom_id(Post, "form")) == ("new_comment", "form_new_post")


def test_the_tag_carries_html_in_a_template_and_escapes_its_target():
    assert turbo_stream("append", "list", "<p>hi</p>") == (
        '<turbo-stream action="append" target="list"><template><p>hi</p></template></turbo-stream>'
    )
    assert turbo_stream("remove", 'x"><script>') == (
        '<turbo-stream action="remove" target="x&#34;&gt;&lt;script&gt;"></turbo-stream>'
    )


def test_a_frame_is_one_event_whose_id_is_its_revision_and_that_says_what_it_follows():
    frame = Frame(40, 43, Markup("<p>\nhello</p>"))
    assert frame.encoded == b"id: 43\ndata: <p>\ndata: hello</p><!--after 40-->\n\n"


def test_a_frame_without_words_is_an_event_too():
    assert Frame(42, 43, "").encoded == b"id: 43\ndata: <!--after 42-->\n\n"


@pytest.mark.parametrize(
    ("data", "encoded"),
    [
        ("", b"data: \n\n"),
        ("one", b"data: one\n\n"),
        (" one", b"data:  one\n\n"),
        ("one\ntwo", b"data: one\ndata: two\n\n"),
        ("one\r\ntwo", b"data: one\ndata: two\n\n"),
        ("one\rtwo", b"data: one\ndata: two\n\n"),
        ("one\n\ntwo\n", b"data: one\ndata: \ndata: two\ndata: \n\n"),
        ("data: x\n\nevent: beat\nid: 9", b"data: data: x\ndata: \ndata: event: beat\ndata: id: 9\n\n"),
        ("one\u2028two\x85three\x0cfour", "data: one\u2028two\x85three\x0cfour\n\n".encode()),
    ],
)
def test_only_real_line_ends_end_a_line(data, encoded):
    assert event(data) == encoded


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_is_sent_is_one_event_and_arrives_as_it_was(data):
    events = list(parse([event(data, id=7).decode()]))
    assert [(e.id, e.name, e.data) for e in events] == [("7", None, data.replace("\r\n", "\n").replace("\r", "\n"))]


def test_a_named_event_has_its_name_first():
    assert event("15", name="beat") == b"event: beat\ndata: 15\n\n"


def test_what_sets_cursor_and_retry_fires_nothing():
    assert (primed_cursor(43), retry(2000)) == (b"id: 43\n\n", b"retry: 2000\n\n")


def test_a_full_frame_says_so_at_its_end_also_where_its_html_is_marked_as_safe():
    assert Frame(0, 3, Markup("<p>all</p>"), full=True).encoded == b"id: 3\ndata: <p>all</p><!--full-->\n\n"


def test_one_element_can_be_for_all_that_a_selector_finds():
    assert turbo_stream_to_all("replace", '.a[b="c"]', "<p>hi</p>") == (
        '<turbo-stream action="replace" targets=".a[b=&#34;c&#34;]"><template><p>hi</p></template></turbo-stream>'
    )
