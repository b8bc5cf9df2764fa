import re


def test_the_page_is_for_everybody_and_names_nobody(alice, anonymous):
    pages = [visitor.get("/offline") for visitor in (alice, anonymous)]
    assert [page.status_code for page in pages] == [200, 200]
    assert alice.user.name not in pages[0].text and "csrf" not in pages[0].text
    assert pages[0].text == pages[1].text and "Set-Cookie" not in pages[1].headers


def test_the_worker_stands_before_the_whole_site_and_is_asked_for_anew(anonymous):
    worker = anonymous.get("/service_worker.js")
    assert (worker.status_code, worker.mimetype) == (200, "text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"


def test_the_worker_changes_with_what_it_keeps(anonymous):
    page, worker = anonymous.get("/offline").text, anonymous.get("/service_worker.js").text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(files) == 2 and all(file in worker.partition("\n")[0] for file in files)
