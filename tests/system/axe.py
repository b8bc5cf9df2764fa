"""axe, which finds what people with a screen reader, a keyboard or weak eyes would miss."""

from playwright.sync_api import Page

from tests.servers import PROJECT

SCRIPT = PROJECT / "node_modules" / "axe-core" / "axe.min.js"


def mistakes(page: Page, where: str = "html") -> list[str]:
    """What axe finds in a part of the page. The other rules have to have found something to look at."""
    page.evaluate(SCRIPT.read_text())
    passes, violations = page.evaluate(
        "(where) => axe.run(where).then(({ passes, violations }) => [passes.length, violations])", where
    )
    assert passes > 3
    return [f"{v['id']}: {node['html'][:120]}" for v in violations for node in v["nodes"]]
