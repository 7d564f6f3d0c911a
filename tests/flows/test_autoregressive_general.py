"""The general autoregressive distribution: any callable, and the fast way where it is one of our networks."""

import pytest
import torch
from helpers import redraw
from torch.distributions import Bernoulli, Categorical, Distribution, Gamma, Independent, MixtureSameFamily, Normal

import tailormade as tm
from tailormade.flows import Autoregressive, NetworkConditionals
from tailormade.flows.product import ProductDistribution


def walk(x, slope=1.0):
    """x_i ~ N(slope x_{i-1}, 1)."""
    return Independent(Normal(slope * torch.nn.functional.pad(x[..., :-1], (1, 0)), 1.0), 1)


def chain(x):
    """The same on an image: every row goes on where the one above ended."""
    flat = torch.nn.functional.pad(x.flatten(-2)[..., :-1], (1, 0)).unflatten(-1, x.shape[-2:])
    return Independent(Normal(flat, 1.0), 2)


class Counted:
    """A callable that knows how often it was called."""

    def __init__(self, fn):
        self.fn, self.calls = fn, 0

    def __call__(self, *x):
        self.calls += 1
        return self.fn(*x)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_log_prob_is_one_call_of_the_callable():
    fn = Counted(walk)
    density = Autoregressive(fn, torch.zeros(3))
    fn.calls = 0
    x = torch.tensor([[1.0, 3.0, 2.0]])
    assert torch.allclose(density.log_prob(x), Normal(0.0, 1.0).log_prob(torch.tensor([[1.0, 2.0, -1.0]])).sum(-1))
    assert fn.calls == 1


def test_samples_are_of_the_joint_density():
    x = Autoregressive(walk, torch.zeros(3, dtype=torch.float64)).sample((40000,), generator=seeded(0))
    expected = torch.tensor([[1.0, 1.0, 1.0], [1.0, 2.0, 2.0], [1.0, 2.0, 3.0]], dtype=torch.float64)
    assert torch.allclose(x.T.cov(), expected, atol=0.12)  # 6 standard errors


def test_sampling_stops_where_nothing_changes_any_more():
    fn = Counted(lambda x: walk(x, slope=0.0))
    density = Autoregressive(fn, torch.zeros(50))
    fn.calls = 0
    density.sample((2,))
    assert fn.calls <= 3


def test_steps_in_groups_are_enough():
    def pairs(x):
        return Independent(Normal(torch.cat([0 * x[..., :2], x[..., :2]], -1), 1.0), 1)

    few = Autoregressive(pairs, torch.zeros(4), num_steps=1).sample((5,), generator=seeded(1))
    all_steps = Autoregressive(pairs, torch.zeros(4)).sample((5,), generator=seeded(1))
    assert torch.equal(few, all_steps)


def test_no_step_is_a_draw_at_the_start():
    start = torch.tensor([10.0, 20.0, 30.0])
    x = Autoregressive(walk, start, num_steps=0).sample((1000,), generator=seeded(2))
    assert torch.allclose(x.mean(0), torch.tensor([0.0, 10.0, 20.0]), atol=0.2)


def test_without_a_start_the_callable_is_called_without_arguments():
    def start(*x):
        return walk(x[0]) if x else walk(torch.full((2,), 100.0))

    assert Autoregressive(start, num_steps=0).sample()[1] > 50
    assert Autoregressive(start).sample((3,)).abs().max() < 50


def test_an_event_may_have_any_rank():
    density = Autoregressive(chain, torch.zeros(2, 2))
    assert density.event_shape == (2, 2)
    assert density.log_prob(torch.zeros(5, 2, 2)).shape == (5,)
    x = density.sample((20000,), generator=seeded(3))
    assert torch.allclose(x.var(0), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), rtol=0.06)


