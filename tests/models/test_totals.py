"""Sums of figures, by the database."""

import pytest
from sqlalchemy import insert

from chatapp.extensions import db
from chatapp.models import Chat, Figure
from chatapp.models.mixins.timestamps import now
from chatapp.models.totals import MONTHS, Totals, last_months, this_month
from tests.queries import statements


@pytest.fixture
def figures(alice, bob, chat) -> None:
    """In this month: two of Alice's, one of Bob's that has no price and is estimated; and an old one of Alice's."""
    other = Chat.start(bob.user, "Elsewhere")
    db.session.flush()
    one = {"model": "small", "tokens_in": 100, "tokens_out": 10, "estimated": False, "created_at": now()}
    one |= {"purpose": "reply", "first_ms": 1, "took_ms": 2, "chat_id": chat.id, "asker_id": alice.id, "cost": 5}
    guessed = {"estimated": True, "model": "large"}
    rows = [
        one | {"day": f"{this_month()}-01"},
        one | {"day": f"{this_month()}-28", "chat_id": None},
        one | {"day": f"{this_month()}-15", "asker_id": bob.id, "chat_id": other.id, "cost": None} | guessed,
        one | {"day": f"{last_months()[3]}-10"},
        one | {"day": "2001-01-01"},
    ]  # fmt: skip
    db.session.execute(insert(Figure), rows)
    db.session.commit()


def test_months_are_summed_up_and_empty_ones_are_there(figures):
    months = Totals().by_month()
    assert [name for name, _ in months] == last_months() and len(months) == MONTHS
    assert [row and (row.answers, row.tokens_in, row.cost) for _, row in months] == [
        None, None, None, (1, 100, 5), None, None, None, None, None, None, None, (3, 300, 10),
    ]  # fmt: skip


def test_a_person_has_own_sums(alice, bob, figures):
    assert Totals(Figure.asker_id == alice.id).of_month(this_month()).answers == 2
    mine = Totals(Figure.asker_id == bob.id).of_month(this_month())
    assert (mine.answers, mine.cost, mine.estimated, mine.without_price) == (1, None, 1, 1)


def test_people_and_models_are_listed_by_what_they_cost(figures):
    assert [(row.name, row.answers, row.cost) for row in Totals().by_person(this_month())] == [
        ("Alice", 2, 10),
        ("Bob", 1, None),
    ]
    assert [(row.name, row.answers) for row in Totals().by_model(this_month())] == [("small", 2), ("large", 1)]


def test_nobody_learns_the_title_of_a_chat_that_he_can_not_read(alice, bob, chat, figures):
    seen = [(title, id) for title, id, _ in Totals().by_chat(this_month(), alice.user)]
    assert len(seen) == 3 and {("Plans", chat.id), (None, None)} < set(seen)
    assert "Elsewhere" not in dict(seen)
    assert {title for title, _, _ in Totals().by_chat(this_month(), bob.user)} == {"Plans", "Elsewhere", None}


def test_a_month_without_figures_has_sums_of_nothing(app):
    sums = Totals().of_month(this_month())
    assert (sums.answers, sums.tokens_in, sums.cost, sums.estimated) == (0, 0, None, 0)


def test_each_sum_is_one_statement(alice, figures):
    db.session.commit()
    month = this_month()
    with statements() as seen:
        Totals().by_month(), Totals().of_month(month), Totals().by_person(month), Totals().by_model(month)
    assert len([statement for statement, _ in seen if statement.startswith("SELECT")]) == 4
