"""Several processes that do one job: shares, sums and what is said when one is gone."""

from textwrap import dedent

import pytest
import torch
from processes import together

from tailormade.processes import ALONE, Team, first_to_say, local_device, rank, team, team_size


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 9])
def test_shares_are_all_rows_once_and_in_order(rows):
    x = torch.arange(rows)
    shares = [Team(i, 3).share(x) for i in range(3)]
    assert torch.equal(torch.cat(shares), x)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_one_alone_does_nothing():
    x = torch.arange(3)
    with team() as found:
        assert found is ALONE
    assert ALONE.share(x) is x
    assert ALONE.share(None) is None
    assert ALONE.collect(x)[0] is x
    ALONE.add_up([x])
    ALONE.check_same("a", "b", "")
    assert (ALONE.firsts_number(3), x.tolist(), first_to_say("a"), first_to_say("a")) == (3, [0, 1, 2], True, True)


def test_what_the_environment_says(monkeypatch):
    monkeypatch.setenv("RANK", "3")  # some schedulers set it for a process alone
    assert (team_size(), rank(), local_device("cuda")) == (1, 0, "cuda")
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert (team_size(), rank()) == (4, 3)
    assert [local_device(name) for name in ("cpu", "cuda", "cuda:0")] == ["cpu", "cuda:1", "cuda:0"]


SCRIPT = dedent(
    """
    import torch
    import torch.distributed as dist
    from tailormade.processes import first_to_say, team

    for _ in range(2):  # a second group finds together, too
        with team() as found:
            r = found.rank
            a, b, c = torch.tensor([1.0 * r]), torch.full((2, 2), 10.0 * r), torch.tensor([r])
            found.add_up([a, b, c])
            rows = found.collect(torch.full((r, 2), float(r)))
            taken = [torch.tensor([r]), torch.tensor([0.5 + r], dtype=torch.float64)]
            found.take_firsts(taken)
            number = found.firsts_number(2**62 + r), found.firsts_number(0.1 + r)
            try:
                found.check_same("size", "a" if r < 2 else "b", "Mend it.")
            except ValueError as error:
                said = str(error)
    own = dist.is_initialized()
    dist.init_process_group("gloo")
    with team() as found:
        reused = found.firsts_number(5)
    print(a.item(), b.tolist(), c.item(), [x.tolist() for x in rows], [t.item() for t in taken], number)
    print(said, own, reused, dist.is_initialized())
    print("said" if first_to_say("hello") else "silent")
    dist.destroy_process_group()
    """
)


@pytest.mark.slow
def test_three_processes_agree(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    found = together(["script.py"], 3, tmp_path)
    assert [status for status, _, _ in found] == [0, 0, 0], found
    lines = [out.splitlines() for _, out, _ in found]
    assert {tuple(three[:2]) for three in lines} == {(
        "3.0 [[30.0, 30.0], [30.0, 30.0]] 3 [[], [[1.0, 1.0]], [[2.0, 2.0], [2.0, 2.0]]] [0, 0.5] "
        f"({2**62}, 0.1)",
        "size: expected the same on every process, got another on process 2. Mend it. False 5 True",
    )}  # fmt: skip
    assert sorted(three[2] for three in lines) == ["said", "silent", "silent"]


@pytest.mark.slow
def test_the_others_say_so_when_one_leaves(tmp_path):
    (tmp_path / "script.py").write_text(
        "import os\nimport torch\nfrom tailormade.processes import team\nwith team() as found:\n"
        "    found.firsts_number(1)\n    if found.rank == 1:\n        os._exit(9)\n    found.collect(torch.zeros(1))\n"
    )
    (status, _, err), (left, _, _) = together(["script.py"], 2, tmp_path, seconds=60)
    assert (status, left) == (1, 9)
    assert err.splitlines()[-1].endswith(
        "LostProcessError: process 0 of 2: another process has ended, or has not answered for 5 minutes."
    )


@pytest.mark.slow
def test_no_thread_of_a_group_outlives_it(tmp_path):
    # one that still works as Python shuts down ends the program with an abort, now and then
    (tmp_path / "script.py").write_text(
        "from pathlib import Path\nimport torch\nfrom tailormade.processes import team\nwith team() as found:\n"
        "    torch.optim.Adam([torch.zeros(1, requires_grad=True)])\n    found.firsts_number(1)\n"
        "print([t.read_text().strip() for t in Path('/proc/self/task').glob('*/comm')])\n"
    )
    for status, out, err in together(["script.py"], 2, tmp_path):
        assert (status, "gloo" in out) == (0, False), out + err
