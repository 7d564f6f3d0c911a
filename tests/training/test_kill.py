"""A fit that is killed at random moments; many rounds of the same are in benchmarks/kill_resume.py."""

import pytest

from benchmarks.kill_resume import run


@pytest.mark.slow
def test_killed_fits_always_leave_a_model_that_loads_and_resume_to_the_same_weights():
    result = run(rounds=3, seed=1)
    assert result["kills"] > 0
    assert result["loads"] + result["absent"] == result["kills"]
    assert result["same_weights"] == 3
