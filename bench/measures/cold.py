"""What a browser that was never here loads for a chat of 50 messages."""

from playwright.sync_api import sync_playwright

from tests.system.browsers import launch
from tests.system.loading import load_cold
from tests.system.people import Person

from .requests import SHOWN, TEXT
from .run import Run


def cold(run: Run) -> dict:
    """``requests``, and ``kb`` as they came, heads of answers included; without the service worker."""
    found = {"requests": {"Plainwire": []}, "kb": {"Plainwire": []}}
    server = run.ours()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        person = Person(server.url, "Dora").sign_up()
        chat = person.start_chat(title="Read")
        for _ in range(SHOWN):
            person.send(chat, TEXT)
        for _ in range(run.rounds):
            context = person.new_context(browser)
            load = load_cold(context, f"/chats/{chat}")
            found["requests"]["Plainwire"].append(len(load.paths))
            found["kb"]["Plainwire"].append(load.total / 1000)
            context.close()
        person.http.close()
        browser.close()
    return found
