"""The command: one file a verb, no logic beyond parsing and printing.

Results go to stdout, everything else to stderr. Exit status 0: done; 2: the user's input is at fault, said in one plain
line; 1: anything else.
"""

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from tailormade.cli.several import has_been_said, is_idle, one_speaks

_INTERRUPTED = 130  # what typer returns after Ctrl-C


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its status.

    Args:
        arguments: Words after the command's name; those of the process if ``None``.
    """
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    from tailormade.cli.app import app

    if is_idle(arguments):
        return 0
    try:
        with warnings.catch_warnings(), one_speaks():
            _plain_warnings(arguments)
            result = app(args=list(arguments), prog_name="tailormade", standalone_mode=False)
            sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as leaving:
        if isinstance(leaving, SystemExit) and not isinstance(leaving.__context__, BrokenPipeError):
            raise
        return _pipe_closed()
    except (KeyboardInterrupt, Exception) as error:
        return _status(error, arguments)
    if result == _INTERRUPTED:
        return _complain("stopped.", 1)
    return result if isinstance(result, int) else 0


_FORESEEN = ("FloatingPointError", "LostProcessError")  # by name: the latter's module imports torch


def _pipe_closed() -> int:
    """End quietly when the reader of our output, such as head, has had enough; typer may have made it an exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _plain_warnings(arguments: Sequence[str]) -> None:
    """Let a warning of ours be one plain line on stderr, or nothing."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        if "--quiet" not in arguments:
            print(f"tailormade: warning: {_under_flag(str(message), arguments)}", file=sys.stderr)

    warnings.showwarning = show
    warnings.simplefilter("default", UserWarning)


def _status(error: BaseException, arguments: Sequence[str]) -> int:
    """Say what went wrong in one line and return the exit status; re-raise what nobody foresaw."""
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return _complain("stopped.", 1)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(str(error), file=sys.stderr)
        return 2
    if hasattr(error, "format_message"):  # a usage error of typer, whose class has moved between versions
        return _complain(_usage(error, arguments), 2)
    if isinstance(error, ValueError | OSError):
        return _complain(_one_line(error, arguments), 2)
    if isinstance(error, FloatingPointError | RuntimeError) and type(error).__name__ in _FORESEEN:
        return _complain(_one_line(error, arguments), 1)
    raise error


def _complain(message: str, status: int) -> int:
    if not has_been_said(message):
        print(f"tailormade: {message}", file=sys.stderr, flush=True)
    return status


_FLAGS = {
    "hidden_units": "--hiddens",
    "hiddens": "--hiddens",
    "max_epochs": "--epochs",
    "num-masks": "--num-masks",
    "orders": "--num-masks",
    **{name: f"--{name.replace('_', '-')}" for name in (
        "activation", "base", "batch_size", "bijection", "checkpoint_seconds", "conditional", "context", "device",
        "dropout", "given", "hidden_degrees", "highlight", "image_shape", "input_order", "key", "learning_rate",
        "linear", "normalisation", "observe", "order", "particles", "patience", "precision", "resample_every", "resume",
        "samples", "schedule", "seed", "shifts", "transforms", "valid_fraction", "weight_decay",
    )},
}  # fmt: skip
_SHORT = {"--hiddens": "-q", "--num-masks": "-n", "--resample-every": "-r", "--samples": "-s"}


def _as_typed(flag: str, arguments: Sequence[str]) -> str:
    """The short name of an option where that was typed."""
    short = _SHORT.get(flag, flag)
    return short if any(word.startswith(short) for word in arguments) else flag


def _one_line(error: Exception, arguments: Sequence[str]) -> str:
    """The message in one line, arguments under the names they have on the command line."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror or error}."
    return _under_flag(" ".join(str(error).split()), arguments)


def _under_flag(message: str, arguments: Sequence[str]) -> str:
    """A message about an argument under the name that has on the command line."""
    name, colon, rest = message.partition(":")
    return f"{_as_typed(_FLAGS.get(name, name), arguments)}{colon}{rest}"


def _usage(error: Any, arguments: Sequence[str]) -> str:  # noqa: ANN401 - see _status
    context = getattr(error, "ctx", None)
    command = "tailormade" if context is None else context.command_path
    message = " ".join(error.format_message().split())
    for long, short in _SHORT.items():  # typer names both
        message = message.replace(f"'{long}' / '{short}'", f"'{_as_typed(long, arguments)}'")
    return f"{message if message.endswith(('.', '?')) else f'{message}.'} Try '{command} --help'."
