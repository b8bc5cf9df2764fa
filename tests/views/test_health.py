import pytest


def test_up_asks_nobody_and_tells_nothing(anonymous):
    answer = anonymous.get("/up")
    assert (answer.status_code, answer.text) == (200, "up\n")


def test_ready_when_database_and_redis_answer(anonymous):
    answer = anonymous.get("/ready")
    assert (answer.status_code, answer.text) == (200, "ready\n")


def test_not_ready_without_redis(anonymous, dead_redis):
    answer = anonymous.get("/ready")
    assert (answer.status_code, answer.text) == (503, "Redis: does not answer\n")


def test_up_without_redis(anonymous, dead_redis):
    assert anonymous.get("/up").status_code == 200


def test_figures_are_for_nobody_without_a_token(anonymous):
    assert anonymous.get("/metrics").status_code == 404
    assert anonymous.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_figures_are_for_whoever_develops(app, anonymous, monkeypatch):
    monkeypatch.setitem(app.config, "DEBUG", True)
    answer = anonymous.get("/metrics")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "turbo_connections" in answer.text


@pytest.mark.parametrize(
    ("header", "status"), [("Bearer secret", 200), ("Bearer wrong", 404), ("", 404), ("Bearer sécret", 404)]
)
def test_figures_are_for_who_brings_the_token(app, anonymous, monkeypatch, header, status):
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "secret")
    headers = {"Authorization": header}
    assert anonymous.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == status


def test_figures_tell_nothing_about_people(app, alice, chat, anonymous, monkeypatch):
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "secret")
    alice.send(chat, "Hello")
    text = anonymous.get("/metrics", headers={"Authorization": "Bearer secret"}).text
    assert "turbo_connections" in text
    assert "Alice" not in text and "Plans" not in text and f"chat:{chat.id}" not in text
