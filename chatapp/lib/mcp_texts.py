"""Reads what an MCP server says of its tools, and what a tool says. All of it was written by strangers."""

import json
import re
from typing import NamedTuple

from .nesting import is_nested_deeper
from .plain_texts import in_one_line, visible

#: Characters of one tool: its name, as the protocol limits it, and what is kept of the rest.
NAME, TITLE, DESCRIPTION, PARAMETERS = 128, 80, 1_000, 6_000
#: Levels of a schema. An object in an object takes two.
LEVELS = 50
#: Characters of a result to read.
RESULT = 100_000
_NAME = re.compile(rf"[A-Za-z0-9_./-]{{1,{NAME}}}")
#: A mark in a schema: the protocol has clients repeat such arguments in a header, which this one does not.
_IN_HEADER = '"x-mcp-header"'
NOTHING = "The tool gave no text."


class Described(NamedTuple):
    """A tool, as its server describes it. ``parameters`` is the JSON Schema of its arguments."""

    name: str
    title: str
    description: str
    parameters: dict


class Result(NamedTuple):
    """What a tool says. ``failed`` is True if it says that it could not do what it was asked for."""

    text: str
    failed: bool


def described(tool: object) -> Described | None:
    """The tool, or None for one that can't be used: without a proper name, or with too large a schema."""
    if not isinstance(tool, dict) or not _NAME.fullmatch(text_in(tool, "name")):
        return None
    parameters = tool.get("inputSchema")
    if not isinstance(parameters, dict) or parameters.get("type", "object") != "object":
        return None
    parameters = {"type": "object", "properties": {}} | {k: v for k, v in parameters.items() if k != "$schema"}
    schema = as_json(parameters)
    if schema is None or len(schema) > PARAMETERS or _IN_HEADER in schema or is_nested_deeper(parameters, LEVELS):
        return None
    annotations = tool.get("annotations")
    title = text_in(tool, "title") or text_in(annotations if isinstance(annotations, dict) else {}, "title")
    description = visible(text_in(tool, "description"), DESCRIPTION)
    return Described(tool["name"], in_one_line(title, TITLE), description, parameters)


def result_of(said: dict) -> Result:
    """The texts of a result, one below the other, with a note in place of anything else."""
    if said.get("resultType", "complete") != "complete":
        return Result("The tool asks for more before it goes on, which is not possible here.", failed=True)
    blocks = said.get("content")
    parts = list(filter(None, map(block_text, blocks))) if isinstance(blocks, list) else []
    if not parts and said.get("structuredContent") is not None:
        parts = [as_json(said["structuredContent"]) or ""]
    text = "\n\n".join(parts)[:RESULT].strip()
    return Result(text or NOTHING, failed=said.get("isError") is True)


def block_text(block: object) -> str:
    if not isinstance(block, dict):
        return ""
    match block.get("type"):
        case "text":
            return text_in(block, "text")
        case "resource" if isinstance(resource := block.get("resource"), dict):
            return text_in(resource, "text") or f"({text_in(resource, 'uri')[:500]}, which is no text)"
        case "resource_link":
            return f"{text_in(block, 'name')[:200]}: {text_in(block, 'uri')[:500]}"
        case "image" | "audio" as kind:
            return f"(An {kind}, which is not shown here.)"
    return ""


def text_in(record: dict, name: str) -> str:
    """One text of a record, or an empty one."""
    text = record.get(name)
    return text if isinstance(text, str) else ""


def as_json(value: object) -> str | None:
    """``value`` as one line of JSON; None if databases and models would refuse it."""
    try:
        line = json.dumps(value, ensure_ascii=False, allow_nan=False)
        line.encode()
    except (ValueError, RecursionError):
        return None
    return line
