"""Installs peers into a folder of their own, at the versions that stand with each peer. Nothing goes into the system.

The folder is ``$XDG_CACHE_HOME/plainwire-bench``. What is there at the same versions is not installed again.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SCRATCH = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plainwire-bench"
INSTALL_WITHIN = 600  # seconds


class NotInstalledError(Exception):
    """Says in one line why a peer cannot be had on this machine."""


def without_paths(text: str) -> str:
    """What went wrong is kept with the figures, and nobody's folders are."""
    return re.sub(r"(?:~|\b[A-Za-z]:)?(?:/[\w.@+~%-]+){2,}/?", "<path>", text)


def debian(name: str, packages: dict[str, str]) -> Path:
    """Debian's packages and what they need beyond what the system has, unpacked. Returns their root folder.

    ``packages`` are names and versions, which may end in ``*``: Debian keeps only the newest of its own revisions.
    """
    folder, wanted = SCRATCH / name, "".join(f"{package}={version}\n" for package, version in packages.items())
    if not begun(folder, wanted):
        return folder / "root"
    if not shutil.which("apt-get"):
        raise NotInstalledError("needs Debian's apt-get")
    archives = folder / "archives"
    (archives / "partial").mkdir(parents=True)
    options = ["-o", f"Dir::Cache::archives={archives}", "-o", "Debug::NoLocking=1", "--no-install-recommends", "-y"]
    run(["apt-get", *options, "--download-only", "install", *wanted.split()])
    for archive in sorted(archives.glob("*.deb")):
        run(["dpkg-deb", "-x", str(archive), str(folder / "root")])
    (folder / "root").mkdir(exist_ok=True)
    done(folder, wanted)
    return folder / "root"


def npm(name: str, manifest: Path) -> Path:
    """Returns the folder with ``node_modules``."""
    folder, wanted = SCRATCH / name, manifest.read_text()
    if begun(folder, wanted):
        if not shutil.which("npm"):
            raise NotInstalledError("needs npm")
        shutil.copy(manifest, folder)
        run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--silent"])
        done(folder, wanted)
    return folder


def python(name: str, requirements: Path) -> Path:
    """Returns the Python of a virtual environment."""
    folder, wanted = SCRATCH / name, requirements.read_text()
    program = folder / "bin" / "python"
    if begun(folder, wanted):
        run([sys.executable, "-m", "venv", str(folder)])
        run([str(program), "-m", "pip", "install", "--quiet", "-r", str(requirements)])
        done(folder, wanted)
    return program


def begun(folder: Path, wanted: str) -> bool:
    """Whether it is to be installed; then the folder is there, and empty."""
    stands = folder / "installed"
    if stands.exists() and stands.read_text() == wanted:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return True


def done(folder: Path, wanted: str) -> None:
    (folder / "installed").write_text(wanted)


def run(command: list[str]) -> str:
    """What the command printed. Raises NotInstalledError with its last words."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_WITHIN)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(without_paths(str(error))) from None
    if result.returncode:
        said = (result.stderr.strip() or result.stdout.strip() or "failed").splitlines()[-1]
        raise NotInstalledError(without_paths(f"{Path(command[0]).name}: {said}"))
    return result.stdout


def program(root: Path, name: str) -> str:
    """The unpacked one, or the system's."""
    for folder in ("usr/sbin", "usr/bin"):
        if (root / folder / name).exists():
            return str(root / folder / name)
    if found := shutil.which(name):
        return found
    raise NotInstalledError(f"has no {name}")
