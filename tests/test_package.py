"""What importing the package does, and does not do."""

import subprocess
import sys

import pytest

import tailormade as tm

HEAVY = ["matplotlib", "pyarrow", "rich", "safetensors", "scipy", "sklearn", "typer"]


def test_importing_loads_torch_and_numpy_only():
    code = f"import sys, tailormade; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["plots", "datasets", "baselines", "compat"])
def test_modules_are_there_when_named(name):
    assert getattr(tm, name).__name__ == f"tailormade.{name}"


def test_every_public_name_exists():
    assert all(hasattr(tm, name) for name in tm.__all__)


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = tm.nonsense
