"""Static files under names that carry a hash of their content, so that browsers may keep them for ever.

`static/css/base.css` is served as `/static/css/base-1f2e3d4c5b6a.css` with `Cache-Control: max-age=315360000, public,
immutable`, gzipped where that is smaller. JavaScript needs no bundler: an import map tells the browser which address
each module has. WhiteNoise serves the files in front of the app and passes every other request on untouched, so it
neither buffers nor delays a stream.
"""

import gzip
import json
import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from whitenoise import WhiteNoise

# Import specifier -> file below node_modules/. Each is one file without further imports.
MODULES = {
    "@hotwired/turbo": "@hotwired/turbo/dist/turbo.es2017-esm.js",
    "@hotwired/stimulus": "@hotwired/stimulus/dist/stimulus.js",
}
FIRST_STYLESHEETS = ("css/base.css", "css/layout.css")
HASH_LENGTH = 12  # hex digits: 48 bits
COMPRESSIBLE = {".css", ".js", ".svg", ".json", ".webmanifest", ".txt"}


class Assets:
    """All files below the app's static folder, and the npm modules of `MODULES`.

    Names are paths below the static folder: `css/base.css`, `controllers/composer_controller.js`; a module's name is
    its specifier with `.js`. With the app's DEBUG on, changed, new and removed files are noticed at the next call.
    """

    def __init__(self, app=None):
        if app is not None:
            self.init_app(app)

    def init_app(self, app) -> None:
        """Publish the files and put WhiteNoise in front of `app.wsgi_app`.

        Copies go to `assets/` in the app's instance folder, named by content: all processes of a machine share them.
        Raises FileNotFoundError, saying what to run, when an npm module is missing.
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
        """`css/base.css` → `/static/css/base-1f2e3d4c5b6a.css`. Raises LookupError for an unknown name."""
        try:
            return self.current()[name]
        except KeyError:
            raise LookupError(f"There is no asset {name!r} in {self.static}.") from None

    def contents(self) -> list[tuple[str, bytes]]:
        """Each address with the content that it has."""
        files = ((url, self.published / url.removeprefix("/static/")) for url in self.current().values())
        return [(url, path.read_bytes()) for url, path in files]

    @property
    def stylesheets(self) -> list[str]:
        """The names of all `css/*.css`: base and layout first, the others by alphabet."""
        names = [name for name in self.current() if name.startswith("css/") and name.endswith(".css")]
        return sorted(names, key=lambda name: (name not in FIRST_STYLESHEETS, name))

    @property
    def importmap(self) -> str:
        """`{"imports":{"application":"/static/application-….js",…}}`: each script by its name without `.js`."""
        scripts = sorted(name for name in self.current() if name.endswith(".js"))
        imports = {name.removesuffix(".js"): self.urls[name] for name in scripts}
        return json.dumps({"imports": imports}, separators=(",", ":"))

    @property
    def modules(self) -> list[str]:
        """The addresses of all scripts, for `<link rel="modulepreload">`: the browser then fetches them at once."""
        return list(json.loads(self.importmap)["imports"].values())

    @property
    def importmap_hash(self) -> str:
        """`sha256-…` for the script-src of a CSP. Fits when nothing but `importmap` stands in the script element."""
        return "sha256-" + b64encode(sha256(self.importmap.encode()).digest()).decode()

    def current(self) -> dict[str, str]:
        if self.watching:
            self.refresh()
        return self.urls

    def refresh(self) -> None:
        found = {name: stamp(path) for name, path in self.sources()}
        if found == self.seen:
            return
        changed = {name: entry for name, entry in found.items() if self.seen.get(name) != entry}
        kept = {name: url for name, url in self.urls.items() if name in found and name not in changed}
        self.urls = kept | {name: self.publish(name, path) for name, (path, *_) in changed.items()}
        self.seen = found

    def sources(self):
        for specifier, file in MODULES.items():
            path = self.node_modules / file
            if not path.is_file():
                raise FileNotFoundError(f"{specifier} is missing in {self.node_modules}. Run: npm ci")
            yield f"{specifier}.js", path
        for path in self.static.rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self.static).as_posix(), path

    def publish(self, name: str, path: Path) -> str:
        """Copy the file to its hashed name, give the copy to WhiteNoise, and return its address."""
        content = path.read_bytes()
        copy = self.published / hashed(name, content)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            compress(copy, content)
            write(copy, content)
        url = f"/static/{hashed(name, content)}"
        self.server.add_file_to_dictionary(url, str(copy))
        return url


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
