"""What sending and opening cost here, as ratios to another checkout of the app.

Both are asked in turn by processes of their own. Compares bytes, and of the CPU that each round took the least, because
whatever else the machine does can only add to it.

python bench/requests.py --against=<another checkout, with its node_modules> [--rounds=5]
"""

import gzip
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode
from uuid import uuid4

import psutil

OURS = Path(__file__).resolve().parent.parent
MESSAGES, TIMES, SENT, MORE = 50, 150, 400, 1.05
FORM = "application/x-www-form-urlencoded"
TEXT = "Shall we meet at **ten**? The list of those who come is on the door, and `make all` works again."


def option(name: str, default: str) -> str:
    return next((given.partition("=")[2] for given in sys.argv if given.startswith(f"--{name}=")), default)


def cpu(call) -> float:
    """Milliseconds for each call."""
    for _ in range(10):
        call()
    began = time.process_time()
    for _ in range(TIMES):
        call()
    return (time.process_time() - began) / TIMES * 1000


def measured(directory: str) -> dict[str, float]:
    """Of the checkout that this process runs in."""
    from tests.servers import SETTING_NAMES, redis_server

    for name in SETTING_NAMES:
        os.environ.pop(name, None)
    with redis_server(Path(directory)) as redis:
        os.environ |= {"REDIS_URL": redis.url, "DATABASE_URL": f"sqlite:///{directory}/bench.sqlite3"}
        os.environ |= {"SECRET_KEY": "bench", "LOG_LEVEL": "ERROR", "STORAGE_URL": f"{directory}/files"}
        os.environ |= {"MESSAGE_RATE": "90000 per second; 900000 per minute", "HEARTBEAT_SECONDS": "600"}
        from wsgi import app

        with app.app_context():
            return costs(app)


def through_gunicorn(alice, path: str) -> float:
    """Milliseconds of CPU that a web process takes for each message, with a client outside of it."""
    from tests.servers import gunicorn

    names = ("REDIS_URL", "DATABASE_URL", "SECRET_KEY", "LOG_LEVEL", "STORAGE_URL", "MESSAGE_RATE")
    with gunicorn({name: os.environ[name] for name in names} | {"WEB_CONCURRENCY": "1"}) as web:
        cookie = f"plainwire={alice.http.get_cookie('plainwire').value}"
        headers = {"Cookie": cookie, "Accept": "text/vnd.turbo-stream.html", "Content-Type": FORM}
        connection = http.client.HTTPConnection(web.url.removeprefix("http://"))

        def send() -> None:
            form = {"content": TEXT, "client_id": uuid4().hex, "csrf_token": alice.token}
            connection.request("POST", path, urlencode(form), headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201, answer.status

        for _ in range(20):
            send()
        (process,) = psutil.Process(web.pid).children()
        began = sum(process.cpu_times()[:2])
        for _ in range(SENT):
            send()
        return (sum(process.cpu_times()[:2]) - began) / SENT * 1000


def costs(app) -> dict[str, float]:
    from flask_migrate import upgrade

    from chatapp.extensions import db, turbo
    from chatapp.models import Chat, User
    from tests.visitors import Visitor

    upgrade()
    people = [User(name=name, email=f"{name.lower()}@example.com", password_hash="-") for name in ("Alice", "Bob")]
    db.session.add_all(people)
    db.session.flush()
    chat, other = (Chat.start(people[0], title, assistant="never") for title in ("Read", "Written"))
    db.session.flush()
    chat.admit(people[1])
    other.admit(people[1])
    for number in range(MESSAGES):
        chat.post(people[number // 3 % 2], TEXT)
    db.session.commit()
    chat, other = (SimpleNamespace(id=one.id) for one in (chat, other))  # a visitor knows no records
    alice = Visitor(app, people[0]).log_in()
    page = alice.get(f"/chats/{chat.id}")
    assert page.status_code == 200, page.status
    assert page.text.count("<article") > MESSAGES

    def send():
        return alice.send(other, TEXT, client_id=uuid4().hex)  # as the composer does

    sent = send()
    assert sent.status_code == 201
    result = {
        "GET /up, CPU": cpu(lambda: alice.get("/up")),
        "page of 50 messages, CPU": cpu(lambda: alice.get(f"/chats/{chat.id}")),
        "POST of a message, CPU": cpu(send),
        "POST through gunicorn, CPU": through_gunicorn(alice, f"/chats/{other.id}/messages"),
        "page, bytes": len(page.data),
        "page, bytes compressed": len(gzip.compress(page.data)),
        "a message, as the stream has it, bytes": len(sent.data),
    }
    turbo.hub.close()
    return result


def asked(tree: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        environ = os.environ | {"PYTHONPATH": str(tree)}
        command = [sys.executable, __file__, f"--measure={directory}"]
        done = subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    theirs = Path(option("against", "")).resolve()
    rounds = [(asked(theirs), asked(OURS)) for _ in range(int(option("rounds", "5")))]
    worse = []
    for name in rounds[0][0]:
        before, now = (min(one[side][name] for one in rounds) for side in (0, 1))
        worse += [name] if now > MORE * before else []
        print(f"{name:36}{before:12.2f}{now:12.2f}   {now / before:.2f} x")
    print("Not worse by more than 5 %." if not worse else f"Worse by more than 5 %: {', '.join(worse)}")
    sys.exit(bool(worse))


if directory := option("measure", ""):
    sys.path.insert(0, os.getcwd())
    print(json.dumps(measured(directory)))
elif __name__ == "__main__":
    main()
