"""The same seed gives the same samples: whatever ran before, in any thread, after a fork."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from helpers import context_for, redraw
from sampling.drawing import FAST, drawn, noise_for, sampled, source_of

from tailormade import MADE, Bernoulli, Categorical
from tailormade.sampling import threads, use_engine
from tailormade.sampling.table import LANES

ENGINES = ["auto", "loop", *FAST]
WAIT = 60  # seconds, for a child that would hang


def create(seed=0, features=6, **options):
    events = [Bernoulli(), Categorical(3)] * (features // 2)
    options = {"hidden_units": (14,), "input_order": "random", **options}
    return redraw(MADE(features, 2, conditionals=events, seed=seed, **options), seed, scale=1.0)


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def as_if_two_threads(monkeypatch):
    """Our own threads alone: a child must not use those of torch's that its parent had."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("orders", [1, 3])
def test_the_same_seed(engine, orders):
    model = create(orders=orders)
    dist = model(context_for(model, 5))
    first, again, other = (sampled(engine, dist, 20, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_generator_leaves_torchs_own_alone(engine):
    model = create()
    before = torch.get_rng_state()
    sampled(engine, model(context_for(model, 5)), 20)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("engine", ENGINES)
def test_without_a_generator_torchs_own_governs(engine):
    model = create()
    dist, state = model(context_for(model, 5)), torch.get_rng_state()
    with use_engine(engine):
        first, second = dist.sample((20,)), dist.sample((20,))
        torch.set_rng_state(state)
        assert torch.equal(dist.sample((20,)), first)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("engine", FAST)
def test_what_ran_before_does_not_matter(engine):
    model, other = create(), create(1, hidden_units=(5, 5))
    dist, another = model(context_for(model, 40)), other(context_for(other, 40))
    first = sampled(engine, dist, 20)
    for before in ENGINES:
        for rows in (1, 30):
            sampled(before, another, rows)
            sampled(before, dist, rows, seed=7)
        assert torch.equal(sampled(engine, dist, 20), first)


@pytest.mark.parametrize("threads_of_torch", [1, 2])
@pytest.mark.parametrize("engine", FAST)
def test_from_several_threads_at_once(engine, threads_of_torch, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads_of_torch)
    models = [create(seed).double() for seed in range(4)]
    jobs = [(model, 300 * (1 + i), i) for model in models for i in range(4)]

    def job(model, rows, seed, name):
        return drawn(name, source_of(model, rows), noise_for(model, rows, seed))

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(job, *arguments, engine) for arguments in jobs]
        samples = [future.result(WAIT) for future in futures]
    assert all(torch.equal(x, job(*arguments, "loop")) for x, arguments in zip(samples, jobs, strict=True))


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("rows", [511, 512, 1000])
def test_with_torchs_threads(engine, rows, request):
    model = create(hidden_units=(30, 30), features=10).double()
    source, noise = source_of(model, rows), noise_for(model, rows)
    expected = drawn("loop", source, noise)
    request.getfixturevalue("two_threads")
    assert torch.get_num_threads() == 2
    assert torch.equal(drawn(engine, source, noise), expected)


def ranges(n):
    """The ranges that were run, and how many threads ran them."""
    seen = []
    threads.run_ranges(lambda start, stop: seen.append((start, stop, threading.get_ident())), n)
    return sorted((a, b) for a, b, _ in seen), {ident for *_, ident in seen}


@pytest.mark.parametrize("n", [0, 1, LANES, 4 * LANES - 128, 4 * LANES, 5 * LANES + 1, 17 * LANES - 3, 40 * LANES])
@pytest.mark.parametrize("number", [1, 2, 3, 8])
def test_ranges_cover_all_samples_in_whole_lanes(n, number, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: number)
    found, idents = ranges(n)
    assert [i for a, b in found for i in range(a, b)] == list(range(n))
    assert all(a % LANES == 0 and (b == n or b - a >= 2 * LANES) for a, b in found)
    assert len(found) == max(1, min(number, -(-n // LANES) // 2))
    assert len(idents) <= number
    assert threading.get_ident() in idents


@pytest.mark.usefixtures("as_if_two_threads")
@pytest.mark.parametrize("bad", [0, 4 * LANES], ids=["own", "other"])
def test_an_exception_in_any_thread_is_raised(bad):
    def fail(start, stop):
        if start <= bad < stop:
            raise KeyError(bad)

    with pytest.raises(KeyError):
        threads.run_ranges(fail, 6 * LANES)


def in_child(job):
    """The result of a job in a forked child; fails if that hangs."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=lambda: theirs.send(job()))
    process.start()
    answered = ours.poll(WAIT)
    if not answered:
        process.kill()
    process.join(WAIT)
    assert answered, "the child hangs or died"
    return ours.recv()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.usefixtures("as_if_two_threads")
@pytest.mark.parametrize("rows", [1, 30, 5 * LANES])
@pytest.mark.parametrize("engine", FAST)
def test_in_a_forked_child(engine, rows):
    model = create()

    def job():
        return sampled(engine, model(context_for(model, rows)), 1).tolist()

    drawn("compiled", source_of(model, 600), noise_for(model, 600))
    assert threads._pool.cache_info().currsize > 0
    expected = job()
    assert in_child(job) == expected
    assert job() == expected
