"""The registry of families that the property tests of conditionals run on, and what those tests share."""

import torch

from tailormade.conditionals import (
    Bernoulli,
    Categorical,
    DiscretisedLogistics,
    Heaped,
    Histogram,
    Layout,
    LogisticMixture,
    NegativeBinomial,
    Normal,
    NormalMixture,
    Ordinal,
    PointMasses,
    Poisson,
    Recurring,
    Spline,
    StudentTMixture,
)

FINITE = {
    "bernoulli": Bernoulli(),
    "one_category": Categorical(1),
    "five_categories": Categorical(5),
    "coded": Categorical(40, code=8),
    "ordinal_one": Ordinal(1),
    "ordinal_two": Ordinal(2),
    "ordinal_seven": Ordinal(7),
    "grey": DiscretisedLogistics(3, low=0, high=15, loc=8.0, scale=4.0),
    "single_grey": DiscretisedLogistics(2, low=0, high=0),
    "points_in_grey": PointMasses((3.0, 7.0), DiscretisedLogistics(2, low=0, high=9, loc=4.0, scale=2.0)),
}
WHOLE = {
    "poisson": Poisson(),
    "negative_binomial": NegativeBinomial(),
    "integers": DiscretisedLogistics(3, loc=2.0, scale=4.0),
    "integers_from_0": DiscretisedLogistics(3, low=0, loc=3.0, scale=4.0, warp=True),
    "quarters": DiscretisedLogistics(2, low=-8.25, offset=0.5, step=0.25, loc=0.5, scale=0.5),
    "heaped": Heaped(DiscretisedLogistics(2, step=0.25, loc=3.0, scale=2.0), 1.0),
    "heaped_from_0": Heaped(DiscretisedLogistics(2, step=0.2, low=0, high=9, loc=4.0, scale=4.0, warp=True), 1.0),
    "heaped_halves": Heaped(DiscretisedLogistics(2, step=0.5, low=-4.0, high=9.0, loc=3.0, scale=2.0), 1.0),
    "recurring": Recurring(DiscretisedLogistics(3, loc=2.0, scale=4.0), (-3.0, 0.0, 1.0, 2.0, 9.0), 0.8),
    "recurring_bounded": Recurring(
        DiscretisedLogistics(2, low=0, high=20, loc=5.0, scale=4.0, warp=True), (0.0, 4.0, 12.0, 20.0), 0.95
    ),
    "recurring_one": Recurring(DiscretisedLogistics(1, loc=2.0, scale=4.0), (3.0,), 1.0),
    "points_in_integers": PointMasses((0.0, 40.0), DiscretisedLogistics(3, low=0, loc=35.0, scale=8.0, warp=True)),
}
SMOOTH = {
    "normal": Normal(),
    "normal_moved": Normal(loc=1e6, scale=1000.0, min_scale=1.0),
    "normal_warped": Normal(loc=3.0, scale=2.0, min_scale=0.5, warp=True),
    "normals": NormalMixture(3, loc=-2.0, scale=0.25),
    "normals_warped": NormalMixture(3, loc=-2.0, scale=0.25, min_scale=0.01, warp=True),
    "logistics": LogisticMixture(3, loc=5.0, scale=2.0, min_scale=0.3),
    "logistics_warped": LogisticMixture(2, scale=8.0, warp=True),
    "cauchys": StudentTMixture(2, 1, loc=2.0),
    "students_2": StudentTMixture(2, 2, loc=2.0, scale=0.5),
    "students_4": StudentTMixture(3, 4, warp=True),
}
BOUNDED = {
    "histogram": Histogram(6, -1.0, 3.0),
    "one_bin": Histogram(1, 0.0, 2.0),
    "spline": Spline(5, -1.0, 3.0),
    "spline_one": Spline(1, 0.0, 2.0),
}
RECORDED = {
    "heaped_years": Heaped(
        DiscretisedLogistics(3, step=0.25, low=0, loc=30.0, scale=16.0, warp=True, density=True), 1.0
    ),
    "points_in_heaped": PointMasses(
        (0.0, 2.5), Heaped(DiscretisedLogistics(2, step=0.5, low=0.0, loc=4.0, scale=2.0, density=True), 1.0)
    ),
    "recurring_halves": Recurring(
        DiscretisedLogistics(2, step=0.5, loc=1.0, scale=2.0, density=True), (-2.5, 0.0, 3.5), 0.7
    ),
    "hundredths": DiscretisedLogistics(3, step=0.01, loc=0.5, scale=0.25, density=True),
    "recorded_halves": DiscretisedLogistics(2, low=0.0, step=0.5, loc=4.0, scale=2.0, warp=True, density=True),
    "points_in_recorded": PointMasses(
        (0.0, 2.5), DiscretisedLogistics(2, low=0.0, step=0.5, loc=4.0, scale=2.0, density=True)
    ),
}
POINTS = {
    "points_in_normals": PointMasses((0.0, -1.5), NormalMixture(2, loc=1.0, scale=2.0)),
    "points_in_logistics": PointMasses((0.0,), LogisticMixture(2, scale=2.0, warp=True)),
    "points_in_spline": PointMasses((0.0, 5.0, 1.0), Spline(4, 0.0, 5.0)),
}
DISCRETE = FINITE | WHOLE
CONTINUOUS = SMOOTH | BOUNDED
FAMILIES = DISCRETE | CONTINUOUS | RECORDED | POINTS
SCALED = {**SMOOTH, **BOUNDED, **RECORDED, **POINTS}  # densities, at least off some points


