"""Which inputs does each output depend on? Ask autograd.

A masked network claims that output i depends only on the variables before i in the order. The claim can be tested
without looking at a single mask: the derivative of output i with respect to input j is exactly zero where there is no
path from j to i. So send one output after the other backwards and see which inputs receive a gradient.

Two details decide whether such a check is worth anything:

* The gradient is cleared between outputs. ``backward`` adds to ``x.grad``; without clearing, the dependencies of all
  earlier outputs would be counted again.
* The activation is smooth. A ReLU that happens to be off has derivative zero, so that a connected network looks
  disconnected: write "relu" for "tanh" below and the check raises a false alarm. The derivative of tanh is never zero.

The check asks for both directions, since a network that ignores its inputs altogether forbids nothing either.
"""

import torch

import tailormade as tm

INPUT_ORDER = [3, 1, 5, 2, 4]  # the degree of each variable: x1 comes first, then x3, x0, x4, x2


def main() -> None:
    """Print the inputs that reach each output, and assert that they are those before it."""
    torch.manual_seed(0)
    network = tm.AutoregressiveNetwork(
        params=1, event_shape=5, hidden_units=[4, 4], input_order=INPUT_ORDER, activation="tanh"
    ).double()  # in float64 a small derivative does not vanish by underflow
    x = torch.randn(5, dtype=torch.float64, requires_grad=True)

    for i, degree in enumerate(INPUT_ORDER):
        x.grad = None
        network(x)[i, 0].backward()
        assert x.grad is not None
        found = torch.nonzero(x.grad).flatten().tolist()
        expected = [j for j, before in enumerate(INPUT_ORDER) if before < degree]
        assert found == expected, f"output {i} depends on {found}, expected {expected}"
        print(f"output {i} (degree {degree}) depends on inputs {found}")

    print("autoregressive: every output depends on all variables before it and on no other")


if __name__ == "__main__":
    main()
