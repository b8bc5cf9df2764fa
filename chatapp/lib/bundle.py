"""Joins JavaScript modules into one, without a build tool, so that a page fetches all of them with one request.

Knows the forms of `import` and `export` that begin a line and list all names: `import a, { b as c } from "x"`,
`import * as d from "x"`, `export default class …`, `export function …`, `export const …`, `export { e }`. Refuses every
other line that begins with one of the two words, and modules that import each other in a circle. A module may name
another of its own folder by `./x.js`, as browsers and Node need it where nobody bundles.
"""

import posixpath
import re

IMPORT = re.compile(r'^import (?:(\w+)(?:, )?)?(?:\{([^}]*)\}|\* as (\w+))? ?(?:from )?"([^"]+)";?$', re.MULTILINE)
DECLARED = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
DEFAULT_DECLARED = re.compile(r"^export default (?=(?:async )?(?:function\*?|class) (?!extends\b)(\w+))", re.MULTILINE)
DEFAULT = re.compile(r"^export default ", re.MULTILINE)
LISTED = re.compile(r"^export \{([^}]*)\};?$", re.MULTILINE)
UNKNOWN = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class BundleError(Exception):
    """Says which module can't be part of a bundle, and why."""


def bundle(entry: str, sources: dict[str, str]) -> str:
    """One module that does what `entry` does. `sources` holds the text of each module, by the name in its imports.

    Raises BundleError for a missing module, and for an unknown form of import or export.
    """
    parts = [wrapped(name, sources[name]) for name in in_order(entry, sources)]
    return "\n".join(["const modules = {}", *parts, ""])


def in_order(entry: str, sources: dict[str, str]) -> list[str]:
    """The names of all modules that `entry` needs, each after its own imports."""
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise BundleError(f"These modules import each other in a circle: {' → '.join([*path, name])}")
        if name not in sources:
            raise BundleError(f"{path[-1] if path else 'Nobody'} imports {name}, which does not exist.")
        if name not in done:
            for imported in IMPORT.finditer(sources[name]):
                visit(resolved(imported[4], name), (*path, name))
            done.append(name)

    visit(entry, ())
    return done


def wrapped(name: str, source: str) -> str:
    exports: dict[str, str] = {}
    text = IMPORT.sub(lambda found: imported(found, name), source)
    text = LISTED.sub(lambda found: exports.update(renamed(found[1])) or "", text)
    text = DECLARED.sub(lambda found: exports.update({found[1]: found[1]}) or "", text)
    text = DEFAULT_DECLARED.sub(lambda found: exports.update({"default": found[1]}) or "", text)
    text = DEFAULT.sub(lambda found: exports.update({"default": "$default"}) or "const $default = ", text)
    if stray := UNKNOWN.search(text):
        raise BundleError(f"{name}: this form is not known here: {stray[0]}")
    given = ", ".join(f"{outside}: {inside}" for outside, inside in exports.items())
    return f'// {name}.js\nmodules["{name}"] = (() => {{\n{text}\nreturn {{ {given} }}\n}})()'


def resolved(specifier: str, importer: str) -> str:
    """`./b.js` in the module `folder/a` → `folder/b`. Any other specifier is a name already."""
    if not specifier.startswith(("./", "../")):
        return specifier
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier)).removesuffix(".js")


def imported(found: re.Match, importer: str) -> str:
    default, names, everything, specifier = found.groups()
    name = resolved(specifier, importer)
    lines = [f'const {default} = modules["{name}"].default'] if default else []
    if names:
        pairs = ", ".join(f"{inside}: {outside}" for outside, inside in renamed(names).items())
        lines.append(f'const {{ {pairs} }} = modules["{name}"]')
    if everything:
        lines.append(f'const {everything} = modules["{name}"]')
    return "; ".join(lines)


def renamed(names: str) -> dict[str, str]:
    """`a, b as c` → `{"a": "a", "c": "b"}`: the new name, and the one it had."""
    pairs = [re.split(r"\s+as\s+", name.strip()) for name in names.split(",") if name.strip()]
    return {pair[-1]: pair[0] for pair in pairs}
