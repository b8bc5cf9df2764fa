"""Joins modules into one script, and minifies scripts and style sheets, with esbuild, a program that npm installs.

It runs when the app starts, so a deploy needs no step besides `npm ci`. Its output depends only on the sources, so all
processes of a release name their files alike.
"""

import subprocess
from base64 import b64decode
from pathlib import Path

PROGRAM = "@esbuild/*/bin/esbuild"  # below node_modules/; npm installs the one for this machine
TIMEOUT = 60  # seconds; usually it takes 0.2
SYNTAX = "--target=es2022"
SCRIPT = ["--bundle", "--format=esm", "--minify", "--charset=utf8", SYNTAX, "--sourcemap=inline", "--preserve-symlinks"]
STYLE_SHEET = ["--loader=css", "--minify", "--charset=utf8"]
MAP = "\n//# sourceMappingURL=data:application/json;base64,"


class BundleError(Exception):
    """Says which line esbuild rejected, in esbuild's own words."""


def script(entry: Path, node_modules: Path, instead: dict[str, str]) -> tuple[str, bytes]:
    """One module that does what `entry` does, and its source map, which holds all sources as they were written.

    `import "lib/a"` finds `lib/a.js` beside `entry`, or a package of npm, or what `instead` has for `"lib/a"`. Raises
    BundleError for a module that is missing or wrong, and FileNotFoundError where esbuild is not installed.
    """
    environ = {"NODE_PATH": str(entry.parent)}
    aliases = [f"--alias:{name}={other}" for name, other in instead.items()]
    out = run(node_modules, [entry.relative_to(node_modules.parent), *SCRIPT, *aliases], env=environ)
    text, _, sources = out.decode().rpartition(MAP)
    return text.strip() + "\n", b64decode(sources)


def style_sheet(text: bytes, node_modules: Path) -> bytes:
    """The same rules in fewer bytes. Raises as `script` does, but esbuild only warns of what it does not understand."""
    return run(node_modules, STYLE_SHEET, input=text)


def run(node_modules: Path, arguments: list, **options) -> bytes:
    program = next(node_modules.glob(PROGRAM), None)
    if program is None:
        raise FileNotFoundError(f"esbuild is missing in {node_modules}. Run: npm ci")
    command = [program, "--log-level=error", *arguments]
    done = subprocess.run(command, cwd=node_modules.parent, capture_output=True, timeout=TIMEOUT, **options)
    if done.returncode:
        raise BundleError(done.stderr.decode(errors="replace"))
    return done.stdout
