"""Samples are right whatever state numba and its cache on disk are in; small jobs do without numba."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest
import torch
from helpers import redraw
from sampling.drawing import drawn, noise_for, source_of

from tailormade import MADE
from tailormade.sampling import engine_for, kernel
from tailormade.sampling.compiled import _numba_works, compiled_loops

START = """
import torch
import tailormade as tm
from tailormade.sampling import draw, engine_for, use_engine

def noise_for(model):
    return torch.rand(5, model.features, 1, generator=torch.Generator().manual_seed(0))

def source_of(model):
    return model.sampling_source(model.table[0], None)

def drawn(engine, model):
    with use_engine(engine):
        return draw(source_of(model), noise_for(model))

def right(engine, model):
    return torch.equal(drawn(engine, model), drawn("loop", model))

def chosen(model):
    return engine_for(source_of(model), noise_for(model))

small, large = tm.MADE(5, hidden_units=(8,), seed=0), tm.MADE(600, hidden_units=(30,), seed=0)
"""


def said(code, before="", **environment):
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", f"{before}\n{START}\n{code}"]
    env = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_small_jobs_do_not_import_numba():
    code = """
for dist in (small(), tm.MADE(7, orders=3)(), tm.MADE(4, 2)(torch.zeros(9, 2))):
    dist.sample((10,))
print("numba" in sys.modules, chosen(large), "numba" in sys.modules)
"""
    assert said(code, "import sys") == ["False", "compiled", "True"]


def large():
    """A source and noise that the compiled engine is chosen for."""
    model = redraw(MADE(600, hidden_units=(20,), seed=0).double())
    return source_of(model), noise_for(model, 3)


@pytest.fixture
def asked_anew():
    """What is known of numba is found out again, here and afterwards."""
    _numba_works.cache_clear()
    yield
    _numba_works.cache_clear()


def without_numba(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "tailormade.sampling.kernel")


def without_leave_to_compile(monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)


@pytest.mark.usefixtures("asked_anew")
@pytest.mark.parametrize("limit", [without_numba, without_leave_to_compile], ids=lambda limit: limit.__name__)
def test_torch_does_what_numba_cannot(limit, monkeypatch):
    source, noise = large()
    assert engine_for(source, noise) == "compiled"
    limit(monkeypatch)
    _numba_works.cache_clear()
    assert engine_for(source, noise) == "torch"
    assert torch.equal(drawn("auto", source, noise), drawn("loop", source, noise))
    with pytest.raises(ValueError, match="which needs numba"):
        drawn("compiled", source, noise)


def test_a_file_in_place_of_the_cache(tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    assert said('print(chosen(large), right("compiled", large))', NUMBA_CACHE_DIR=file) == ["compiled", "True"]
    assert file.read_text() == "in the way"


def cache_files():
    """The files that hold the loops for float32."""
    compiled_loops(torch.float32)
    if kernel.run_table.stats.cache_path is None:
        pytest.skip("there is no place for a cache here")
    return sorted(Path(kernel.run_table.stats.cache_path).glob("kernel._run_table-*.nb?"))


@pytest.mark.slow  # compiles
def test_a_cache_of_garbage(tmp_path):
    code = """
from pathlib import Path
from tailormade.sampling.kernel import run_table
for name in NAMES:
    Path(run_table.stats.cache_path, name).write_bytes(b"garbage")
print(right("compiled", large), right("compiled", small), run_table.signatures)
"""
    names = [file.name for file in cache_files()]
    assert said(code, f"NAMES = {names}", NUMBA_CACHE_DIR=tmp_path) == ["True", "True", "[]"]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the cache, read by loops that are not loaded yet; beside them those that work, to fall back on."""
    files, good = cache_files(), kernel.run_table
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    fresh = kernel._cached(kernel._run_table)
    copies = [Path(shutil.copy(file, fresh.stats.cache_path)) for file in files]
    monkeypatch.setattr(kernel, "run_table", fresh)
    monkeypatch.setattr(kernel, "uncached", lambda: good)
    compiled_loops.cache_clear()
    yield copies
    compiled_loops.cache_clear()


def agrees():
    model = redraw(MADE(5, hidden_units=(8,), seed=0))
    return torch.equal(*(drawn(engine, source_of(model), noise_for(model, 9)) for engine in ("compiled", "loop")))


def test_the_cache_is_read(copied):
    assert agrees()
    assert len(copied) >= 2
    assert compiled_loops(torch.float32) is kernel.run_table
    assert len(kernel.run_table.stats.cache_hits) == 1


DAMAGES = {
    "garbage": lambda content: b"garbage" * 100,
    "nothing": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
}


@pytest.mark.parametrize("damage", list(DAMAGES))
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_damaged_cache(copied, suffix, damage):
    for file in copied:
        if file.suffix == suffix:
            file.write_bytes(DAMAGES[damage](file.read_bytes()))
    assert agrees()
    assert compiled_loops(torch.float32) is kernel.uncached()


def test_no_place_for_a_cache(monkeypatch):
    monkeypatch.setattr(numba.core.caching.CacheImpl, "_locator_classes", [])
    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(kernel._run_table)
    assert kernel._cached(kernel._run_table).stats.cache_path is None
