"""Draws the pictures of the README and the front page: python docs/pictures.py [FOLDER]."""

import io
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from causation import assess
from causation.output import write_whole
from causation.plots import plot_posterior, plot_saturation


def draw(folder: Path) -> None:
    """Draw the posterior of the Beijing case beside the worth of its co-victims."""
    a = assess("bic-2025-doxxing")
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.0, 3.8), layout="constrained")
    plot_posterior(a, ax=left)
    plot_saturation(a, ax=right)
    with io.BytesIO() as stream:
        figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "posterior.png", stream.getvalue())
    plt.close(figure)


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images")
