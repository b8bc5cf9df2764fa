"""What goes where: the rules of the design that a reader would have to check by hand."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.config import PROJECT

PACKAGE = PROJECT / "chatapp"
MODULES = sorted(PACKAGE.rglob("*.py"))
PROGRAMS = [*MODULES, PROJECT / "worker.py", PROJECT / "wsgi.py", PROJECT / "gunicorn.conf.py"]
PARTIALS = sorted((PROJECT / "templates").rglob("_*.html"))

#: Imports may go from a layer to those right of it.
LAYERS = {
    "views": {"models", "turbo", "lib"},
    "jobs": {"tools", "models", "turbo", "lib"},
    "tools": {"models", "turbo", "lib"},
    "models": {"turbo", "lib"},
    "turbo": set(),
    "lib": set(),
}
#: What every layer may use: it has no logic of the product.
COMMON = {"extensions"}
#: Of the modules beside the layers: what views and jobs may use.
EDGE = {
    "views": {"audit", "authentication", "bodies", "devices", "edge", "forms", "helpers"},
    "jobs": {"edge"},
    "tools": {"helpers"},
}
#: The functions that tell the time, whatever they are called on.
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "this_month", "last_months"}
#: The functions of a view. Any other verb is a resource of its own.
ACTIONS = {"index", "show", "new", "create", "edit", "update", "destroy"}


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def under(folder: str) -> list[Path]:
    return [path for path in MODULES if path.is_relative_to(PACKAGE / folder)]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> set[str]:
    """The modules of ours that a module imports, also below ``if TYPE_CHECKING`` and within functions, absolute."""
    package = path.relative_to(PROJECT).with_suffix("").parts[:-1]
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            found.update(f"{module}.{alias.name}" for alias in node.names)
    return {module for module in found if module.split(".")[0] in {"chatapp", "wsgi", "worker"}}


def areas(path: Path) -> set[str]:
    """The parts of the package that a module imports: ``{"models", "extensions"}``."""
    return {module.split(".")[1] for module in imports(path) if module.startswith("chatapp.")}


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_go_one_way(layer):
    allowed = LAYERS[layer] | {layer} | (COMMON if LAYERS[layer] else set()) | EDGE.get(layer, set())
    strays = {name(path): areas(path) - allowed for path in under(layer)}
    assert {path: found for path, found in strays.items() if found} == {}


@pytest.mark.parametrize("library", ["turbo", "lib"])
def test_a_library_imports_nothing_of_ours(library):
    prefix = f"chatapp.{library}"
    strays = {name(path): {m for m in imports(path) if not m.startswith(prefix)} for path in under(library)}
    assert {path: found for path, found in strays.items() if found} == {}


def test_the_browser_half_of_the_turbo_library_imports_its_own_modules_and_hotwired_packages():
    for path in sorted((PROJECT / "static" / "turbo").glob("*.js")):
        specifiers = re.findall(r'^import\b.*?"([^"]+)";?$', path.read_text(), re.MULTILINE)
        own = [found for found in specifiers if re.fullmatch(r"\./\w+\.js", found)]
        assert [found for found in specifiers if found not in own and not found.startswith("@hotwired/")] == []
        assert [found for found in own if not (path.parent / found).is_file()] == []
        assert not re.search(r"plainwire|\bimport\(|chat", path.read_text(), re.IGNORECASE), name(path)


def test_the_tests_of_the_turbo_library_import_nothing_else_of_ours():
    tests = sorted((PROJECT / "tests" / "turbo").rglob("*.py"))
    strays = {name(path): {m for m in imports(path) if not f"{m}.".startswith("chatapp.turbo.")} for path in tests}
    assert {path: found for path, found in strays.items() if found} == {}


def test_the_turbo_library_does_not_know_what_it_is_used_for():
    for path in under("turbo"):
        text = path.read_text()
        assert not re.search(r"chat(?!app)", text, re.IGNORECASE), name(path)
        # Redis calls what it carries a message, too.
        redis = path.stem in {"hub", "subscriber"}
        assert not re.search(r"Message|messages" if redis else r"message", text), name(path)


def test_the_other_libraries_know_no_nouns_of_ours_either():
    for path in under("lib"):
        names = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
        assert not {n for n in names if re.search(r"^(chat|membership|user)s?$", n, re.IGNORECASE)}, name(path)


def test_models_know_no_request_and_no_viewer():
    for path in under("models"):
        used = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
        assert not used & {"request", "current_user", "session", "g", "current_app"}, name(path)


def test_nothing_but_the_edge_commits():
    calls = {
        name(path): {ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        for path in PROGRAMS
    }
    commits = {path for path, called in calls.items() if {"db.session.commit", "session.commit"} & called}
    assert commits == {"chatapp/edge.py"}


def test_views_ask_who_acts_in_one_way():
    for path in under("views"):
        text = path.read_text()
        assert "flask_login" not in text, name(path)
        assert ".proof" not in text or path.stem in {"sessions", "passwords", "addresses"}, name(path)


def test_people_do_not_know_what_they_can_reach():
    """Each noun says so itself, so a new one needs no line in `User`."""
    text = (PACKAGE / "models/user.py").read_text()
    assert re.findall(r"^from \.(\w+) import", text, re.MULTILINE) == ["session"]


def test_addresses_are_made_without_a_request():
    sources = [*MODULES, *(PROJECT / "templates").rglob("*.html")]
    assert [name(path) for path in sources if "url_for(" in path.read_text()] == []


def test_only_the_view_of_streams_connects_readers():
    connects = re.compile(r"turbo\.answer\w*\(|EventStream\(")
    assert [path.stem for path in under("views") if connects.search(path.read_text())] == ["streams"]


def test_a_view_has_seven_actions_and_no_other():
    for path in under("views"):
        if path.stem in {"__init__", "health"}:
            continue
        routed = {
            node.name
            for node in tree(path).body
            if isinstance(node, ast.FunctionDef)
            and any(
                isinstance(d, ast.Call) and getattr(d.func, "attr", "") in {"get", "post"} for d in node.decorator_list
            )
        }
        assert routed <= ACTIONS | {"destroy_current", "style"}, name(path)


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_function_is_longer_than_a_screen():
    long = {
        f"{name(path)}: {function.name}": function.end_lineno - function.lineno + 1
        for path in PROGRAMS
        for function in functions(path)
        if function.end_lineno - function.lineno >= 40
    }
    assert long == {}


def test_no_module_is_longer_than_a_reader_s_patience():
    long = {name(path): len(path.read_text().splitlines()) for path in PROGRAMS}
    assert {path: lines for path, lines in long.items() if lines > 250} == {}
    tests = {name(path): len(path.read_text().splitlines()) for path in (PROJECT / "tests").rglob("*.py")}
    assert {path: lines for path, lines in tests.items() if lines >= 500} == {}


def test_no_module_takes_the_time_when_it_is_imported():
    """A process runs for days, and the tests may run over midnight."""
    taken = {}
    for path in [*MODULES, *(PROJECT / "tests").rglob("*.py")]:
        clocks = [call for call in calls_at_import(tree(path)) if call.split("(")[0].split(".")[-1] in CLOCKS]
        taken |= {name(path): clocks} if clocks else {}
    assert taken == {}


def calls_at_import(node: ast.AST) -> Iterator[str]:
    """Every call that a module makes when it is imported: those within functions wait, those of defaults do not."""
    if isinstance(node, ast.Call):
        yield ast.unparse(node)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        children = [node.args, *getattr(node, "decorator_list", [])]
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from calls_at_import(child)


def test_no_browser_test_waits_by_a_function_that_the_policy_blocks_from_its_second_call_on():
    waits = [name(path) for path in (PROJECT / "tests").rglob("*.py") if ".wait_for_function(" in path.read_text()]
    assert sorted(waits) == ["tests/system/test_growing_markdown.py", "tests/test_layout.py"]  # its page has no policy


def test_every_module_says_what_it_is_for():
    assert [name(path) for path in PROGRAMS if not ast.get_docstring(tree(path))] == []


@pytest.mark.parametrize("library", ["turbo", "lib"])
def test_every_public_name_of_a_library_says_what_it_does(library):
    missing = []
    for path in under(library):
        for node in tree(path).body:
            public = isinstance(node, ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node) and "NamedTuple" not in ast.dump(node):
                missing.append(f"{name(path)}: {node.name}")
    assert missing == []


def broadcast_partials() -> list[Path]:
    """The partials that are rendered for everybody, and all that they include or import."""
    wanted = {"messages/_message.html", "messages/_list.html", "chats/_header.html", "typings/_typing.html"}
    wanted |= {"memberships/_standing.html", "chats/_head.html", "chats/_list.html"}
    while True:
        texts = [(PROJECT / "templates" / path).read_text() for path in wanted]
        more = {found for text in texts for found in re.findall(r'{%-?\s*(?:include|from)\s+"([^"]+)"', text)}
        if more <= wanted:
            return [PROJECT / "templates" / path for path in sorted(wanted)]
        wanted |= more


def test_a_partial_for_everybody_has_no_viewer_and_no_token():
    partials = broadcast_partials()
    assert len(partials) > 4
    for path in partials:
        assert not re.search(r"current_user|csrf|request\.|session|style_nonce|\bg\.", path.read_text()), name(path)


def test_templates_carry_no_scripts_and_no_styles_that_the_policy_would_block():
    for path in (PROJECT / "templates").rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", text), name(path)
        scripts = {"templates/layouts/application.html": 3, "templates/offline_pages/show.html": 1}
        assert text.count("<script") == scripts.get(name(path), 0), name(path)
        assert "<style" not in text, name(path)


def test_nothing_is_marked_as_safe_in_a_template():
    for path in (PROJECT / "templates").rglob("*.html"):
        assert not re.search(r"\|\s*safe|autoescape", path.read_text()), name(path)


def test_markup_is_made_from_trusted_text_only_where_it_is_the_job():
    makers = {name(path) for path in MODULES if re.search(r"Markup\((?!\"\")", path.read_text())}
    assert makers <= {
        "chatapp/helpers.py",
        "chatapp/lib/markdown.py",
        "chatapp/turbo/rendering.py",
        "chatapp/turbo/streams.py",
    }


def test_a_test_s_name_is_a_sentence():
    for path in (PROJECT / "tests").rglob("test_*.py"):
        for function in functions(path):
            if function.name.startswith("test"):
                assert re.fullmatch(r"test(_[a-z0-9]+){3,}", function.name), f"{name(path)}: {function.name}"
