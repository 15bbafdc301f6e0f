"""Draw leak scenes with their Pascal VOC annotations.

python scripts/make_leaks.py --out build/leaks --count 2000 --seed 1
"""

import argparse
import os
import sys

from inspection.datasets.leaks import make_leaks


def main():
    """Parse arguments and draw the set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", required=True, help="folder to write into")
    parser.add_argument("--count", type=int, default=150, help="pictures (default 150)")
    parser.add_argument("--seed", type=int, default=1, help="of the random scenes")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    make_leaks(args.out, args.count, args.seed, args.workers, _show)
    print(f"\nwrote {args.count} pictures and annotations to {args.out}")


def _show(done, count):
    print(f"\r{done}/{count}", end="", file=sys.stderr)


if __name__ == "__main__":
    main()
