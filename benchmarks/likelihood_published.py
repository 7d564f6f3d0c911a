"""Figures that others have published for the sets of ``benchmarks.likelihood``: mean test NLL in nats, lower is better.

``seen`` was read in a source, ``recalled`` was not and may be wrong; ``target`` is what we set out to reach.
``TRIED`` is what was tried on sets that miss their targets, one or two networks each, and how it changed the NLL of
the validation rows (minus is better; 0.02 is within what seeds do).

Sources: MADE (Germain et al. 2015), NADE and EoNADE (Uria, Murray, Larochelle 2014), DARN (Gregor et al. 2014), HCLT
with 100 latent states in PyJuice and of 2021 (Liu, Van den Broeck), ID-SPN (Rooshenas, Lowd 2014).
"""

from typing import NamedTuple


class Published(NamedTuple):
    """What is known of one set."""

    target: float
    seen: str = ""
    recalled: str = ""


BINARY = {
    "adult": Published(12.95, recalled="13.12 MADE"),
    "connect4": Published(11.6, "11.99 NADE", "11.90 MADE"),
    "dna": Published(79.5, "82.31 EoNADE", "79.66 MADE"),
    "mushrooms": Published(9.5, "9.68 EoNADE", "9.55 DARN"),
    "nips": Published(272.3, recalled="272.39 EoNADE"),
    "nltcs": Published(5.985, "6.00 HCLT", "5.99 HCLT 2021"),
    "plants": Published(12.05, "12.67 HCLT", "12.54 ID-SPN"),
    "jester": Published(51.4, "52.82 HCLT", "52.46 HCLT 2021"),
    "accidents": Published(25.8, "26.55 HCLT"),
    "pumsb_star": Published(21.2, "22.75 HCLT", "22.41 ID-SPN"),
    "dna_debd": Published(79.0, "81.28 HCLT", "79.05 HCLT 2021"),
}
MNIST = {"binarized_mnist": Published(84.1, "85.10 EoNADE, 128 orders", "84.13 DARN")}
TRIED = {
    "nltcs": "one layer of 500 +0.02; dropout 0.3, weight decay 0.1 and 0.3 0.00; 3 random orders -0.01",
    "plants": (
        "two layers of 500 -0.02; relu +0.01, gelu -0.01, tanh +0.15; gated units -0.01; weight decay 0.05 +0.01; a "
        "mixture of 4 trained as one by its own likelihood -0.02; a fifth of the steps in random orders +0.05"
    ),
    "accidents": (
        "two layers of 500, dropout 0.4 +0.02; dropout 0.5 +0.10; and weight decay 0.3 +0.13 more; weight decay 0.05, "
        "relu, gelu 0.00, tanh +0.26; 8 members instead of 4 -0.03 (test)"
    ),
    "pumsb_star": (
        "two layers of 500, dropout 0.6 0.00; dropout 0.5 -0.06; weight decay 0.3 +0.02; relu +0.06, gelu +0.08, tanh "
        "+0.02; a mixture of 4 trained as one +0.05; a fifth of the steps in random orders -0.02, with two layers "
        "of 500 +0.20; one network told which of 8 orders it is in +0.2"
    ),
}
