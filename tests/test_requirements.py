"""The pins: each package as asked for, in one version, with the hashes of its files."""

import re

import pytest

from chatapp.config import PROJECT

SETS = ["requirements", "requirements-local", "requirements-dev", "requirements-model"]
ASKED = re.compile(r"^([A-Za-z0-9._-]+)(\[[a-z]+\])?==([^ ;#]+)(;[^#]*)? +# .+$")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)")


def asked_for(name: str) -> dict[str, str]:
    lines = (PROJECT / f"{name}.in").read_text().splitlines()
    own = [line for line in lines if line and not line.startswith(("#", "-r "))]
    matches = {line: ASKED.match(line) for line in own}
    assert [line for line, match in matches.items() if not match] == [], "Name, version, and # what it is for."
    return {match[1].lower(): match[3] for match in matches.values()}


def pinned(name: str) -> dict[str, list[str]]:
    """The lines of each package: its version first, then its hashes."""
    text = (PROJECT / f"{name}.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return {PINNED.match(line)[1].lower(): [PINNED.match(line)[2], *re.findall("--hash=sha256:[0-9a-f]{64}", line)]
            for line in lines}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_everything_is_pinned_to_the_bytes_that_were_looked_at(name):
    assert [package for package, (_, *hashes) in pinned(name).items() if not hashes] == []


@pytest.mark.parametrize("name", SETS)
def test_what_is_asked_for_is_what_is_pinned(name):
    versions = {package: version for package, (version, *_) in pinned(name).items()}
    assert {package: versions.get(package) for package in asked_for(name)} == asked_for(name)


@pytest.mark.parametrize(("smaller", "larger"), [SETS[0:2], SETS[1:3]])
def test_a_larger_set_has_all_of_the_smaller_one_in_the_same_versions(smaller, larger):
    assert pinned(smaller).items() <= pinned(larger).items()


@pytest.mark.parametrize("name", SETS)
def test_no_file_says_where_packages_are_downloaded(name):
    assert "://" not in (PROJECT / f"{name}.txt").read_text()
