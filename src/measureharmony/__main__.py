"""``measureharmony``, and ``python -m measureharmony``."""

import sys

#: The exit code of a command that was stopped by Ctrl-C (also in ``commands.terminal``, which is not read yet).
_STOPPED = 130


def main() -> None:
    """Run the command line; a command that is stopped while it still reads its own modules ends like any other."""
    try:
        from measureharmony.cli import app

        app()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(_STOPPED)


if __name__ == "__main__":
    main()
