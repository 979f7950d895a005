"""A program that prints what a process can see of itself; with `wait` it then waits for a signal."""

from __future__ import annotations

import json
import os
import signal
import sys


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def main() -> int:
    facts = {
        "arguments": sys.argv[1:],
        "given": sys.stdin.read(),
        "folder": os.getcwd(),
        "path": sys.path[0],
        "variables": dict(os.environ),
        "leads its session": os.getsid(0) == os.getpid(),
        "open files": [number for number in range(100) if is_open(number)],
        "interrupt": str(signal.getsignal(signal.SIGINT)).partition(" at ")[0],
        "child": str(signal.getsignal(signal.SIGCHLD)),
        "buffered by line": [sys.stdout.line_buffering, sys.stderr.line_buffering],
        "encoding": [sys.stdin.encoding, sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors],
    }
    print(json.dumps(facts))  # noqa: T201
    print("to stderr", file=sys.stderr, flush=True)  # noqa: T201
    if "wait" in sys.argv:
        sys.stdout.flush()
        signal.pause()
    return 7


if __name__ == "__main__":
    sys.exit(main())
