"""A deploy: the previous release works on in the schema of this one, and both serve the same people for a while."""

import re
import uuid

import pytest

from tests.browserless import PASSWORD, Person
from tests.releases import PROJECT, Deploy, ReleaseWorker
from tests.servers import wait_until


@pytest.fixture(scope="module")
def deploy(tmp_path_factory, database, request):
    directory = tmp_path_factory.mktemp("deploy")
    url = None
    if database == "postgres":
        url = request.getfixturevalue("postgres").create_database("deploy")
    with Deploy(directory, url) as deploy:
        yield deploy


@pytest.fixture(params=["old", "new"])
def here(deploy, request):
    """Either release…"""
    return getattr(deploy, request.param)


@pytest.fixture
def there(deploy, here):
    """…and the other one."""
    return deploy.new if here is deploy.old else deploy.old


def sent(answer) -> int:
    assert answer.status_code == 201, answer.text
    return int(re.search(r'data-message-id="(\d+)"', answer.text)[1])


def test_whatever_one_could_do_before_one_can_do_in_either(deploy, here):
    with Person(here.url, f"Person{uuid.uuid4().hex[:8]}").sign_up() as carol:
        chat = carol.start_chat(title="New here")
        carol.add(deploy.ada, chat)
        message = sent(carol.send(chat, "Hello"))
        done = [
            carol.turbo("PATCH", f"/messages/{message}", {"content": "Hello again"}),
            carol.turbo("POST", f"/chats/{chat}/typing"),
            carol.turbo("PATCH", f"/chats/{chat}", {"title": "Another name", "kind": "open", "assistant": "never"}),
            carol.turbo("DELETE", f"/messages/{message}"),
            carol.submit(f"/chats/{chat}/members/{ada_id(carol, chat)}", {"_method": "delete"}),
        ]
        assert [answer.status_code // 100 for answer in done] == [2, 2, 3, 2, 3], [answer.text for answer in done]
        for path in ("/", f"/chats/{chat}", f"/chats/{chat}/members", f"/chats/{chat}/edit", "/sessions"):
            assert carol.http.get(path).status_code == 200, path
        assert carol.submit("/logout", {}).status_code == 303
        assert carol.submit("/login", {"email": carol.email, "password": PASSWORD}, "/login").status_code == 303
    assert "Traceback" not in here.log


def ada_id(carol: Person, chat: int) -> int:
    ids = re.findall(rf"/chats/{chat}/members/(\d+)", carol.http.get(f"/chats/{chat}/members").text)
    return max(map(int, ids), key=lambda id: id != own_id(carol))


def own_id(person: Person) -> int:
    return int(re.search(r'name="current-user-id" content="(\d+)"', person.http.get("/").text)[1])


def test_what_is_written_in_one_is_live_in_the_other(deploy, here, there):
    writer, reader = deploy.at(here, deploy.ada), deploy.at(there, deploy.bob)
    with reader.stream(deploy.chat, reader.revision(deploy.chat)) as stream:
        text = f"Across {uuid.uuid4().hex}"
        message = sent(writer.send(deploy.chat, text))
        stream.wait_for(text)
        assert writer.turbo("PATCH", f"/messages/{message}", {"content": f"{text}, changed"}).status_code == 200
        stream.wait_for("changed")
        assert writer.turbo("DELETE", f"/messages/{message}").status_code == 200
        stream.wait_for(f'action="remove" target="message_{message}"')


def test_a_page_of_one_sends_to_the_other(deploy, here, there):
    """With the token of a page that the other one made; where it is refused, with a new one, as pages do.

    The previous release does not know masked tokens.
    """
    ada, other = deploy.at(here, deploy.ada), deploy.at(there, deploy.ada)
    text = f"Sent {uuid.uuid4().hex}"
    form = {"csrf_token": ada.token("/chats/new"), "content": text, "client_id": uuid.uuid4().hex}
    answer = other.http.post(f"/chats/{deploy.chat}/messages", data=form)
    if there is deploy.old and answer.status_code == 400:
        form["csrf_token"] = other.token("/chats/new")
        answer = other.http.post(f"/chats/{deploy.chat}/messages", data=form)
    assert answer.status_code == 303, answer.text
    assert text in ada.http.get(f"/chats/{deploy.chat}").text


def test_a_page_of_one_goes_on_with_the_stream_of_the_other(deploy, here, there):
    reader = deploy.at(here, deploy.bob)
    cursor = reader.revision(deploy.chat)
    text = f"Missed {uuid.uuid4().hex}"
    sent(deploy.at(here, deploy.ada).send(deploy.chat, text))
    with deploy.at(there, deploy.bob).stream(deploy.chat, cursor) as stream:
        assert "full" not in stream.wait_for(text).data


def test_a_question_asked_in_one_is_answered_by_the_worker_of_the_other(deploy, here):
    worker_of = PROJECT if here is deploy.old else deploy.code
    with ReleaseWorker(worker_of, deploy.environ):
        ada = deploy.at(here, deploy.ada)
        chat = ada.start_chat(title="Ask", assistant="always")
        sent(ada.send(chat, "Are you there?"))
        page = f"/chats/{chat}"
        wait_until(
            lambda: re.search(r'data-state="complete" data-author-kind="assistant"', ada.http.get(page).text), 30
        )


def test_what_the_release_before_does_not_know_breaks_none_of_its_pages(deploy):
    ada = deploy.at(deploy.new, deploy.ada)
    chat = ada.start_chat(title="Done with")
    ada.add(deploy.bob, chat)
    assert ada.submit(f"/chats/{chat}/archives", {}).status_code == 303
    before = deploy.at(deploy.old, deploy.ada)
    for path in ("/", f"/chats/{chat}", f"/chats/{chat}/members", f"/chats/{chat}/edit"):
        assert before.http.get(path).status_code == 200, path
    assert "Traceback" not in deploy.old.log


def test_a_reply_that_a_new_worker_writes_arrives_on_a_page_of_the_previous_release(deploy):
    ada, bob = deploy.at(deploy.new, deploy.ada), deploy.at(deploy.old, deploy.bob)
    chat = ada.start_chat(title="Growing", assistant="always")
    ada.add(bob, chat)
    with bob.stream(chat, bob.revision(chat)) as stream, ReleaseWorker(PROJECT, deploy.environ):
        sent(ada.send(chat, "Are you there?"))
        wait_until(lambda: any('data-state="complete"' in event.data for event in stream.changes[1:]), 30)
    assert "All right." in bob.http.get(f"/chats/{chat}").text
    assert "Traceback" not in deploy.old.log
