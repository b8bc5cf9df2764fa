"""Chromium, as bin/test has found it, or as Playwright has downloaded it."""

import os
import shutil

from playwright.sync_api import Browser

QUIET = [  # a browser under test asks nobody for updates
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
]


def launch(playwright, **options) -> Browser:
    """``options`` are Playwright's; ``args`` come on top of ours."""
    arguments = QUIET + (["--no-sandbox"] if os.geteuid() == 0 else [])
    return playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
        args=arguments + options.pop("args", []),
        **options,
    )
