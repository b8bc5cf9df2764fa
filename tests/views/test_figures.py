"""The pages of figures: of one answer, of a chat, of a person, and of the whole place."""

import pytest

from chatapp.extensions import db
from chatapp.models import Budget, Chat, Figure, Message, Price
from chatapp.models.budget import MONEY, TOKENS
from chatapp.models.mixins.timestamps import now
from chatapp.models.totals import last_months, this_month
from tests.provider import Counted, Failure
from tests.queries import messages_of


@pytest.fixture
def chat(chat) -> Chat:
    chat.assistant = "always"
    db.session.commit()
    return chat


@pytest.fixture
def reply(app, alice, chat, provider, work) -> Message:
    Price.set(app.config["ASSISTANT_MODEL"], 400_000, 1_600_000)
    Budget.decide("EUR", MONEY, person_day=1_000_000, place_day=None, place_month=9_000_000)
    db.session.commit()
    provider.will(Counted("Fine.", 12_340, 56))
    alice.send(chat, "How are you?")
    work()
    return messages_of(chat)[-1]


def figure(visitor, day: str, chat=None, **columns) -> None:
    given = {"model": "small", "tokens_in": 1000, "tokens_out": 100, "created_at": now()} | columns
    db.session.add(Figure(asker_id=visitor.id, day=day, chat_id=chat and chat.id, **given))
    db.session.commit()


# Of one answer


def test_members_see_what_an_answer_took(app, bob, reply):
    page = bob.get(f"/messages/{reply.id}/figures").text
    for words in (app.config["ASSISTANT_MODEL"], "12,340 tokens", "56 tokens", "0.0050 EUR", "Alice"):
        assert words in page
    assert "estimate" not in page


def test_each_attempt_is_there_and_an_estimate_says_that_it_is_one(alice, bob, reply, provider, work):
    reply.state = "failed"
    db.session.commit()
    provider.will("Fine again.")
    bob.turbo("POST", f"/messages/{reply.id}/retries")
    work()
    page = bob.get(f"/messages/{reply.id}/figures").text
    assert page.index("Last attempt") < page.index("estimate") < page.index("Attempt before") < page.index("12,340")


def test_an_answer_without_figures_says_so(alice, chat):
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    assert "Only answers of the assistant" in alice.get(f"/messages/{message.id}/figures").text
    assert "Nothing was counted" in alice.get(f"/messages/{message.reply.id}/figures").text


def test_outsiders_and_whoever_was_removed_see_no_figures(charlie, removed, chat, reply):
    for path in (f"/messages/{reply.id}/figures", f"/chats/{chat.id}/figures"):
        assert [visitor.get(path).status_code for visitor in (charlie, removed)] == [404, 404]


def test_who_only_reads_an_open_chat_sees_no_figures(charlie, chat, reply):
    chat.kind = "open"
    db.session.commit()
    for path in (f"/messages/{reply.id}/figures", f"/chats/{chat.id}/figures"):
        assert charlie.get(path).status_code == 403


def test_the_page_of_a_message_leads_to_the_figures_of_an_answer_and_of_nothing_else(alice, reply):
    link = 'href="/messages/{}/figures"'
    assert link.format(reply.id) in alice.get(f"/messages/{reply.id}/actions").text
    question = reply.question_id
    assert link.format(question) not in alice.get(f"/messages/{question}/actions").text


def test_an_answer_that_failed_has_figures_of_nothing(alice, chat, provider, work):
    provider.will(Failure(401))
    alice.send(chat, "How are you?")
    work()
    page = alice.get(f"/messages/{messages_of(chat)[-1].id}/figures").text
    assert "0 tokens" in page and "not known" in page


# Sums


def test_each_person_sees_own_sums(alice, bob, chat, reply):
    page = alice.get("/figures").text
    assert "12.3 k" in page and "Plans" in page and "Your budget for today" in page
    empty = bob.get("/figures").text
    assert "Nothing yet" in empty and "12.3 k" not in empty and "Plans</bdi>" not in empty.partition('class="totals')[2]


def test_administrators_see_the_whole_place_and_no_titles_of_chats_that_they_can_not_read(admin, alice, chat, reply):
    page = admin.get("/figures?of=everybody").text
    assert "12.3 k" in page and "Alice" in page and f"Chat {chat.id}" in page and "Plans" not in page
    assert "Everybody’s budget for this month" in page
    assert alice.get("/figures?of=everybody").status_code == 404


def test_the_managers_of_a_chat_see_its_sums(alice, bob, chat, reply):
    page = alice.get(f"/chats/{chat.id}/figures").text
    assert "12.3 k" in page and "By person" in page
    assert bob.get(f"/chats/{chat.id}/figures").status_code == 403
    assert f"/chats/{chat.id}/figures" in alice.get(f"/chats/{chat.id}/edit").text
    assert f"/chats/{chat.id}/figures" not in bob.get(f"/chats/{chat.id}/edit").text


def test_a_month_can_be_chosen_and_anything_else_is_the_present_one(alice, chat):
    figure(alice, f"{last_months()[-3]}-03", chat, model="earlier")
    figure(alice, f"{this_month()}-01", chat, model="present")
    page = alice.get(f"/figures?month={last_months()[-3]}").text
    assert "earlier" in page and "present" not in page
    for strange in ("2026", "9999-99", "x", "' OR 1=1", ""):
        page = alice.get("/figures", query_string={"month": strange}).text
        assert "present" in page and "earlier" not in page


def test_the_plot_is_a_picture_with_a_name_and_the_table_has_its_numbers(alice, chat):
    figure(alice, f"{this_month()}-01", chat, cost=2_500_000)
    page = alice.get("/figures").text
    assert 'role="img" aria-label="Cost of each month' in page and page.count('class="plot__bar"') == 12
    assert "2.50" in page.partition("<table")[2]


def test_what_has_no_price_and_what_is_an_estimate_is_said(alice, chat):
    figure(alice, f"{this_month()}-01", chat, cost=None, estimated=True)
    page = alice.get("/figures").text
    assert "The tokens of 1 of 1 answers are estimates." in page and "1 had no price" in page
    assert 'aria-label="Tokens of each month' in page


def test_chats_that_are_gone_are_one_line(alice):
    for _ in range(2):
        figure(alice, f"{this_month()}-01")
    assert alice.get("/figures").text.count("Deleted chats") == 1


def test_a_budget_in_tokens_is_shown_in_tokens(alice, chat):
    Budget.decide("", TOKENS, person_day=50_000, place_day=None, place_month=None)
    figure(alice, now().strftime("%Y-%m-%d"), chat)
    assert "1.1 k of 50.0 k tokens" in alice.get("/figures").text
