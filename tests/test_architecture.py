"""Imports point downwards only, and a bare import stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tailormade

ROOT = Path(tailormade.__file__).parent

# which parts each part may import; everything below those is allowed with them
LAYERS = {
    "masks": [],
    "random": [],
    "conditionals": [],
    "datasets": [],
    "nn": ["masks"],
    "sampling": ["nn", "conditionals"],
    "density": ["nn", "conditionals", "sampling"],
    "flows": ["nn", "sampling"],
    "queries": ["density"],
    "tables": ["conditionals"],
    "training": ["density", "flows"],
    "store": ["density", "flows", "tables"],
    "verify": ["density", "flows"],
    "plots": ["density"],
    "compat": ["nn", "masks"],
}
LAYERS["estimator"] = list(LAYERS)
LAYERS["cli"] = list(LAYERS)


def below(part):
    """All parts that a part may import, itself among them."""
    direct = LAYERS[part]
    return {part, "random", *direct}.union(*(below(p) for p in direct if p != part))


def part_of(path):
    """The layer a file belongs to: ``nn/linear.py`` to nn, ``random.py`` to random."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path):
    """The parts of the package that a file imports anywhere, type checking and function bodies included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [node.module] if node.module != "tailormade" else [f"tailormade.{a.name}" for a in node.names]
    return {name.split(".")[1] if "." in name else name for name in found if name.split(".")[0] == "tailormade"}


FILES = sorted(
    path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.name not in ("__init__.py", "__main__.py")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(path):
    part = part_of(path)
    assert part in LAYERS, f"give {part} a place in LAYERS"
    assert imported(path) <= below(part)


def test_there_is_something_to_check():
    assert len(FILES) > 20
    assert imported(ROOT / "nn" / "linear.py") == set()
    assert {"masks", "nn", "conditionals"} <= imported(ROOT / "density" / "made.py")


HEAVY = ["accelerate", "matplotlib", "narwhals", "numba", "pandas", "pyarrow", "rich", "scipy", "sklearn", "typer"]


def test_a_bare_import_loads_torch_and_numpy_only():
    code = f"import sys, tailormade; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
