"""`python -m provider_agent.runner`: the nursery, or with a work folder as argument that one job."""

import sys
from pathlib import Path

from provider_agent.runner.nursery import run_here, serve

if __name__ == "__main__":
    if len(sys.argv) > 1:
        run_here(Path(sys.argv[1]))
    else:
        serve()
