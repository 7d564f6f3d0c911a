"""Every flow of the registry: inverse, log-determinant, density, samples, gradients, copies."""

import copy

import pytest
import torch
from flows.flow_cases import CASES, FEW, build, contexts, made, new, rows, with_variables
from helpers import redraw

import tailormade as tm
from tailormade.flows import RationalQuadraticSpline


@pytest.mark.parametrize("name", CASES)
def test_round_trips_both_ways(name):
    flow = build(name)
    x, c = rows(flow, 20), contexts(flow, 20)
    z, ladj = flow.to_noise(x, c)
    assert torch.allclose(flow.to_data(z, c), x, atol=1e-8)
    back, inverse_ladj = flow.to_data_and_ladj(z, c)
    assert torch.allclose(back, x, atol=1e-8)
    assert torch.allclose(inverse_ladj, -ladj, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_log_det_is_that_of_the_jacobian(name):
    flow = build(name)
    x, c = rows(flow, 1)[0], contexts(flow)
    jacobian = torch.func.jacrev(lambda x: flow.to_noise(x, c)[0])(x)
    z, ladj = flow.to_noise(x, c)
    assert torch.allclose(torch.linalg.slogdet(jacobian).logabsdet, ladj, atol=1e-8)
    back = torch.func.jacrev(lambda z: flow.to_data(z, c))(z.detach())
    assert torch.allclose(torch.linalg.slogdet(back).logabsdet, -ladj, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_log_prob_is_that_of_the_base_at_the_noise_plus_log_det(name):
    flow = build(name)
    x, c = rows(flow, 7), contexts(flow, 7)
    z, ladj = flow.to_noise(x, c)
    base = flow.base(c) if flow.base.context else flow.base()
    assert torch.allclose(flow.log_prob(x, c), base.log_prob(z) + ladj)
    assert torch.equal(flow(c).log_prob(x), flow.log_prob(x, c))


@pytest.mark.parametrize("name", with_variables(1))
def test_densities_of_one_variable_integrate_to_1(name):
    flow = build(name)
    grid = torch.linspace(-200, 200, 200_001, dtype=torch.float64)
    for context in [None] if not flow.context else contexts(flow, 3):
        total = torch.trapezoid(flow.log_prob(grid.unsqueeze(-1), context).exp(), grid)
        assert float(total.detach()) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", with_variables(2))
@torch.no_grad()
def test_densities_of_two_variables_integrate_to_1(name):
    flow = build(name)
    if "student" in name:
        flow.base.log_dof.fill_(2.0)  # tails that the grid covers
    points = 71 if "cdf" in name else 301
    t = torch.linspace(-4.5, 4.5, points, dtype=torch.float64)  # sinh: up to 45 scales, for a Student-t base
    grid = torch.cartesian_prod(t, t)
    x = 4.0 + grid.sinh() * torch.tensor([2.0, 4.0])
    slopes = (grid.cosh() * torch.tensor([2.0, 4.0])).prod(-1) * (t[1] - t[0]) ** 2
    for context in [None] if not flow.context else contexts(flow, 2):
        total = (flow.log_prob(x, context).exp() * slopes).sum()
        assert float(total) == pytest.approx(1, abs=2e-3 if "student" in name else 1e-4)


@pytest.mark.parametrize("name", CASES)
def test_samples_have_the_moments_of_the_density(name):
    flow = build(name)
    c, generator = contexts(flow), torch.Generator().manual_seed(0)
    x = flow(c).sample((4000,), generator=generator)
    z, _ = flow.to_noise(x, c)
    base = flow.base(c) if flow.base.context else flow.base()
    expected = base.sample((4000,)).to(z.dtype)
    for power in (1, 2):
        a, b = z.clamp(-4, 4) ** power, expected.clamp(-4, 4) ** power
        assert bool(((a.mean(0) - b.mean(0)).abs() < 5 * (2 * a.var(0) / 4000).sqrt()).all())


@pytest.mark.parametrize("name", FEW)
def test_same_generator_same_samples_and_no_global_draw(name):
    flow = build(name)
    density, before = flow(contexts(flow, 2)), torch.get_rng_state()
    drawn = [density.sample((3,), generator=torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert torch.equal(before, torch.get_rng_state())


def test_without_a_generator_manual_seed_governs():
    density = build("maf_without_context")()
    torch.manual_seed(3)
    first = density.sample((2,))
    torch.manual_seed(3)
    assert torch.equal(first, density.sample((2,)))
    assert not torch.equal(first, density.sample((2,)))


@pytest.mark.parametrize("name", ["maf_plain", "iaf_plain", "maf_batch_norm", "iaf_linear", "maf_student"])
def test_rsample_is_differentiable_with_respect_to_weights_and_context(name):
    flow = build(name)
    c = contexts(flow, 2).requires_grad_()

    def draw():
        return flow(c).rsample((3,), generator=torch.Generator().manual_seed(0))

    draw().square().sum().backward()
    grads = {n: p.grad for n, p in flow.named_parameters() if p.requires_grad}
    assert all(g is not None and bool(g.isfinite().all()) for g in [*grads.values(), c.grad])
    weight = flow.transforms[0].network.layers[-1].bias
    step = torch.zeros_like(weight)
    step[0] = 1e-6
    with torch.no_grad():
        weight += step
        up = draw().square().sum()
        weight -= 2 * step
        down = draw().square().sum()
    assert float((up - down) / 2e-6) == pytest.approx(float(weight.grad[0]), rel=1e-4)


@pytest.mark.parametrize("kind", ["maf", "iaf"])
def test_rsample_and_log_prob_agree(kind):
    flow = build(f"{kind}_plain")
    density = flow(contexts(flow, 2))
    x, log = density.rsample_and_log_prob((5,), generator=torch.Generator().manual_seed(0))
    assert torch.equal(x, density.rsample((5,), generator=torch.Generator().manual_seed(0)))
    assert torch.allclose(log, density.log_prob(x))


def test_an_iaf_samples_in_one_pass_a_transform():
    flow, calls = build("iaf_plain"), []
    for transform in flow.transforms:
        transform.network.register_forward_hook(lambda *_: calls.append(1))
    flow(contexts(flow, 2)).rsample_and_log_prob((5,))
    assert len(calls) == len(flow.transforms)


def test_a_maf_scores_in_one_pass_a_transform():
    flow, calls = build("maf_plain"), []
    for transform in flow.transforms:
        transform.network.register_forward_hook(lambda *_: calls.append(1))
    flow.log_prob(rows(flow, 5), contexts(flow, 5))
    assert len(calls) == len(flow.transforms)


def test_bases_without_differentiable_samples_say_so():
    density = build("maf_mixture")(contexts(build("maf_mixture")))
    assert not density.has_rsample
    with pytest.raises(NotImplementedError, match="differentiable samples, got MixtureBase; use sample"):
        density.rsample()


@pytest.mark.parametrize("name", CASES)
def test_copies_and_state_dicts_are_the_same_flow(name):
    flow = build(name)
    x, c = rows(flow, 5), contexts(flow, 5)
    expected = flow.log_prob(x, c)
    assert torch.equal(copy.deepcopy(flow).log_prob(x, c), expected)
    other = redraw(new(name).double(), seed=9).eval()
    assert not torch.equal(other.log_prob(x, c), expected)
    other.load_state_dict(flow.state_dict())
    assert torch.equal(other.log_prob(x, c), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", ["maf_plain", "iaf_activation_norm", "maf_batch_norm", "maf_student", "maf_clusters"])
def test_other_types(name, dtype):
    flow, wide = build(name).to(dtype), build(name)
    x, c = rows(flow, 50), contexts(flow, 50)
    log = flow.log_prob(x.float(), c.float())
    assert log.dtype == torch.float32
    assert torch.allclose(log.double(), wide.log_prob(x, c), atol=1e-3 if dtype == torch.float32 else 0.5)
    assert flow(c.float()).sample().dtype == torch.float32


def test_float64_data_far_from_zero_keep_their_differences_in_a_float32_flow():
    flow = tm.MAF(1, transforms=1, hidden_units=(), seed=0)
    x = 1e9 + torch.arange(100.0, dtype=torch.float64).unsqueeze(-1)
    flow.adapt(x)
    assert len(flow.to_noise(x)[0].unique()) == 100


@pytest.mark.parametrize("name", ["maf_plain", "iaf_plain", "maf_spline", "iaf_spline"])
def test_far_values_stay_finite_with_finite_gradients(name):
    flow = build(name).float()
    x, c = torch.tensor([1e3, -1e3, 1e3], requires_grad=True), contexts(flow).float()
    log = flow.log_prob(x, c)
    log.backward()
    assert bool(log.isfinite())
    assert bool(x.grad.isfinite().all())


@pytest.mark.parametrize("name", FEW)
def test_batches(name):
    flow = build(name)
    c = contexts(flow)
    assert flow.log_prob(rows(flow, 0), c).shape == (0,)
    assert flow(c).sample((0,)).shape == (0, flow.features)
    x = rows(flow, 12).reshape(2, 6, -1)
    many = flow.log_prob(x, contexts(flow, 6))
    assert many.shape == (2, 6)
    assert torch.allclose(many[1, 2], flow.log_prob(x[1, 2], contexts(flow, 6)[2]))
    assert flow.log_prob(x[0, 0], contexts(flow, 2, 5)).shape == (2, 5)
    assert torch.allclose(flow.log_prob(x.mT.contiguous().mT, c), flow.log_prob(x, c))


def test_orders():
    def taken(**options):
        flow = tm.MAF(4, transforms=3, hidden_units=(8,), seed=0, **options)
        return [t.degrees.inputs.tolist() for t in flow.transforms]

    assert taken() == [[1, 2, 3, 4], [4, 3, 2, 1], [1, 2, 3, 4]]
    assert taken(orders="fixed") == [[1, 2, 3, 4]] * 3
    assert len({tuple(order) for order in taken(orders="random")}) == 3
    assert taken(orders=["right-to-left", [2, 1, 4, 3], "left-to-right"])[:2] == [[4, 3, 2, 1], [2, 1, 4, 3]]


def test_same_seed_same_weights_and_no_global_draw():
    before = torch.get_rng_state()
    one, two, three = (tm.MAF(3, hidden_units=(8,), orders="random", seed=seed) for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    states = [torch.cat([p.detach().flatten() for p in m.parameters()]) for m in (one, two, three)]
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


def test_the_context_reaches_the_first_variable_non_linearly():
    flow = build("maf_one_with_context")

    def noise(c):
        return flow.to_noise(torch.full((1,), 4.0, dtype=c.dtype), c)[0].sum()

    second = torch.func.jacrev(torch.func.jacrev(noise))(contexts(flow))
    assert float(second.detach().abs().max()) > 1e-4


@pytest.mark.parametrize("scale", [1.0, 50.0])
def test_adapt_standardises_data_and_context(scale):
    flow = tm.MAF(3, 2, transforms=1, hidden_units=(8,), seed=0)
    x, c = scale * rows(flow).float(), scale * contexts(flow, 200).float()
    flow.adapt(x, c)
    z, ladj = flow.stack.layers[0].to_noise(x, None)
    assert torch.allclose(z.mean(0), torch.zeros(3), atol=1e-5)
    assert torch.allclose(z.std(0, correction=0), torch.ones(3), atol=1e-5)
    assert torch.allclose(ladj, -x.std(0, correction=0).log().sum(), atol=1e-5)
    assert torch.allclose(flow.context_shift, c.mean(0), atol=1e-4)
    assert torch.allclose(flow.context_scale, c.std(0, correction=0), rtol=1e-4)


def test_adapt_reaches_a_made_that_is_the_base():
    flow = tm.MAF(3, 2, transforms=1, hidden_units=(8,), base=made(3, 2), standardise=False, seed=0).double()
    x, c = rows(flow), contexts(flow, 200)
    flow.adapt(x, c)
    z, _ = flow.to_noise(x, c)
    assert torch.allclose(flow.base.input_shift, z.mean(0))
    assert torch.allclose(flow.base.context_shift, c.mean(0))


def test_constant_columns_are_only_shifted():
    flow = tm.MAF(2, transforms=1, hidden_units=(), seed=0)
    flow.adapt(torch.tensor([[5.0, 1.0], [5.0, 3.0]]))
    assert flow.stack.layers[0].scale.tolist() == [1, 1]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the compiler itself uses
@pytest.mark.parametrize(
    "options",
    [{"normalisation": "batch", "linear": True, "base": "student"}, {"base": "mixture", "normalisation": "activation"},
     {"bijection": RationalQuadraticSpline()}],
)  # fmt: skip
def test_log_prob_compiles_in_one_graph(options):
    flow = tm.MAF(3, 2, transforms=2, hidden_units=(8,), seed=0, **options).eval()
    x, c = torch.randn(5, 3), torch.randn(5, 2)
    torch._dynamo.reset()
    compiled = torch.compile(flow.log_prob, fullgraph=True)
    assert torch.allclose(compiled(x, c), flow.log_prob(x, c), atol=1e-5)


BAD = {
    "no variable": ({"features": 0}, "features, context: expected at least 1 and 0, got 0"),
    "no transform": ({"transforms": 0}, "transforms: expected at least 1, got 0"),
    "order": ({"orders": "shuffled"}, r"orders: expected one of \['fixed', 'random', 'reversed'\]"),
    "too few orders": ({"orders": ["random"]}, "orders: expected one for each of 2 transforms, got 1"),
    "base": ({"base": "cauchy"}, r"base: expected one of \['mixture', 'normal', 'student'\], a base or a MADE"),
    "base of another width": ({"base": tm.flows.StudentBase(2)}, "base: expected 3 variables, as the flow has, got 2"),
    "base of another context": ({"base": tm.MADE(3, 1, hidden_units=(4,), seed=0)}, "context of width 2"),
    "discrete base": ({"base": tm.MADE(3, hidden_units=(4,), seed=0)}, "base: expected continuous conditionals"),
    "normalisation": ({"normalisation": "layer"}, r"normalisation: expected one of \['activation', 'batch'\] or None"),
    "bounded": (
        {"bijection": tm.flows.CdfBijection(tm.Histogram(4))},
        "bijection: expected one that takes all numbers",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_are_refused(name):
    options, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        new("maf_plain", **options)


def test_arguments_of_the_wrong_type_are_refused():
    with pytest.raises(TypeError, match=r"base: expected one of .* got Linear"):
        new("maf_plain", base=torch.nn.Linear(3, 3))
    with pytest.raises(TypeError, match="bijection"):
        new("maf_plain", bijection=2)
    with pytest.raises(ValueError, match=r"bijection: expected one of \['affine', 'spline'\] or a bijection .*'sline'"):
        new("maf_plain", bijection="sline")


def test_bijections_have_names():
    assert new("maf_plain", bijection="spline").bijection == RationalQuadraticSpline()
    assert new("maf_plain", bijection="affine").bijection == tm.flows.Affine()
