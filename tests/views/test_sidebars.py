from chatapp.extensions import db


def test_the_list_is_a_frame_of_its_own(alice, chat):
    answer = alice.get("/sidebar")
    assert answer.text.startswith('<turbo-frame id="sidebar_chats"') and "<html" not in answer.text
    assert f'href="/chats/{chat.id}"' in answer.text


def test_the_open_chat_is_marked(alice, chat):
    assert 'aria-current="page"' in alice.get(f"/sidebar?chat={chat.id}").text
    assert 'aria-current="page"' not in alice.get("/sidebar?chat=nonsense").text


def test_outsiders_see_nothing_of_a_chat(charlie, removed, anonymous, chat):
    for visitor in (charlie, removed):
        assert "Plans" not in visitor.get(f"/sidebar?chat={chat.id}").text
    assert anonymous.get("/sidebar").location == "/login?next=/sidebar"


def test_it_is_beside_every_page_of_who_is_logged_in_and_no_other(alice, anonymous, chat):
    for path in ("/", f"/chats/{chat.id}", "/chats/new", "/sessions"):
        assert 'id="sidebar_chats"' in alice.get(path).text
    assert 'id="sidebar_chats"' not in anonymous.get("/login").text


def test_a_title_with_a_script_stays_text(alice, chat):
    chat.title = "<script>alert(1)</script>"
    db.session.commit()
    assert "<script>" not in alice.get("/sidebar").text
