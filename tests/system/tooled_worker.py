"""The worker, whose assistants have the tools of the tests."""

import chatapp.tools
import worker
from chatapp.models import tool_work
from chatapp.tools import ToolError, toolbox
from tests.lookup import Careful, Lookup

ANSWERS = {"budget": "It is <b>40,000</b>.", "fail": ToolError("The book is closed.")}

chatapp.tools.registry.append(lambda reply: [Lookup(ANSWERS), Careful(ANSWERS)])
toolbox.asks_first = lambda chat, tool: tool.name == "careful"
tool_work.LONGEST = 120  # a tool hangs until a test has looked at it, on any machine

if __name__ == "__main__":
    worker.main()
