"""What was found out about each proxy is printed as a table at the end."""

import pytest

from tests.system.conftest import (  # noqa: F401 - the same browsers, people and servers
    browser,
    person,
    provider,
    site,
)

from .table import ROW, Row


@pytest.fixture
def row(request):
    """A new row of the table."""

    def add(box: str, configuration: str) -> Row:
        row = Row(box, configuration)
        request.addfinalizer(lambda: request.node.user_properties.append((ROW, row.cells)))
        return row

    return add