def test_batch_shapes_broadcast_both_ways():
    density = Autoregressive(walk, torch.zeros(4, 1, 3))
    assert (density.batch_shape, density.event_shape) == ((4, 1), (3,))
    assert density.sample((2, 7)).shape == (2, 7, 4, 1, 3)
    assert density.log_prob(torch.zeros(3)).shape == (4, 1)
    assert density.log_prob(torch.zeros(5, 3)).shape == (4, 5)
    wider = density.expand((6, 4, 5))
    assert (wider.batch_shape, wider.sample((2,)).shape) == ((6, 4, 5), (2, 6, 4, 5, 3))
    assert wider.rsample().shape == (6, 4, 5, 3)
    assert wider.log_prob(torch.zeros(3)).shape == (6, 4, 5)
    with pytest.raises(ValueError, match="broadcasts to"):
        density.expand((3,))


def test_edge_sizes():
    density = Autoregressive(walk, torch.zeros(1))
    assert density.sample().shape == (1,)
    assert density.sample((0,)).shape == (0, 1)
    fast = Autoregressive(NetworkConditionals(network(1, features=1), tm.Bernoulli()))
    assert fast.sample((0, 2)).shape == (0, 2, 1)
    assert fast.sample().shape == (1,)
    assert fast.log_prob(torch.zeros(0, 1)).shape == (0,)


def test_it_is_a_citizen_of_torch():
    parts = Autoregressive(walk, torch.zeros(2, 3))
    mixture = MixtureSameFamily(Categorical(torch.ones(2)), parts)
    assert mixture.log_prob(torch.zeros(5, 3)).shape == (5,)
    assert mixture.sample((5,)).shape == (5, 3)
    assert Independent(parts, 1).log_prob(torch.zeros(2, 3)).shape == ()
    assert parts.has_rsample
    assert bool(parts.support.check(torch.zeros(3)))


def test_gradients_of_samples_are_exact():
    slope = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    density = Autoregressive(lambda x: walk(x, slope), torch.zeros(3, dtype=torch.float64))
    x = density.rsample((4,), generator=seeded(4))
    assert torch.equal(x, density.sample((4,), generator=seeded(4)))
    noise = x - slope * torch.nn.functional.pad(x[..., :-1], (1, 0))
    by_hand = noise.detach()[:, 0] * 2 * slope + noise.detach()[:, 1]  # d x_3 / d slope
    (found,) = torch.autograd.grad(x[:, 2].sum(), slope)
    assert torch.allclose(found, by_hand.sum())


