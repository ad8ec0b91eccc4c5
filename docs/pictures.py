"""Draws the pictures of the README and the front page: python docs/pictures.py [FOLDER]."""

import io
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from causation import assess
from causation.output import write_whole
from causation.plots import plot_opinions, plot_posterior


def draw(folder: Path) -> None:
    """Draw the routes of the Beijing case beside what other readings and prior sets make of it."""
    a = assess("bic-2025-doxxing")
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(15.0, 6.6), width_ratios=(0.9, 1.0), layout="constrained"
    )
    plot_posterior(a, ax=left)
    plot_opinions(a, ax=right)
    with io.BytesIO() as stream:
        figure.savefig(stream, format="png", dpi=100, metadata={"Software": None})
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "posterior.png", stream.getvalue())
    plt.close(figure)


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images")