def raw_for(family, *batch, seed=2, size=0.5, dtype=torch.float64):
    """Moderate raw parameters: most of the mass is near the centre of the family."""
    generator = torch.Generator().manual_seed(seed)
    return (size * torch.randn(*batch, family.params, generator=generator, dtype=torch.float64)).to(dtype)


def noise_for(family, *batch, seed=5, dtype=torch.float64):
    """Uniform noise."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(*batch, family.noise, generator=generator, dtype=torch.float64).to(dtype)


def values_for(family, *batch, seed=5):
    """Values of the support, at random."""
    return family.sample(raw_for(family, *batch, seed=seed), noise_for(family, *batch, seed=seed))


def points_of(family):
    """The single values of a family, if it has any."""
    return torch.tensor(family.values if isinstance(family, PointMasses) else (), dtype=torch.float64)


def step_of(family):
    """Distance of the values of a family on a grid."""
    return getattr(innermost(family), "step", 1.0)


def offset_of(family):
    """A value of a family on a grid."""
    return getattr(innermost(family), "offset", 0.0)


def inside_points(family):
    """The base of point masses, else the family itself."""
    return family.base if isinstance(family, PointMasses) else family


def innermost(family):
    """The family without point masses and cells."""
    family = inside_points(family)
    return family.base if isinstance(family, Heaped | Recurring) else family


def lattice(family, reach=4000):
    """All values of a discrete family that lie within some steps of its offset."""
    k = torch.arange(-reach, reach + 1, dtype=torch.float64)
    x = offset_of(family) + k * step_of(family)
    return x[family.support.check(x)]


def times(family, factor):
    """The same family in units that are smaller by a factor."""
    changed = {}
    for name in ("loc", "scale", "min_scale", "low", "high", "step", "offset"):
        value = vars(family).get(name)
        if value is not None:
            changed[name] = value * factor
    if isinstance(family, Heaped):
        changed = {"base": times(family.base, factor), "heap": family.heap * factor}
    if isinstance(family, Recurring):
        changed = {"base": times(family.base, factor), "values": tuple(v * factor for v in family.values)}
    if isinstance(family, PointMasses):
        changed = {"values": tuple(v * factor for v in family.values), "base": times(family.base, factor)}
    return type(family)(**{**vars(family), **changed})


def is_warped(family):
    """Whether values are warped."""
    return getattr(innermost(family), "warp", False)


MASSES = [0.001, 0.03, 0.2, 0.5, 0.77, 0.97, 0.9999]


def inner_quantiles(family, raw):
    """MASSES and the quantiles there, both of shape ``(masses, rows)``."""
    u = torch.tensor(MASSES, dtype=torch.float64)[:, None].expand(-1, len(raw))
    return u, family.icdf(raw, u)


TABLE = [
    PointMasses((0.0, 1.0), DiscretisedLogistics(2, low=0)), Normal(loc=3.0), Bernoulli(), Normal(loc=-1.0, scale=4.0),
    PointMasses((5.0, 2.0), DiscretisedLogistics(2, low=-5, scale=2.0)), Categorical(3), Normal(loc=3.0),
    Categorical(50, code=6),
]  # fmt: skip


def table_rows(*batch):
    """Raw parameters, noise and the values drawn from them, for TABLE."""
    generator = torch.Generator().manual_seed(1)
    layout = Layout(TABLE)
    raw = torch.randn(*batch, sum(layout.param_sizes), generator=generator, dtype=torch.float64)
    noise = torch.rand(*batch, len(TABLE), layout.noise, generator=generator, dtype=torch.float64)
    return raw, noise, layout.sample(raw, noise)