def test_same_seed_same_samples_and_no_trace():
    density = Autoregressive(walk, torch.zeros(3))
    before = torch.get_rng_state()
    a, b = (density.sample((4,), generator=seeded(5)) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(a, b)
    assert not torch.equal(density.sample((4,)), density.sample((4,)))
    torch.manual_seed(1)
    a = density.sample((4,))
    torch.manual_seed(1)
    assert torch.equal(density.sample((4,)), a)


# --- what it refuses


def test_a_callable_that_looks_ahead_is_noticed():
    def ahead(x):
        return Independent(Normal(x.sum(-1, keepdim=True).expand(x.shape), 1.0), 1)

    with pytest.raises(ValueError, match="settles in 3 steps, got samples that still change"):
        Autoregressive(ahead, torch.zeros(3), validate_args=True).sample((2,))
    assert Autoregressive(ahead, torch.zeros(3), validate_args=False).sample((2,)).shape == (2, 3)


def test_a_distribution_that_rejects_draws_is_noticed():
    def gammas(x):
        return Independent(Gamma(torch.nn.functional.pad(x[..., :-1], (1, 0)) + 0.5, 1.0), 1)

    with pytest.raises(ValueError, match="rejects draws"):
        Autoregressive(gammas, torch.zeros(2), validate_args=True).sample((500,))


def test_errors_say_what_was_expected():
    with pytest.raises(TypeError, match=r"returns a torch distribution, got Tensor; tm\.flows\.NetworkConditionals"):
        Autoregressive(lambda x: x, torch.zeros(3))
    with pytest.raises(ValueError, match="num_steps: expected a number of at least 0, got -1"):
        Autoregressive(walk, torch.zeros(3), num_steps=-1)
    density = Autoregressive(walk, torch.zeros(3))
    with pytest.raises(ValueError, match=r"value: expected event_shape \(3,\), got shape \(5, 2\)"):
        density.log_prob(torch.zeros(5, 2))
    flags = Autoregressive(lambda x: Independent(Bernoulli(logits=0 * x), 1), torch.zeros(3), validate_args=True)
    with pytest.raises(ValueError, match="within the support"):
        flags.log_prob(torch.full((3,), 0.5))


# --- our networks


def network(params, context=0, order="left-to-right", features=5, seed=0):
    torch.manual_seed(seed)
    made = tm.AutoregressiveNetwork(
        params, event_shape=features, conditional=context > 0, conditional_event_shape=context or None,
        conditional_input_layers="degree_zero", hidden_units=[16, 16], input_order=order, activation="tanh",
    )  # fmt: skip
    return redraw(made.double(), seed)


CONTEXT = torch.randn(4, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
MIXED = [tm.Categorical(3), tm.Bernoulli(), tm.NormalMixture(2), tm.Ordinal(4), tm.Normal()]
CALLABLES = {
    "bernoulli": lambda: NetworkConditionals(network(1), tm.Bernoulli()),
    "normal, context": lambda: NetworkConditionals(network(2, 2), tm.Normal(), context=CONTEXT),
    "one each": lambda: NetworkConditionals(network([1, 2, 1, 2, 6]), [
        tm.Bernoulli(), tm.Normal(), tm.Bernoulli(), tm.Normal(scale=3.0), tm.NormalMixture(2)]),
    "right to left": lambda: NetworkConditionals(network(1, 0, "right-to-left"), tm.Bernoulli()),
    "random order, context": lambda: NetworkConditionals(network(1, 2, "random"), tm.Bernoulli(), context=CONTEXT),
    "made": lambda: NetworkConditionals(
        redraw(tm.MADE(5, conditionals=MIXED, hidden_units=(16,), orders=2, seed=0).double()), order=1),
    "made, context": lambda: NetworkConditionals(
        redraw(tm.MADE(5, 2, hidden_units=(16,), seed=0).double()), context=CONTEXT),
}  # fmt: skip


@pytest.fixture(params=CALLABLES)
def fn(request):
    return CALLABLES[request.param]()


@pytest.mark.parametrize("engine", ["auto", "loop", "torch"])
def test_the_fast_way_draws_what_the_steps_draw(fn, engine):
    zeros = torch.zeros(fn.features, dtype=torch.float64)
    slow = Autoregressive(lambda x: fn(x), zeros).sample((3, 2), generator=seeded(6))
    with tm.sampling.use_engine(engine):
        fast = Autoregressive(fn, zeros).sample((3, 2), generator=seeded(6))
    assert fast.shape == slow.shape
    assert torch.allclose(fast, slow, rtol=1e-10, atol=1e-10)


def test_the_fast_way_calls_the_network_no_more(fn, monkeypatch):
    density = Autoregressive(fn)
    monkeypatch.setattr(NetworkConditionals, "__call__", None)
    assert density.sample((2,)).shape == (2, *density.batch_shape, 5)


def test_fewer_steps_are_taken_as_they_are():
    fn = CALLABLES["normal, context"]()
    early = Autoregressive(fn, num_steps=1).sample(generator=seeded(7))
    assert not torch.allclose(early, Autoregressive(fn).sample(generator=seeded(7)))
    assert torch.equal(early, Autoregressive(lambda x=None: fn(x), num_steps=1).sample(generator=seeded(7)))


def test_the_density_is_that_of_the_made():
    made = redraw(tm.MADE(5, conditionals=MIXED, hidden_units=(16,), orders=2, seed=0).double())
    x = made().sample((7,))
    for order in (0, 1):
        density = Autoregressive(NetworkConditionals(made, order=order))
        assert torch.allclose(density.log_prob(x), made(order=order).log_prob(x), rtol=1e-12)


def test_a_density_of_states_sums_to_one():
    density = Autoregressive(NetworkConditionals(network(1, 2, "random"), tm.Bernoulli(), context=CONTEXT))
    states = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * 5).unsqueeze(1)
    assert torch.allclose(density.log_prob(states).exp().sum(0), torch.ones(4, dtype=torch.float64))


def test_new_weights_are_seen():
    fn = CALLABLES["normal, context"]()
    density = Autoregressive(fn)
    before = density.sample(generator=seeded(8))
    redraw(fn.network, 9)
    after = density.sample(generator=seeded(8))
    assert not torch.allclose(before, after)
    assert torch.allclose(after, Autoregressive(lambda x=None: fn(x)).sample(generator=seeded(8)))


def test_constraints_hold_before_anything_is_drawn():
    made = tm.AutoregressiveNetwork(1, event_shape=5, kernel_constraint=lambda w: w.clamp(-0.01, 0.01)).double()
    fn = NetworkConditionals(made, tm.Bernoulli())
    density = Autoregressive(fn)
    redraw(made, scale=9.0)
    fast = density.sample((20,), generator=seeded(8))
    assert torch.equal(fast, Autoregressive(lambda x=None: fn(x)).sample((20,), generator=seeded(8)))


def test_a_subclass_with_a_forward_of_its_own_is_not_bypassed():
    class Even(tm.AutoregressiveNetwork):
        def forward(self, x, conditional_input=None):
            return 0 * super().forward(x, conditional_input)

    fn = NetworkConditionals(redraw(Even(1, event_shape=5), scale=9.0), tm.Bernoulli())
    assert Autoregressive(fn).sample((2000,)).mean(0).sub(0.5).abs().max() < 0.06


def test_gradients_reach_the_network():
    fn = CALLABLES["bernoulli"]()
    Autoregressive(fn).log_prob(torch.ones(3, 5, dtype=torch.float64)).sum().backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in fn.network.parameters())


