"""Tables with columns of several kinds, and models fitted to them."""

import numpy as np

ROWS = 150
HEADER = "name,sex,age,job,children,member"


def people(rows=ROWS, seed=0):
    """Lines of a CSV: an identifier, text, a number, and gaps in two columns."""
    rng = np.random.default_rng(seed)
    lines = [HEADER]
    for i in range(rows):
        sex, member = rng.choice(["female", "male"]), rng.random() < 0.3
        age = "" if rng.random() < 0.2 else f"{rng.normal(40 + 10 * member, 8):.1f}"
        job = "" if rng.random() < 0.2 else rng.choice(["clerk", "nurse", "cook, head"])
        quoted = f'"{job}"' if "," in job else job
        lines.append(f"P{i}x{seed},{sex},{age},{quoted},{rng.poisson(1.0)},{member}")
    return "\n".join(lines) + "\n"


def answers(rows=ROWS):
    """Lines of a CSV of 0 and 1."""
    table = (np.random.default_rng(1).random((rows, 4)) < 0.4).astype(int)
    return "\n".join(["a,b,c,d", *(",".join(map(str, row)) for row in table)]) + "\n"
