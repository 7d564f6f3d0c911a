"""Draw the pictures that the README shows.

Run: python -m benchmarks.pictures
"""

from pathlib import Path

import tailormade as tm
from tailormade.plots import draw_network, save_figure

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> None:
    """Draw the network picture."""
    model = tm.MADE(4, hidden_units=(6, 6), seed=0)
    save_figure(draw_network(model, highlight=2), DOCS / "network.png")
    print("wrote docs/network.png")


if __name__ == "__main__":
    main()
