"""Let the benchmarks of this folder import `measure`: each imports this first."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
