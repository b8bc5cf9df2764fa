"""Chromium, as bin/test has found it, or as Playwright has downloaded it; where there is one, its headless shell."""

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


#: Playwright's argument that takes the back-forward cache away. The headless shell never has one.
KEEPS_NO_PAGES = "--disable-back-forward-cache"


def launch(playwright, keeps_pages: bool = False, **options) -> Browser:
    """Starts a browser, with a back-forward cache where ``keeps_pages``. ``options`` are Playwright's; ``args`` come on
    top of ours."""
    shell = None if keeps_pages else os.environ.get("HEADLESS_SHELL")
    if keeps_pages:
        options["ignore_default_args"] = [KEEPS_NO_PAGES]
    arguments = QUIET + (["--no-sandbox"] if os.geteuid() == 0 else [])
    return playwright.chromium.launch(
        executable_path=shell or os.environ.get("CHROMIUM") or shutil.which("chromium"),
        args=arguments + options.pop("args", []),
        **options,
    )
