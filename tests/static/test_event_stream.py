"""static/turbo/event_stream.js, in Node, against the rules of the HTML standard."""

import json
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers import PROJECT

MODULE = PROJECT / "static" / "turbo" / "event_stream.js"
SCRIPT = """
const [module, given] = process.argv.slice(1)
const { default: EventStreamParser } = await import(module)
const answers = JSON.parse(given).map((pieces) => {
  const events = []
  const parser = new EventStreamParser(({ type, data, lastEventId }) => events.push([type, data, lastEventId]))
  pieces.forEach((piece) => parser.push(piece))
  return events
})
console.log(JSON.stringify(answers))
"""


def parsed_all(streams: list[list[str]]) -> list:
    """The events ``[type, data, last id]`` of each stream, which is given in pieces."""
    command = ["node", "--input-type=module", "-e", SCRIPT, MODULE.as_uri(), json.dumps(streams)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def parsed(*pieces: str) -> list:
    return parsed_all([list(pieces)])[0]


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("data: hello\n\n", [["message", "hello", ""]]),
        ("data: a\ndata: b\n\n", [["message", "a\nb", ""]]),
        ("data:no space\n\ndata:  two\n\n", [["message", "no space", ""], ["message", " two", ""]]),
        ("event: beat\ndata: 15\n\n", [["beat", "15", ""]]),
        ("event: beat\n\ndata: x\n\n", [["message", "x", ""]]),
        ("id: 7\n\ndata: x\n\n", [["message", "x", "7"]]),
        ("id: 7\ndata: x\n\nid\ndata: y\n\n", [["message", "x", "7"], ["message", "y", ""]]),
        ("id: 7\0\ndata: x\n\n", [["message", "x", ""]]),
        (": a comment\nretry: 5\nnonsense: 1\ndata: x\n\n", [["message", "x", ""]]),
        ("data\n\n", [["message", "", ""]]),
        ("data: a:b: c\n\n", [["message", "a:b: c", ""]]),
        ("\ufeffdata: x\n\n", [["message", "x", ""]]),
        ("data: x\r\n\r\ndata: y\r\rdata: z\n\n", [["message", value, ""] for value in "xyz"]),
        ("data: one\u2028line\x0b\x85\n\n", [["message", "one\u2028line\x0b\x85", ""]]),
        ("data: unfinished\n", []),
    ],
)
def test_events_are_read_as_the_standard_says(text, events):
    assert parsed(text) == events


TEXT = "id: 7\r\ndata: <p>\r\ndata: über 🎉</p>\r\n\r\nevent: beat\rdata: 15\r\rdata: last\n\n"


def test_wherever_a_stream_is_cut_into_pieces_the_events_are_the_same():
    whole = parsed(TEXT)
    assert [event[0] for event in whole] == ["message", "beat", "message"]
    cuts = [[TEXT[:at], TEXT[at:]] for at in range(len(TEXT) + 1)] + [list(TEXT)]
    assert parsed_all(cuts) == [whole] * len(cuts)


@settings(max_examples=5)
@given(st.lists(st.text(st.sampled_from("data: idevnt7\r\n\n"), max_size=60), min_size=1, max_size=40))
def test_nothing_that_is_sent_makes_it_fail_or_depends_on_the_pieces(texts):
    assert parsed_all([[text] for text in texts]) == parsed_all([list(text) for text in texts])
