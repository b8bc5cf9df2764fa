"""Every figure is documented, and the board for Grafana asks for none that does not exist."""

import json
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chatapp.config import PROJECT
from chatapp.lib.metrics import sample_names
from chatapp.measuring import GROUPS, group_of

DOCUMENT = (PROJECT / "docs" / "metrics.md").read_text()
BOARD = json.loads((PROJECT / "docs" / "grafana.json").read_text())
NAME = re.compile(r"\b(?:plainwire|turbo)_\w+")


@pytest.fixture
def told(app, anonymous, monkeypatch) -> str:
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "secret")
    return anonymous.get("/metrics", headers={"Authorization": "Bearer secret"}).text


@pytest.fixture
def families(told):
    return list(text_string_to_metric_families(told))


def names(families) -> set[str]:
    """As Prometheus knows them."""
    return {family.name + ("_total" if family.type == "counter" else "") for family in families}


def test_every_figure_is_in_the_table_and_the_table_has_no_other(families):
    table = re.findall(r"^\| `((?:plainwire|turbo)_\w+)` \|", DOCUMENT, re.MULTILINE)
    assert sorted(table) == sorted(names(families))


def test_every_event_is_in_the_table_of_events(families):
    events = next(family for family in families if family.name == "turbo_events")
    table = re.findall(r"^\| `(\w+)` \|", DOCUMENT.split("| `event` |")[1], re.MULTILINE)
    assert sorted(table) == sorted(sample.labels["event"] for sample in events.samples)


def test_the_board_asks_for_nothing_that_does_not_exist(families):
    known = {sample for family in families for sample in sample_names(family)}
    asked = {name for panel in BOARD["panels"] for target in panel["targets"] for name in NAME.findall(target["expr"])}
    assert len(asked) > 20
    assert asked - known == set()


def test_the_board_shows_every_figure(families):
    text = " ".join(target["expr"] for panel in BOARD["panels"] for target in panel["targets"])
    assert [family.name for family in families if family.name not in text] == []


def test_the_board_can_be_imported():
    (variable,) = BOARD["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    sources = [thing["datasource"]["uid"] for panel in BOARD["panels"] for thing in (panel, *panel["targets"])]
    assert set(sources) == {"${" + variable["name"] + "}"}
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    assert {"title", "uid", "schemaVersion", "panels", "time"} <= BOARD.keys()


def test_no_two_panels_of_the_board_lie_on_each_other():
    taken = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells


def test_a_request_belongs_to_a_group_of_those_that_are_documented():
    groups = {
        group_of("messages", "messages.create", "POST"): "messages",
        group_of("messages", "messages.index", "GET"): "pages",
        group_of("chats", "chats.create", "POST"): "changes",
        group_of("typings", "typings.create", "POST"): "signals",
        group_of("streams", "streams.index", "GET"): "streams",
        group_of("uploads", "uploads.update", "PATCH"): "files",
        group_of("health", "health.metrics", "GET"): "probes",
        group_of(None, None, "GET"): "pages",
    }
    assert all(found == wanted for found, wanted in groups.items())
    assert all(f"`{group}`" in DOCUMENT for group in GROUPS)


def test_a_request_is_counted_with_its_statements_and_its_status(app, alice, anonymous, monkeypatch):
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "secret")

    def figure(name: str) -> float:
        text = anonymous.get("/metrics", headers={"Authorization": "Bearer secret"}).text
        return float(re.search(rf"^{re.escape(name)} (\S+)", text, re.MULTILINE)[1])

    counted = (
        'plainwire_request_seconds_count{group="pages"}',
        'plainwire_request_statements_sum{group="pages"}',
        'plainwire_answers_total{group="pages",status="4xx"}',
    )
    before = [figure(name) for name in counted]
    alice.get("/")
    alice.get("/chats/4711")
    requests, statements, refused = (figure(name) - known for name, known in zip(counted, before, strict=True))
    assert (requests, refused) == (2, 1) and statements >= 4


def test_an_error_in_the_log_is_counted(app):
    errors = app.extensions["measures"].errors
    before = errors._value.get()
    app.logger.warning("harmless")
    app.logger.error("broken")
    assert errors._value.get() == before + 1
