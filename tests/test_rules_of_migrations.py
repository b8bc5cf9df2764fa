"""What a migration may do, as far as its text shows it. CONTRIBUTING.md says why."""

import ast

import pytest

from chatapp.config import PROJECT

FILES = sorted((PROJECT / "migrations" / "versions").glob("*.py"))
#: They leave the transaction of the migration, and can be repeated.
LEAVING = {"build_index", "remove_index", "without_foreign_keys"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_the_library_leaves_the_transaction_of_a_migration(path):
    assert [word for word in ("autocommit_block", "concurrently", "COMMIT") if word in path.read_text()] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_migration_that_leaves_its_transaction_does_nothing_else(path):
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    leaving = LEAVING | {function.name for function in functions if calls(function) & LEAVING}
    assert [f"line {line}" for function in functions for line in mixed(function, leaving)] == []


def test_a_mixture_would_be_seen():
    upgrade = "def upgrade():\n    op.add_column(a)\n    if b:\n        index()\n"
    upgrade, downgrade = ast.parse(f"{upgrade}def downgrade():\n    c = text()\n    index()\n    index()").body
    assert (mixed(upgrade, {"index"}), mixed(downgrade, {"index"})) == ([2], [])


def mixed(function: ast.FunctionDef, leaving: set[str]) -> list[int]:
    """The lines of statements that stand beside one that leaves the transaction."""
    blocks = [getattr(node, name, None) for node in ast.walk(function) for name in ("body", "orelse")]
    found = []
    for block in blocks:
        acting = [line for line in block if does_something(line)] if isinstance(block, list) else []
        staying = [line.lineno for line in acting if not calls(line) & leaving]
        found += staying if len(staying) < len(acting) else []
    return found


def does_something(statement: ast.stmt) -> bool:
    """Not so ``where = {"sqlite_where": sa.text("admin = 1")}``."""
    return bool(calls(statement)) and not isinstance(statement, ast.Assign)


def calls(node: ast.AST) -> set[str]:
    """The names of all functions that it calls, without what they are called on."""
    called = [inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    return {function.attr if isinstance(function, ast.Attribute) else function.id for function in called}
