"""Command line: python -m connectors.sandbox_kit --port 8701 --data var/sandbox."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from pathlib import Path

from connectors.sandbox_kit.server import listen, serve


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; 0 after a clean end, 2 when the port or folder is unusable."""
    parser = argparse.ArgumentParser(
        prog="python -m connectors.sandbox_kit", description="Local imitations of the vendors."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8701, help="0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="folder of the ledgers")
    parser.add_argument("--exit-with-parent", action="store_true")
    parser.add_argument(
        "--control-from-anywhere",
        action="store_true",
        help="let other machines use the control API too (inside a private container network)",
    )
    parser.add_argument("--log-level", default="warning")
    chosen = parser.parse_args(arguments)
    try:
        chosen.data.mkdir(parents=True, exist_ok=True)
        listener = listen(chosen.host, chosen.port)
    except OSError as error:
        place = f"Port {chosen.port} on {chosen.host}"
        sys.stderr.write(
            f"{place} is taken by another program: stop it, or choose another with --port.\n"
            if error.errno == errno.EADDRINUSE
            else f"The sandboxes cannot start: {error}.\n"
        )
        return 2
    serve(
        listener,
        chosen.data,
        exit_with_parent=chosen.exit_with_parent,
        control_from_anywhere=chosen.control_from_anywhere,
        log_level=chosen.log_level,
    )
    return 0


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: that would wait for webhooks on their way to receivers that do not answer.
    # The ledgers are closed, and what was not delivered is in them.
    os._exit(exit_code)
