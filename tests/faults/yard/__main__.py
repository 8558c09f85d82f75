"""``python -m tests.faults.yard --stack embedded --seconds 60``: one storm, its verdict as JSON."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from pathlib import Path

from tests.faults.yard.stacks import storm


def main() -> int:
    """Run one storm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", choices=("embedded", "production"), default="embedded")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--faults", default="")
    parser.add_argument("--keep", help="folder for logs and data")
    parser.add_argument("--into", help="file for the verdict")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(options.keep or made)
        folder.mkdir(parents=True, exist_ok=True)
        raging = storm(folder, options.stack, options.seconds, seed=options.seed,
                       faults=options.faults)  # fmt: skip
        verdict = raging.rage()
    text = json.dumps(raging.as_json(), indent=1)
    print(text)
    if options.into:
        Path(options.into).parent.mkdir(parents=True, exist_ok=True)
        Path(options.into).write_text(text)
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
