"""`nirman`: plans on the command line, without any cloud; and the whole stack on this machine.

Exit status 0: done; 1: the command itself says no (a stack that is not up); 2: wrong use or wrong input, with one line
on stderr that names file, place and rule.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from nirman.cli.arguments import parser
from nirman.errors import InvalidInputError, NirmanError

WRONG_INPUT = 2
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Everything heavy is imported by the command that needs it, so that `nirman --help` answers at once."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names are in any script, whatever the locale says
            stream.reconfigure(encoding="utf-8", errors="replace")
    arguments = parser().parse_args(argv)
    try:
        status: int = import_module(arguments.module).run(arguments)
        sys.stdout.flush()
    except NirmanError as error:
        return _fail(_one_line(error))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # Whoever read our output has enough; Python must not complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return _fail(f"{error.filename or 'the file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    return status


def _one_line(error: NirmanError) -> str:
    if isinstance(error, InvalidInputError):
        return f"{error.place}: {error.rule}" if error.place else error.rule
    return str(error)


def _fail(text: str) -> int:
    line = " ".join(text.split())
    print(f"nirman: {line}", file=sys.stderr)
    return WRONG_INPUT


if __name__ == "__main__":
    sys.exit(main())
