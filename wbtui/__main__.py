"""The entry point: `wbtui`, and `python -m wbtui`."""

from __future__ import annotations

import gc
import sys

INTERRUPTED = 130
"""The exit code; `commands/exits.py` has it too, and is not loaded yet."""


def main() -> int:
    """Run the command line of this process and return its exit code.

    What is made while the program starts is kept, so the search for garbage waits until that is over: a
    tenth of the time to the first frame (measured). Whoever has started switches it on.
    """
    gc.disable()
    try:
        from wbtui.cli import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while the program was still being loaded
        return INTERRUPTED
    finally:
        # the interpreter would search everything once more before it throws everything away (28 ms)
        gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
