"""The entrance of the worker: `python -m rq_workers`."""

import sys

from rq_workers.single import main

if __name__ == "__main__":
    sys.exit(main())
