import subprocess
import sys
from timeit import repeat

import pytest
from argon2 import PasswordHasher, extract_parameters

from chatapp.lib import passwords

# As in a web process: gevent has patched everything before the app is imported.
IN_A_WEB_PROCESS = """
from gevent import monkey; monkey.patch_all()
import gevent
from chatapp.lib import passwords
"""


def in_a_web_process(program: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", IN_A_WEB_PROCESS + program], capture_output=True, text=True)


def test_only_the_password_itself_belongs_to_its_hash():
    stored = passwords.hash_of("long enough")
    assert passwords.belongs("long enough", stored)
    assert not passwords.belongs("Long enough", stored)
    assert not passwords.belongs("long enough", None)
    assert not passwords.belongs("long enough", "no hash at all")


def test_a_hash_costs_what_owasp_asks_for_and_no_more():
    parameters = extract_parameters(passwords.hash_of("long enough"))
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)


@pytest.mark.parametrize("memory_cost", [64 * 1024, 8])
def test_a_hash_of_another_cost_is_outdated(memory_cost):
    assert not passwords.is_outdated(passwords.hash_of("long enough"))
    assert passwords.is_outdated(PasswordHasher(1, memory_cost, 1).hash("long enough"))


def test_a_wrong_password_leaves_no_traceback_in_the_log():
    result = in_a_web_process("print(passwords.belongs('wrong', passwords.hash_of('right')))")
    assert (result.stdout, result.stderr) == ("False\n", "")


def test_whoever_comes_when_the_line_is_long_is_turned_away_and_the_others_are_served():
    result = in_a_web_process("""
jobs = [gevent.spawn(passwords.hash_of, "long enough") for _ in range(100)]
gevent.joinall(jobs)
print([type(job.exception).__name__ for job in jobs].count("Busy"))
print(passwords.belongs("long enough", jobs[0].value))
""")
    assert result.stdout.splitlines() == [str(100 - passwords.AT_ONCE - passwords.LINE), "True"], result.stderr


@pytest.mark.parametrize(
    "password",
    ["password", "12345678", "qwertyuiop", "P@ssw0rd!", "iloveyou", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "dragon123",
     "lovelace", "ada1990", "password" * 9],
)  # fmt: skip
def test_what_everybody_tries_first_is_easy_to_guess(password):
    assert passwords.is_easy_to_guess(password, ["Ada", "Lovelace", "ada@example.com"])


@pytest.mark.parametrize(
    "password", ["long enough", "correct horse battery", "J7#pLq!x", "ünï 👩‍👩‍👧 pass", "x9" * 3 + "Tz!k"]
)
def test_what_nobody_tries_first_is_not(password):
    assert not passwords.is_easy_to_guess(password, ["Ada", "Lovelace"])


@pytest.mark.parametrize("password", ["4@8({[<369&#!/|10$5+7%2" * 10, "a1" * 128, "x" * 256])
def test_no_password_takes_much_longer_to_weigh_than_another(password):
    """Compared as a ratio: zxcvbn takes seconds for all of the first text, and every page of the process would wait."""
    passwords.is_easy_to_guess(password, [])
    assert fastest(password) < 200 * fastest("long enough")


def fastest(password: str) -> float:
    return min(repeat(lambda: passwords.is_easy_to_guess(password, []), number=1, repeat=5))
