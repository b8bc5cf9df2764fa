"""Static files under names that carry a hash of their content, so that browsers may keep them for ever.

All scripts go out as one file and all style sheets as another, because a bad network may lose any request. Browsers get
`application.js` as `/static/application-1f2e3d4c….js` with `Cache-Control: max-age=315360000, public, immutable`,
gzipped where that is smaller. WhiteNoise serves the files in front of the app and passes every other request on
untouched, so it neither buffers nor delays a stream.
"""

import gzip
import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from whitenoise import WhiteNoise

from .bundle import bundle

# Import specifier -> file below node_modules/. Each is one file without further imports.
MODULES = {
    "@github/combobox-nav": "@github/combobox-nav/dist/index.js",
    "@hotwired/turbo": "@hotwired/turbo/dist/turbo.es2017-esm.js",
    "@hotwired/stimulus": "@hotwired/stimulus/dist/stimulus.js",
}
APART = ("offline.js",)  # scripts that are not part of the one file
SCRIPT, STYLESHEET = "application.js", "application.css"
FIRST_STYLESHEETS = ("css/base.css", "css/layout.css")
HASH_LENGTH = 20  # hex digits: a graphics card could find other content with the same 12
COMPRESSIBLE = {".css", ".js", ".svg", ".json", ".webmanifest", ".txt"}


class Assets:
    """`application.js` with everything it imports, including npm modules of `MODULES`; `application.css`, made of all
    `css/*.css` with base and layout first; and every other file of the app's static folder, by its path there.

    With the app's DEBUG on, the next call notices changed, new and removed files.
    """

    def __init__(self, app=None):
        if app is not None:
            self.init_app(app)

    def init_app(self, app) -> None:
        """Publish the files and put WhiteNoise in front of `app.wsgi_app`.

        Copies go to `assets/` in the app's instance folder, named by content: all processes of a machine share them.
        Raises FileNotFoundError, saying what to run, when an npm module is missing, and BundleError for a script that
        can't be part of the one file.
        """
        self.static = Path(app.static_folder)
        self.node_modules = self.static.parent / "node_modules"
        self.published = Path(app.instance_path) / "assets"
        self.watching = app.debug
        self.server = app.wsgi_app = WhiteNoise(
            app.wsgi_app,
            max_age=None,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: True,
            add_headers_function=refuse_sniffing,
        )
        self.seen: dict[str, tuple[Path, int, int]] = {}
        self.urls: dict[str, str] = {}
        app.extensions["assets"] = self
        self.refresh()

    def url(self, name: str) -> str:
        """`application.css` → `/static/application-1f2e3d4c….css`. Raises LookupError for an unknown name."""
        try:
            return self.current()[name]
        except KeyError:
            raise LookupError(f"There is no asset {name!r} in {self.static}.") from None

    def contents(self) -> list[tuple[str, bytes]]:
        """Each address with its content."""
        files = ((url, self.published / url.removeprefix("/static/")) for url in self.current().values())
        return [(url, path.read_bytes()) for url, path in files]

    def text(self, name: str) -> str:
        """The text of a script that is not part of the one file, by its path in the static folder."""
        self.current()
        return self.scripts[name.removesuffix(".js")]

    def hash(self, name: str) -> str:
        """`sha256-…` for the script-src of a CSP. Allows a script element that holds `text(name)` and nothing else."""
        return "sha256-" + b64encode(sha256(self.text(name).encode()).digest()).decode()

    def current(self) -> dict[str, str]:
        if self.watching:
            self.refresh()
        return self.urls

    def refresh(self) -> None:
        found = {name: stamp(path) for name, path in self.sources()}
        if found == self.seen:
            return
        self.urls = {name: self.publish(name, content) for name, content in self.built(found)}
        self.seen = found

    def built(self, found: dict):
        """Name and bytes of each file that is served."""
        files = {name: path.read_bytes() for name, (path, *_) in found.items()}
        self.scripts = {
            name.removesuffix(".js"): files.pop(name).decode() for name in list(files) if name.endswith(".js")
        }
        styles = {name: files.pop(name) for name in list(files) if name.endswith(".css")}
        yield SCRIPT, bundle(SCRIPT.removesuffix(".js"), self.scripts).encode()
        yield STYLESHEET, b"\n".join(styles[name] for name in sorted(styles, key=place))
        yield from (
            (name, self.scripts[name.removesuffix(".js")].encode())
            for name in APART
            if name.removesuffix(".js") in self.scripts
        )
        yield from files.items()

    def sources(self):
        for specifier, file in MODULES.items():
            path = self.node_modules / file
            if not path.is_file():
                raise FileNotFoundError(f"{specifier} is missing in {self.node_modules}. Run: npm ci")
            yield f"{specifier}.js", path
        for path in self.static.rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self.static).as_posix(), path

    def publish(self, name: str, content: bytes) -> str:
        """Write the content under its hashed name, give that file to WhiteNoise, and return its address."""
        copy = self.published / hashed(name, content)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            compress(copy, content)
            write(copy, content)
        url = f"/static/{hashed(name, content)}"
        self.server.add_file_to_dictionary(url, str(copy))
        return url


def place(stylesheet: str) -> tuple:
    """Base and layout first, then the others in alphabetical order."""
    return stylesheet not in FIRST_STYLESHEETS, stylesheet


def refuse_sniffing(headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def stamp(path: Path) -> tuple[Path, int, int]:
    status = path.stat()
    return path, status.st_mtime_ns, status.st_size


def hashed(name: str, content: bytes) -> str:
    stem, suffix = os.path.splitext(name)
    return f"{stem}-{sha256(content).hexdigest()[:HASH_LENGTH]}{suffix}"


def compress(copy: Path, content: bytes) -> None:
    """Write the `.gz` that WhiteNoise looks for beside the file; it must be there before the file itself."""
    if copy.suffix not in COMPRESSIBLE:
        return
    small = gzip.compress(content, mtime=0)
    if len(small) < 0.9 * len(content):
        write(copy.with_name(copy.name + ".gz"), small)


def write(path: Path, content: bytes) -> None:
    """Several processes may publish the same file at once: each sees it whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
