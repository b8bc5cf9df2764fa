"""Static files under names that carry a hash of their content, so that browsers may keep them for ever.

All scripts of a usual page go out as one file and all style sheets as another, because a bad network may lose any
request. Browsers get `application.js` as `/static/application-1f2e3d4c….js` with
`Cache-Control: max-age=315360000, public, immutable`, compressed by Brotli or gzip where that is smaller. WhiteNoise
serves the files in front of the app and passes every other request on untouched, so it neither buffers nor delays a
stream.
"""

import gzip
import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import brotli
from whitenoise import WhiteNoise

from . import bundle

# Import specifier -> file below node_modules/.
MODULES = {
    "@github/combobox-nav": "@github/combobox-nav/dist/index.js",
    "@hotwired/turbo": "@hotwired/turbo/dist/turbo.es2017-esm.js",
    "@hotwired/stimulus": "@hotwired/stimulus/dist/stimulus.js",
}
INLINE = ("start.js", "service_worker.js")  # scripts that have no address of their own
SCRIPT, STYLESHEET = "application.js", "application.css"
FIRST_STYLESHEETS = ("css/base.css", "css/layout.css")
HASH_LENGTH = 20  # hex digits: a graphics card could find other content with the same 12
COMPRESSIBLE = {".css", ".js", ".map", ".svg", ".json", ".webmanifest", ".txt"}
RUNNING = {"@hotwired/stimulus": "lib/running"}  # in scripts other than application.js
WORTH_BROTLI = {".css", ".js"}  # what every first visit loads; Brotli takes half a second for each release


class Assets:
    """`application.js` with everything it imports; likewise each other script directly in the app's static folder, for
    the pages that need it; `application.css`, made of all `css/*.css` with base and layout first; and every file there
    that is neither script nor style sheet, by its path.

    With the app's DEBUG on, the next call notices changed, new and removed files.
    """

    def __init__(self, app=None):
        if app is not None:
            self.init_app(app)

    def init_app(self, app) -> None:
        """Publish the files and put WhiteNoise in front of `app.wsgi_app`.

        ASSET_HOST in the app's config is the origin of a CDN that asks this app for them, or empty.
        Copies go to `assets/` in the app's instance folder, named by content: all processes of a machine share them.
        Raises FileNotFoundError, saying what to run, when an npm module is missing, and BundleError for a script that
        can't be part of the one file.
        """
        self.static = Path(app.static_folder)
        self.node_modules = self.static.parent / "node_modules"
        self.published = Path(app.instance_path) / "assets"
        self.watching = app.debug
        self.host = app.config.get("ASSET_HOST", "")
        self.server = app.wsgi_app = WhiteNoise(
            app.wsgi_app,
            max_age=None,
            allow_all_origins=bool(self.host),  # otherwise browsers run no module of another origin
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

    def url_at_host(self, name: str) -> str:
        """The same at the CDN, where there is one: `https://cdn.example.com/static/application-1f2e3d4c….css`."""
        return self.host + self.url(name)

    def contents(self) -> list[tuple[str, bytes]]:
        """Each address with its content."""
        files = ((url, self.published / url.removeprefix("/static/")) for url in self.current().values())
        return [(url, path.read_bytes()) for url, path in files]

    def text(self, name: str) -> str:
        """The minified text of a script directly in the static folder, by its name."""
        self.current()
        return self.scripts[name]

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
        """The name and the bytes of each file to serve."""
        styles = {name: path.read_bytes() for name, (path, *_) in found.items() if name.endswith(".css")}
        text = b"\n".join(styles[name] for name in sorted(styles, key=place))
        yield STYLESHEET, bundle.style_sheet(text, self.node_modules)
        yield from self.built_scripts()
        for name, (path, *_) in found.items():
            if path.suffix not in {".css", ".js"}:
                yield name, path.read_bytes()

    def built_scripts(self):
        scripts = {path.name: self.script(path) for path in sorted(self.static.glob("*.js"))}
        self.scripts = {name: text for name, (text, _) in scripts.items()}
        text, sources = scripts[SCRIPT]
        yield f"{SCRIPT}.map", sources
        yield SCRIPT, f"{text}//# sourceMappingURL={hashed(SCRIPT + '.map', sources)}\n".encode()
        yield from ((name, text.encode()) for name, text in self.scripts.items() if name not in {SCRIPT, *INLINE})

    def script(self, path: Path) -> tuple[str, bytes]:
        return bundle.script(path, self.node_modules, {} if path.name == SCRIPT else RUNNING)

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
        by_brotli = copy.suffix in WORTH_BROTLI and not self.watching
        if not copy.exists() or (by_brotli and not compressed(copy, ".br").exists()):
            copy.parent.mkdir(parents=True, exist_ok=True)
            compress(copy, content, by_brotli)
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


def compress(copy: Path, content: bytes, by_brotli: bool) -> None:
    """Write the `.br` and `.gz` that WhiteNoise looks for beside the file; they must be there before the file itself.

    Browsers ask for Brotli over https and on localhost only, so both are needed.
    """
    if copy.suffix not in COMPRESSIBLE:
        return
    small = {".gz": gzip.compress(content, mtime=0)}
    if by_brotli:
        small[".br"] = brotli.compress(content)
    for suffix, smaller in small.items():
        if len(smaller) < 0.9 * len(content):
            write(compressed(copy, suffix), smaller)


def compressed(copy: Path, suffix: str) -> Path:
    return copy.with_name(copy.name + suffix)


def write(path: Path, content: bytes) -> None:
    """Several processes may publish the same file at once: each sees it whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
