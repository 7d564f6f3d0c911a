"""Ancestral generation, spelled out: one variable after another, each drawn given those before it.

A MADE computes the parameters of all conditionals p(x_i | x_<i) in one pass, but only from values that exist. So begin
with zeros and go through the variables in the order of their degrees: run the network, read the conditional of the one
variable whose turn it is, draw its value, put it in place. What stands in later places does not matter, since the masks
keep it from this conditional; that is why zeros will do.

All randomness is one uniform number u per variable, and x_i = 1 where u < p(x_i = 1 | x_<i). With the same u the
library's own sampler must therefore give the same rows, whatever engine it uses; the script asserts this, and that
the probabilities met on the way multiply to the joint probability. (In float64: in float32 two engines may round
differently, and a u within rounding of p would fall on the other side.)
"""

import torch

import tailormade as tm

FEATURES, ROWS = 6, 1000


def main() -> None:
    """Generate rows by hand and compare them with the library's."""
    model = tm.MADE(FEATURES, hidden_units=(32,), input_order="random", seed=3).double()
    degrees, density = model.table[0], model()
    noise = torch.rand(ROWS, FEATURES, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    x = torch.zeros(ROWS, FEATURES, dtype=torch.float64)
    log_prob = torch.zeros(ROWS, dtype=torch.float64)
    with torch.no_grad():
        for i in tm.masks.sequence_from_order(degrees.inputs).tolist():
            logits = model.params(x, None, degrees)[:, i]  # one parameter a variable, so column i is x_i's
            conditional = torch.distributions.Bernoulli(logits=logits)
            x[:, i] = (noise[:, i, 0] < conditional.probs).double()
            log_prob += conditional.log_prob(x[:, i])
            expected, drawn = conditional.probs.mean(), x[:, i].mean()
            print(f"x{i}: mean of p(x{i} = 1 | before) {expected:.3f}, of the values drawn {drawn:.3f}")

        which = torch.zeros(ROWS, dtype=torch.long)  # of a mixture over orders: the component of each row
        same_noise = torch.equal(density.from_noise(noise, which, torch.Size([ROWS])), x)
        same_seed = torch.equal(density.sample((ROWS,), generator=torch.Generator().manual_seed(0)), x)
        same_density = torch.allclose(density.log_prob(x), log_prob, rtol=1e-10)

    print(f"equal to the sampler on the same noise: {same_noise}")
    print(f"equal to sample() from the same seed: {same_seed}")
    print(f"conditionals multiply to the joint probability: {same_density}")
    assert same_noise
    assert same_seed
    assert same_density


if __name__ == "__main__":
    main()
