"""Imports point downwards only, and a bare import stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tailormade

ROOT = Path(tailormade.__file__).parent

# tools without knowledge of densities: every part may use them, they use no part
TOOLS = {
    "baselines", "csvfile", "files", "grouping", "ordering", "parquetfile", "processes", "progress", "random",
    "regions", "rowblocks", "rowfile",
}  # fmt: skip
# which parts each part may import; everything below those is allowed with them
LAYERS = {
    "masks": [],
    "conditionals": [],
    "datasets": [],
    "nn": ["masks"],
    "sampling": ["nn", "conditionals"],
    "density": ["nn", "conditionals", "sampling", "queries"],
    "flows": ["nn", "sampling", "queries"],
    "queries": ["conditionals", "sampling"],  # of a density they need no more than a protocol
    "tables": ["conditionals"],
    "patterns": ["conditionals"],
    "store": ["density", "flows", "tables"],
    "training": ["density", "flows", "store", "patterns"],  # a checkpoint keeps the model beside it
    "verify": ["density", "flows", "store"],  # one check is a round trip through a file
    "plots": ["density", "tables"],
    "compat": ["nn", "masks"],
}
LAYERS["estimator"] = [*LAYERS, "tailormade"]
LAYERS["cli"] = [*LAYERS, "tailormade"]


def below(part):
    """All parts that a part may import, itself among them."""
    return TOOLS.union({part}, *(below(lower) for lower in LAYERS.get(part, [])))


def part_of(path):
    """The part a file belongs to: ``nn/linear.py`` to nn, ``random.py`` to random."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def modules(path):
    """The modules that a file imports anywhere, for type checking and inside functions included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def imported(path):
    """The parts of the package that a file imports; the package itself for what its ``__init__`` re-exports."""
    names = [name.split(".") for name in modules(path)]
    inside = [name[1] if len(name) > 1 else "" for name in names if name[0] == "tailormade"]
    return {name if name in LAYERS or name in TOOLS else "tailormade" for name in inside}


FILES = sorted(
    path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.name not in ("__init__.py", "__main__.py")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(path):
    part = part_of(path)
    assert part in TOOLS or part in LAYERS, f"give {part} a place in LAYERS"
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
