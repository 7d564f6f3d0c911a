"""A fit on several processes gives what one process gives, for the same batches."""

import json
import signal
import time
from textwrap import dedent

import pytest
import torch
from processes import ended, start, together

import tailormade as tm
from tailormade.processes import ALONE, Team
from tailormade.training.checkpoint import CHECKPOINT_FILE
from tailormade.training.together import dropout_stream

# argv: model, batch size, rows, epochs, folder, options of FitConfig
SCRIPT = dedent(
    """
    import json, sys
    import torch
    import tailormade as tm

    def build(kind):
        if kind == "maf":
            return tm.MAF(4, 2, transforms=2, hidden_units=(8,), seed=0)
        options = {"one": {}, "any": {"orders": "any"}, "two": {"orders": 2}, "own": {"orders": 2, "shared": False}}
        return tm.MADE(4, 2, hidden_units=(8,), conditionals=tm.NormalMixture(2), seed=0, **options[kind])

    def data(rows, seed=0):
        g = torch.Generator().manual_seed(seed)
        return torch.randn(rows, 4, generator=g) @ torch.randn(4, 4, generator=g), torch.randn(rows, 2, generator=g)

    def fit(kind, batch_size, rows, epochs, folder, options):
        model = build(kind)
        (x, c), (v, d) = data(rows), data(31, 1)
        config = tm.FitConfig(max_epochs=epochs, batch_size=batch_size, seed=3, folder=folder, progress=False,
                              checkpoint_seconds=0, **options)
        return model, tm.fit(model, x, v, context=c, valid_context=d, config=config)

    if __name__ == "__main__":
        kind, batch_size, rows, epochs, folder, options = sys.argv[1:]
        fit(kind, int(batch_size), int(rows), int(epochs), folder, json.loads(options))
        print("done", torch.distributed.is_initialized())
    """
)


def fitted(tmp_path, size, kind="one", batch_size=20, rows=100, epochs=10, folder="m", **options):
    (tmp_path / "script.py").write_text(SCRIPT)
    words = ["script.py", kind, batch_size, rows, epochs, folder, json.dumps(options)]
    return together([str(word) for word in words], size, tmp_path)


def parameters(folder):
    return tm.load(folder).state_dict()


def furthest(folder, other):
    pairs = zip(parameters(folder).values(), parameters(other).values(), strict=True)
    return max(float((a - b).abs().max()) for a, b in pairs if a.numel())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "size", "batch_size", "rows"),
    [("one", 2, 20, 100), ("one", 3, 20, 98), ("any", 2, 21, 105), ("two", 2, 20, 100), ("own", 2, 20, 100),
     ("maf", 2, 20, 100), ("one", 3, 2, 21)],
    ids=["even", "uneven", "any order", "two orders", "members", "flow", "fewer rows than processes"],
)  # fmt: skip
def test_several_processes_and_one_end_in_the_same_parameters(tmp_path, kind, size, batch_size, rows):
    epochs = 50 // -(-rows // batch_size)  # 50 steps, or next to it
    for folder, count in (("alone", 1), ("team", size)):
        for status, out, err in fitted(tmp_path, count, kind, batch_size, rows, epochs, folder):
            assert (status, out) == (0, "done False\n"), err
    assert furthest(tmp_path / "team", tmp_path / "alone") < 1e-5
    alone, team = ((tmp_path / name / "history.jsonl").read_text().splitlines() for name in ("alone", "team"))
    assert len(alone) == len(team) >= epochs
    for one, other in zip(map(json.loads, alone), map(json.loads, team), strict=True):
        for name in ("train_nll", "valid_nll"):
            if name in one:
                assert one[name] == pytest.approx(other[name], abs=1e-4)


@pytest.mark.slow
def test_several_processes_put_the_same_evidence_first(tmp_path):
    for folder, count in (("alone", 1), ("team", 2)):
        options = {"folder": folder, "evidence_first": True, "stored_orders": 0.5}
        for status, out, err in fitted(tmp_path, count, "any", 21, 105, **options):
            assert (status, out) == (0, "done False\n"), err
    assert furthest(tmp_path / "team", tmp_path / "alone") < 1e-5


@pytest.mark.slow
def test_a_killed_process_ends_the_others_and_one_process_goes_on(tmp_path):
    assert fitted(tmp_path, 1, epochs=300, folder="calm")[0][0] == 0
    words = ["script.py", "one", "20", "100", "300", "cut", "{}"]
    running = start(words, 2, tmp_path)
    deadline = time.monotonic() + 60
    while not (tmp_path / "cut" / CHECKPOINT_FILE).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running[1].send_signal(signal.SIGKILL)
    (status, _, err), (killed, _, _) = ended(running, 30)
    assert (status, killed) == (1, -signal.SIGKILL)
    assert "LostProcessError: process 0 of 2: another process has ended" in err
    assert not list(tmp_path.rglob(".*.tmp"))
    before = len((tmp_path / "cut/history.jsonl").read_text().splitlines())
    assert 0 < before < 300
    assert fitted(tmp_path, 1, epochs=300, folder="cut", resume=True)[0][0] == 0
    assert furthest(tmp_path / "cut", tmp_path / "calm") < 1e-3


@pytest.mark.slow
def test_processes_with_other_data_or_settings_are_refused_by_all(tmp_path):
    script = SCRIPT + "    # one more\n"
    (tmp_path / "script.py").write_text(script.replace("seed=3", 'seed=3 + int(__import__("os").environ["RANK"])'))
    words = ["script.py", "one", "20", "100", "2", "m", "{}"]
    for status, _, err in together(words, 2, tmp_path):
        assert status == 1
        assert "ValueError: config: expected the same on every process, got another on process 1." in err
    assert not (tmp_path / "m").exists()


def test_a_process_alone_needs_no_group():
    model = tm.MADE(3, hidden_units=(4,), seed=0)
    tm.fit(model, torch.ones(5, 3), config=tm.FitConfig(max_epochs=1, progress=False))
    assert not torch.distributed.is_initialized()


def test_each_process_has_a_dropout_of_its_own_and_the_first_that_of_one_alone():
    names = [dropout_stream(team) for team in (ALONE, Team(0, 3), Team(1, 3), Team(2, 3))]
    assert names[0] == names[1]
    assert len(set(names)) == 3
