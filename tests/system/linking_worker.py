"""The worker, which may also fetch pages from one port of this machine: its argument."""

import sys

import worker
from chatapp.jobs.link_previews import client

client.open_to.add(("127.0.0.1", int(sys.argv[1])))

if __name__ == "__main__":
    worker.main()
