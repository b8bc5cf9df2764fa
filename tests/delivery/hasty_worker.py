"""The worker, with less patience: what takes it half a minute takes this one seconds."""

from datetime import timedelta

import worker
from chatapp.models.mixins import generated

generated.UNBEGUN_AFTER = timedelta(seconds=2)
generated.LEASE_MARGIN = timedelta(seconds=1)
worker.SWEEP_EVERY = 1

if __name__ == "__main__":
    worker.main()
