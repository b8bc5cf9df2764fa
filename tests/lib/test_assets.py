import gzip
import json
import os
from base64 import b64encode
from hashlib import sha256

import brotli
import pytest
from flask import Flask, Response

from chatapp.config import PROJECT
from chatapp.lib.assets import Assets


@pytest.fixture
def project(tmp_path):
    for name in ("zebra", "layout", "base", "article"):
        write(tmp_path / f"static/css/{name}.css", f".{name} {{ color: red }}\n")
    write(tmp_path / "static/images/mark.svg", "<svg/>" * 100)
    write(tmp_path / "static/start.js", "addEventListener('error', (lost) => lost)")
    write(tmp_path / "static/service_worker.js", "self.worker = 'outside'")
    write(tmp_path / "static/more.js", 'import { Controller } from "@hotwired/stimulus"\nself.more = Controller')
    write(tmp_path / "static/application.js", 'import "@hotwired/turbo"\nimport "controllers/hello_controller"')
    write(tmp_path / "static/controllers/hello_controller.js", "self.hello = 'controller'")
    write(tmp_path / "static/lib/running.js", "export const { Controller } = self.running")
    (tmp_path / "node_modules").mkdir()
    for name in ("@esbuild", "@github", "@hotwired"):
        (tmp_path / "node_modules" / name).symlink_to(PROJECT / "node_modules" / name)
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


@pytest.mark.parametrize(("encoding", "plain"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_browsers_that_can_get_it_compressed(app, encoding, plain):
    address = Assets(app).url("application.js")
    response = get(app, address, **{"Accept-Encoding": encoding})
    assert response.headers["Content-Encoding"] == encoding and response.headers["Vary"] == "Accept-Encoding"
    assert plain(response.data) == get(app, address).data


def test_what_somebody_has_published_while_editing_gets_its_brotli_from_the_next_process(app):
    app.debug = True
    Assets(app)
    app.debug = False
    response = get(app, Assets(app).url("application.js"), **{"Accept-Encoding": "br"})
    assert response.headers["Content-Encoding"] == "br"


def test_an_unknown_name_is_an_error(app):
    with pytest.raises(LookupError, match="css/nothing.css"):
        Assets(app).url("css/nothing.css")


def test_all_style_sheets_are_one_which_begins_with_base_and_layout(app):
    text = get(app, Assets(app).url("application.css")).text
    assert text.strip() == ".base,.layout,.article,.zebra{color:red}"


def test_all_scripts_that_the_application_imports_are_one(app):
    response = get(app, Assets(app).url("application.js"))
    assert response.mimetype == "text/javascript"
    assert "turbo-frame" in response.text and "controller" in response.text and "Stimulus" not in response.text
    assert "outside" not in response.text and "self.more" not in response.text


def test_the_script_names_a_map_with_the_sources(app):
    assets = Assets(app)
    script = get(app, assets.url("application.js")).text
    address = assets.url("application.js.map")
    assert script.endswith(f"//# sourceMappingURL={address.removeprefix('/static/')}\n")
    assert "self.hello = 'controller'" in json.loads(get(app, address).text)["sourcesContent"]


def test_a_script_that_only_some_pages_load_takes_stimulus_from_the_application(app):
    assert len(get(app, Assets(app).url("more.js")).text) < 100
    with pytest.raises(LookupError):
        Assets(app).url("service_worker.js")


def test_a_script_for_the_page_itself_has_the_hash_that_a_policy_names(app):
    assets = Assets(app)
    text = assets.text("start.js")
    assert text.strip() == 'addEventListener("error",e=>e);'
    assert assets.hash("start.js") == "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def test_a_changed_file_gets_a_new_address_and_the_old_one_still_answers_while_debugging(app, project):
    app.debug = True
    assets = Assets(app)
    old = assets.url("application.css")
    write(project / "static/css/base.css", "body { color: tan }")
    new = assets.url("application.css")
    assert "tan" in get(app, new).text and "tan" not in get(app, old).text


def test_new_and_removed_files_are_noticed_while_debugging(app, project):
    app.debug = True
    assets = Assets(app)
    write(project / "static/css/new.css", "h5 { color: tan }")
    (project / "static/css/zebra.css").unlink()
    text = get(app, assets.url("application.css")).text
    assert "h5" in text and "zebra" not in text


def test_a_missing_module_says_what_to_run(app, project):
    (project / "node_modules/@hotwired").unlink()
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


def test_files_say_that_another_origin_may_use_them_only_where_there_is_one(app):
    assert "Access-Control-Allow-Origin" not in get(app, Assets(app).url("application.js")).headers
    app.config["ASSET_HOST"] = "https://cdn.example.com"
    assets = Assets(app)
    assert get(app, assets.url("application.js")).headers["Access-Control-Allow-Origin"] == "*"
    assert assets.url_at_host("application.js") == f"https://cdn.example.com{assets.url('application.js')}"
