"""`python -m massage_pain` is the command line."""

from __future__ import annotations

import sys

from massage_pain.cli import main

if __name__ == "__main__":
    sys.exit(main())
