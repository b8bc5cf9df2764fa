"""The worker, with less patience: what takes it ten seconds, or minutes, takes this one two."""

from datetime import timedelta

import worker
from chatapp.models.mixins import leased, tooled

leased.UNBEGUN_AFTER = timedelta(seconds=2)
leased.LEASE = timedelta(seconds=2)
tooled.DECIDED_WITHIN = timedelta(seconds=1)
worker.SWEEP_EVERY, worker.RENEW_EVERY, worker.FIND_EVERY = 1, 0.5, 0.5

if __name__ == "__main__":
    worker.main()
