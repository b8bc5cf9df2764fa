import json
import subprocess
from pathlib import Path

import pytest

from chatapp.config import PROJECT
from chatapp.lib import bundle


@pytest.fixture
def project(tmp_path):
    (tmp_path / "static/lib").mkdir(parents=True)
    (tmp_path / "node_modules").symlink_to(PROJECT / "node_modules")

    def write(**modules: str) -> Path:
        for name, text in modules.items():
            (tmp_path / f"static/{name.replace('__', '/')}.js").write_text(text)
        return tmp_path / "static/main.js"

    return write


def made(entry: Path, **instead: str) -> tuple[str, bytes]:
    return bundle.script(entry, entry.parent.parent / "node_modules", instead)


def said(text: str) -> str:
    command = ["node", "--input-type=module", "-e", text]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_module_gets_what_it_imports_by_name_and_by_place(project):
    entry = project(
        main='import two from "lib/two"\nimport * as all from "./lib/three.js"\nconsole.log(two + all.three)',
        lib__two="export default 2",
        lib__three="export const three = 3",
    )
    text, _ = made(entry)
    assert said(text) == "5" and "import" not in text


def test_a_module_can_stand_in_for_another(project):
    entry = project(main='import two from "two"\nconsole.log(two)', lib__deux='export default "deux"')
    text, _ = made(entry, two="lib/deux")
    assert said(text) == "deux"


def test_the_map_holds_the_sources_as_they_were_written_and_nothing_of_this_machine(project, tmp_path):
    written = "// Says hello.\nconsole.log('hello')\n"
    text, sources = made(project(main='import "lib/hello"', lib__hello=written))
    assert "Says" not in text
    held = json.loads(sources)
    assert dict(zip(held["sources"], held["sourcesContent"], strict=True))["static/lib/hello.js"] == written
    assert str(tmp_path) not in sources.decode()


def test_every_process_makes_the_same(project):
    entry = project(main='import "@hotwired/turbo"')
    assert made(entry) == made(entry)


@pytest.mark.parametrize("wrong", ['import "lib/nothing"', "const = 1"])
def test_what_cannot_be_joined_is_an_error_that_names_the_place(project, wrong):
    with pytest.raises(bundle.BundleError, match=r"static/main\.js:1"):
        made(project(main=wrong))


def test_a_style_sheet_keeps_what_it_says_in_fewer_bytes():
    text = b"/* Why. */\np {\n  color: light-dark(red, tan);\n}\n"
    assert bundle.style_sheet(text, PROJECT / "node_modules").strip() == b"p{color:light-dark(red,tan)}"


def test_without_esbuild_it_says_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="Run: npm ci"):
        bundle.style_sheet(b"p {}", tmp_path / "node_modules")
