import gzip
import os
from base64 import b64encode
from hashlib import sha256

import pytest
from flask import Flask, Response

from chatapp.lib.assets import MODULES, Assets


@pytest.fixture
def project(tmp_path):
    for file in ("css/zebra.css", "css/layout.css", "css/base.css", "css/article.css"):
        write(tmp_path / "static" / file, f"{file.removesuffix('.css')} {{ color: red }}\n" * 100)
    write(tmp_path / "static/images/mark.svg", "<svg/>" * 100)
    write(tmp_path / "static/start.js", "let inline = 1")
    write(
        tmp_path / "static/application.js", 'import "@hotwired/turbo"\nimport hello from "controllers/hello_controller"'
    )
    write(tmp_path / "static/controllers/hello_controller.js", "export default 1")
    for file in MODULES.values():
        write(tmp_path / "node_modules" / file, "/* from npm */ export {}\nexport {}")
    return tmp_path


@pytest.fixture
def app(project):
    return Flask("assets", static_folder=str(project / "static"), instance_path=str(project / "instance"))


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (1, len(content)))  # two writes within one clock tick are two versions all the same


def get(app, address: str, **headers) -> Response:
    with app.test_client().get(address, headers=headers) as response:
        response.get_data()
        return response


def test_a_name_becomes_an_address_with_a_hash_that_may_be_kept_for_ever(app):
    address = Assets(app).url("images/mark.svg")
    response = get(app, address)
    assert address.startswith("/static/images/mark-") and address.endswith(".svg")
    assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert response.text == "<svg/>" * 100


def test_browsers_that_can_get_it_compressed(app):
    response = get(app, Assets(app).url("images/mark.svg"), **{"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data).startswith(b"<svg/>")


def test_an_unknown_name_is_an_error(app):
    with pytest.raises(LookupError, match="css/nothing.css"):
        Assets(app).url("css/nothing.css")


def test_all_style_sheets_are_one_which_begins_with_base_and_layout(app):
    text = get(app, Assets(app).url("application.css")).text
    places = [text.index(f"css/{name} {{") for name in ("base", "layout", "article", "zebra")]
    assert places == sorted(places)


def test_all_scripts_that_the_application_imports_are_one(app):
    response = get(app, Assets(app).url("application.js"))
    assert response.mimetype == "text/javascript"
    assert "controllers/hello_controller" in response.text and "from npm" in response.text
    assert "inline" not in response.text


def test_a_script_for_the_page_itself_has_the_hash_that_a_policy_names(app):
    assets = Assets(app)
    assert assets.text("start.js") == "let inline = 1"
    assert assets.hash("start.js") == "sha256-" + b64encode(sha256(b"let inline = 1").digest()).decode()


def test_a_changed_file_gets_a_new_address_and_the_old_one_still_answers_while_debugging(app, project):
    app.debug = True
    assets = Assets(app)
    old = assets.url("application.css")
    write(project / "static/css/base.css", "body { color: blue }")
    new = assets.url("application.css")
    assert "blue" in get(app, new).text and "blue" not in get(app, old).text


def test_new_and_removed_files_are_noticed_while_debugging(app, project):
    app.debug = True
    assets = Assets(app)
    write(project / "static/css/new.css", "p {}")
    (project / "static/css/zebra.css").unlink()
    text = get(app, assets.url("application.css")).text
    assert "p {}" in text and "zebra" not in text


def test_a_missing_module_says_what_to_run(app, project):
    (project / "node_modules" / MODULES["@hotwired/turbo"]).unlink()
    with pytest.raises(FileNotFoundError, match="Run: npm ci"):
        Assets(app)


def test_a_stream_passes_through_piece_by_piece(app):
    sent = []

    @app.get("/stream")
    def stream():
        return Response((sent.append(number) or b"x" for number in range(3)), mimetype="text/event-stream")

    Assets(app)
    pieces = iter(app.test_client().get("/stream", buffered=False).response)
    next(pieces)
    assert sent[-1] < 2
