"""The page on which administrators set prices and budgets."""

import pytest

from chatapp.extensions import db
from chatapp.models import Budget, Figure, Price
from chatapp.models.budget import MONEY, TOKENS
from tests.visitors import start_over

BUDGET = {"currency": "EUR", "unit": "money", "person_day": "2.50", "place_day": "", "place_month": "100"}
PRICE = {"model": "small", "tokens_in": "0.40", "tokens_out": "1,60"}


def decided() -> tuple:
    start_over()
    budget = Budget.now()
    return budget.currency, budget.unit, budget.person_day, budget.place_day, budget.place_month


def prices() -> list[tuple]:
    start_over()
    return [(price.model, price.tokens_in, price.tokens_out) for price in Price.all()]


def test_an_administrator_sets_budgets_and_sees_them_again(admin):
    assert admin.submit("/budget", BUDGET).status_code == 303
    assert decided() == ("EUR", MONEY, 2_500_000, None, 100_000_000)
    page = admin.get("/budget").text
    assert 'value="2.5"' in page and 'value="100"' in page and 'value="EUR"' in page
    assert admin.submit("/budget", BUDGET | {"person_day": "", "place_month": ""}).status_code == 303
    assert decided() == ("EUR", MONEY, None, None, None)


def test_budgets_can_be_in_tokens(admin):
    admin.submit("/budget", BUDGET | {"unit": "tokens", "person_day": "50,000", "place_month": "2000000"})
    assert decided() == ("EUR", TOKENS, 50_000, None, 2_000_000)
    assert 'value="50000"' in admin.get("/budget").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"person_day": "two"}, "such as 2.50, or leave it empty"),
        ({"person_day": "1,000"}, "such as 2.50, or leave it empty"),
        ({"place_day": "-1"}, "such as 2.50, or leave it empty"),
        ({"unit": "tokens", "person_day": "2.50"}, "a whole number such as 50000"),
        ({"currency": "Doubloons"}, "8 characters at most"),
        ({"currency": "\x07"}, "control character"),
        ({"unit": "gold"}, ""),
    ],
)
def test_what_is_no_budget_says_what_to_do_and_loses_nothing_typed(admin, change, words):
    answer = admin.submit("/budget", BUDGET | change)
    assert answer.status_code == 422 and words in answer.text
    for typed in (BUDGET | change).values():
        assert typed in answer.text or typed in ("gold", "\x07")
    assert decided() == ("", MONEY, None, None, None)


def test_a_price_is_set_replaced_and_removed(admin):
    assert admin.submit("/prices", PRICE).status_code == 303
    assert prices() == [("small", 400_000, 1_600_000)]
    admin.submit("/prices", PRICE | {"tokens_in": "0"})
    assert prices() == [("small", 0, 1_600_000)]
    admin.submit("/budget", BUDGET)
    assert "0 EUR read · 1.6 EUR written" in admin.get("/budget").text
    assert admin.submit(f"/prices/{Price.of('small').id}", {}, "DELETE").status_code == 303
    assert prices() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": " "}, "Write the name by which the model is asked"),
        ({"model": "x" * 201}, "200"),
        ({"tokens_in": ""}, "For a model that costs nothing write 0"),
        ({"tokens_out": "cheap"}, "For a model that costs nothing write 0"),
    ],
)
def test_what_is_no_price_says_what_to_do_and_loses_nothing_typed(admin, change, words):
    answer = admin.submit("/prices", PRICE | change)
    assert answer.status_code == 422 and words in answer.text
    assert all(typed in answer.text for typed in (PRICE | change).values()) and prices() == []


def test_models_in_use_without_a_price_are_named(admin):
    for model in ("small", "large"):
        db.session.add(Figure(asker_id=admin.id, model=model, day="2026-11-01"))
    Price.set("small", 1, 1)
    db.session.commit()
    assert "No price yet: <bdi>large</bdi></span>" in admin.get("/budget").text


def test_nobody_else_sees_or_sets_any_of_it(alice, anonymous, admin):
    admin.submit("/prices", PRICE)
    id = Price.of("small").id
    for answer in (
        alice.get("/budget"),
        alice.submit("/budget", BUDGET),
        alice.submit("/prices", PRICE),
        alice.submit(f"/prices/{id}", {}, "DELETE"),
    ):
        assert answer.status_code == 404
    assert anonymous.get("/budget").status_code == 303
    assert decided()[0] == "" and len(prices()) == 1


def test_a_change_of_prices_and_budgets_is_in_the_audit_log(admin, caplog):
    with caplog.at_level("INFO", "audit"):
        admin.submit("/budget", BUDGET)
        admin.submit("/prices", PRICE)
    assert [line for line in caplog.messages if f"user {admin.id}" in line and "log-in" not in line] and (
        "budgets changed" in caplog.text and "price of a model set" in caplog.text
    )
