"""The plans of statements: the tables that the database reads from one end to the other."""

import re

from chatapp.extensions import db


def whole_reads(statement: str, parameters) -> list[str]:
    """The tables that a statement reads whole, each with the line of the plan that says so."""
    if isinstance(parameters, list):  # of a statement for several rows
        parameters = parameters[0]
    if db.engine.dialect.name == "sqlite":
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [line.detail for line in plan if scans(line.detail)]
    for way in (
        "seqscan",
        "hashjoin",
        "mergejoin",
    ):  # or PostgreSQL reads small tables whole, in spite of an index
        db.session.connection().exec_driver_sql(f"SET LOCAL enable_{way} = off")
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    return [str(node) for node in nodes(plan[0]["Plan"]) if reads_whole(node)]


def scans(detail: str) -> bool:
    """Of SQLite: "SCAN messages", also by an index that holds all rows."""
    found = re.match(r"SCAN (\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?$", detail)
    return bool(found) and found[1] in db.metadata.tables and found[2] not in partial_indexes()


def nodes(plan: dict):
    yield {name: value for name, value in plan.items() if name != "Plans"}
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def reads_whole(node: dict) -> bool:
    """Of PostgreSQL: a sequential scan, also by an index that holds all rows."""
    by_index = "Index Name" in node and "Index Cond" not in node and node["Index Name"] not in partial_indexes()
    return node["Node Type"] in ("Seq Scan", "Parallel Seq Scan") or by_index


def partial_indexes() -> set[str]:
    """They hold few rows, and exist to be read whole."""
    options = (f"{db.engine.dialect.name}_where", "postgresql_where")
    return {
        index.name
        for table in db.metadata.tables.values()
        for index in table.indexes
        if any(index.kwargs.get(option) is not None for option in options)
    }
