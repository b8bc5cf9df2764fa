"""The hasty worker, whose assistants can look things up. With the argument `hangs`, that takes longer than it lives."""

import sys

import chatapp.tools
from tests.delivery.hasty_worker import worker
from tests.lookup import Lookup


class Slow(Lookup):
    def use(self, arguments: dict, hang_up) -> str:
        return super().use({"query": "hang"} if "hangs" in sys.argv else arguments, hang_up)


chatapp.tools.registry.append(lambda reply: [Slow({"budget": "It is 40,000."})])

if __name__ == "__main__":
    worker.main()