def test_the_callable_gives_a_distribution():
    fn = CALLABLES["one each"]()
    d = fn(torch.zeros(4, 5, dtype=torch.float64))
    assert isinstance(d, Distribution)
    assert (d.batch_shape, d.event_shape) == ((4,), (5,))
    assert d.expand((3, 4)).log_prob(torch.zeros(5)).shape == (3, 4)
    raw = d.raw[0]
    expected = tm.Bernoulli().log_prob(raw[:1], torch.tensor(1.0)) + tm.Normal().log_prob(raw[1:3], torch.tensor(2.0))
    expected = expected + tm.Bernoulli().log_prob(raw[3:4], torch.tensor(0.0))
    expected = expected + tm.Normal(scale=3.0).log_prob(raw[4:6], torch.tensor(-1.0))
    expected = expected + tm.NormalMixture(2).log_prob(raw[6:], torch.tensor(0.5))
    assert torch.allclose(d.log_prob(torch.tensor([1.0, 2.0, 0.0, -1.0, 0.5]))[0], expected)
    with pytest.raises(ValueError, match=r"value: column 0 has 0\.5 in row 0"):
        ProductDistribution(fn.layout, d.raw, validate_args=True).log_prob(torch.full((5,), 0.5))
    with pytest.raises(ValueError, match=r"value: expected event_shape \(5,\)"):
        d.log_prob(torch.zeros(4))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (lambda: (network(1),), "conditionals: expected those of the network's outputs, got None"),
        (
            lambda: (network(2), tm.Bernoulli()),
            r"expected params \[2, 2, 2, 2, 2\], as .* puts out, got \[1, 1",
        ),
        (lambda: (network(3), tm.Categorical(3)), r"one number, got Categorical\(.*\), whose code has 3; use tm.MADE"),
        (lambda: (tm.MADE(5, seed=0), tm.Bernoulli()), "conditionals: expected None, as this model has its own"),
        (lambda: (network(1, 2), tm.Bernoulli()), "context.* must be passed"),
    ],
)
def test_conditionals_must_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        NetworkConditionals(*arguments())


def test_other_networks_are_no_networks_of_ours():
    with pytest.raises(TypeError, match="network: expected an AutoregressiveNetwork or a MADE, got Linear"):
        NetworkConditionals(torch.nn.Linear(3, 3), tm.Bernoulli())
