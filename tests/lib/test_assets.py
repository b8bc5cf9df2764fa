import gzip
import json
import os

import pytest
from flask import Flask, Response

from chatapp.lib.assets import MODULES, Assets


@pytest.fixture
def project(tmp_path):
    for file in ("css/zebra.css", "css/layout.css", "css/base.css", "css/article.css"):
        write(tmp_path / "static" / file, "body { color: red }\n" * 100)
    write(tmp_path / "static/application.js", 'import "controllers/hello_controller"')
    write(tmp_path / "static/controllers/hello_controller.js", "export default 1")
    for file in MODULES.values():
        write(tmp_path / "node_modules" / file, "export {}")
    return tmp_path


@pytest.fixture
def app(project):
    return Flask("assets", static_folder=str(project / "static"), instance_path=str(project / "instance"))


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (1, len(content)))  # two writes within one clock tick are two versions all the same


def test_a_name_becomes_an_address_with_a_hash_that_may_be_kept_for_ever(app):
    address = Assets(app).url("css/base.css")
    response = app.test_client().get(address)
    assert address.startswith("/static/css/base-") and address.endswith(".css")
    assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert response.text == "body { color: red }\n" * 100
    response.close()


def test_browsers_that_can_get_it_compressed(app):
    address = Assets(app).url("css/base.css")
    response = app.test_client().get(address, headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data).startswith(b"body {")
    response.close()


def test_an_unknown_name_is_an_error(app):
    with pytest.raises(LookupError, match="css/nothing.css"):
        Assets(app).url("css/nothing.css")


def test_the_stylesheets_begin_with_base_and_layout(app):
    assert Assets(app).stylesheets == ["css/base.css", "css/layout.css", "css/article.css", "css/zebra.css"]


def test_the_import_map_knows_every_script_and_the_npm_modules(app):
    imports = json.loads(Assets(app).importmap)["imports"]
    assert imports.keys() == {"@hotwired/stimulus", "@hotwired/turbo", "application", "controllers/hello_controller"}
    assert imports["application"].startswith("/static/application-")


def test_every_address_in_the_import_map_answers(app):
    for address in Assets(app).modules:
        response = app.test_client().get(address)
        assert (response.status_code, response.mimetype) == (200, "text/javascript")
        response.close()


def test_a_changed_file_gets_a_new_address_and_the_old_one_still_answers_while_debugging(app, project):
    app.debug = True
    assets = Assets(app)
    old = assets.url("css/base.css")
    write(project / "static/css/base.css", "body { color: blue }")
    assert assets.url("css/base.css") != old
    for address in (old, assets.url("css/base.css")):
        app.test_client().get(address).close()


def test_new_and_removed_files_are_noticed_while_debugging(app, project):
    app.debug = True
    assets = Assets(app)
    write(project / "static/css/new.css", "p {}")
    (project / "static/css/zebra.css").unlink()
    assert assets.stylesheets == ["css/base.css", "css/layout.css", "css/article.css", "css/new.css"]


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
