"""``tailormade fit --threads``: one thread where steps are small, and nothing is left changed."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tailormade.cli.threads import use_threads

SMALL, LARGE = (1000, 100), (10**6, 100)  # parameters, rows in a step


@pytest.fixture(autouse=True)
def _two_threads(monkeypatch):
    """As many as torch would take by itself on a small machine."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


CHOSEN = {
    "small": (None, SMALL, 1),
    "large": (None, LARGE, 2),
    "small_asked": (2, SMALL, 2),
    "large_asked": (1, LARGE, 1),
    "at_the_bound": (None, (50, 10**6), 2),
    "below_the_bound": (None, (49, 10**6), 1),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_how_many(case):
    asked, step, expected = CHOSEN[case]
    with use_threads(asked, *step) as used:
        assert (used, torch.get_num_threads()) == (expected, expected)
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("step", [SMALL, LARGE], ids=["small", "large"])
def test_the_environment_is_respected(step, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    with use_threads(None, *step) as used:
        assert used == 2


def test_a_failure_leaves_nothing_changed():
    with pytest.raises(RuntimeError, match="oops"), use_threads(1, *LARGE):
        raise RuntimeError("oops")
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize(("words", "expected"), [([], 1), (["--threads", "2"], 2), (["--batch-size", 10**9], 1)])
def test_fit_uses_them_and_says_so(words, expected, call, store, monkeypatch):
    seen, step = [], torch.optim.AdamW.step
    monkeypatch.setattr(
        torch.optim.AdamW, "step", lambda *a, **k: (seen.append(torch.get_num_threads()), step(*a, **k))
    )
    outcome = call("fit", store / "parts.npz", "--out", "m", "-q", "8", "--epochs", "1", "--seed", "1", *words)
    assert f"seed 1, {expected} thread(s)\n" in outcome.err
    assert set(seen) == {expected}
    assert torch.get_num_threads() == 2


def test_same_seed_and_threads_same_model(done):
    np.save("x.npy", np.random.default_rng(0).random((500, 40)) < 0.5)
    for name in "ab":
        words = ["-q", "60", "--epochs", "2", "--seed", "1", "--threads", "2", "--quiet"]
        done("fit", "x.npy", "--out", name, *words)
    assert Path("a/model.safetensors").read_bytes() == Path("b/model.safetensors").read_bytes()
