"""A mask by hand: five units below, five hidden units above.

Every unit has a degree. A hidden unit of degree m may see what is known after m variables, so a connection into it
exists where the degree below is at most its own: ``degree_below <= degree_above``. (Into an output the comparison is
strict, because a variable must not see itself; that is ``strictly_less=True``, the default.)

With degrees 1, 2, 1, 2, 3 below and 1, 1, 2, 1, 3 above there are only three kinds of row:

* degree 1 sees the units of degree 1: the first and the third;
* degree 2 sees degrees 1 and 2: all but the last;
* degree 3 sees everything.

``transpose=True`` puts a row for each unit above, the layout of the weight of a ``torch.nn.Linear``.
"""

import torch

import tailormade as tm

BELOW = torch.tensor([1, 2, 1, 2, 3])
ABOVE = torch.tensor([1, 1, 2, 1, 3])


def main() -> None:
    """Print the mask with its degrees."""
    mask = tm.masks.create_autoregressive_mask(BELOW, ABOVE, transpose=True, strictly_less=False, dtype=torch.int)

    print("degrees below:    " + " ".join(str(d) for d in BELOW.tolist()))
    for degree, row in zip(ABOVE.tolist(), mask.tolist(), strict=True):
        print(f"unit of degree {degree}: " + " ".join(str(v) for v in row))

    rows = ["".join(str(v) for v in row) for row in mask.tolist()]
    assert rows == ["10100", "10100", "11110", "10100", "11111"]
    print("rows: " + " ".join(rows))


if __name__ == "__main__":
    main()
