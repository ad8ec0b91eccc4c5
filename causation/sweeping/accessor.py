"""``data.causation`` on the dataset of a sweep: figures, a tidy table, a summary."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import xarray as xr

from causation.sweeping.plan import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["SweepAccessor"]


@xr.register_dataset_accessor("causation")  # type: ignore[no-untyped-call]
class SweepAccessor:
    """What can be done with a sweep; registered when a sweep is made.

    Parameters
    ----------
    data : xarray.Dataset
        As `causation.sweep` returns it.

    Examples
    --------
    >>> from causation import sweep
    >>> table = sweep("bic-2025-doxxing", {"victims.co_victims.count": [1, 5]})
    >>> table.causation
    <Sweep of bic-2025-doxxing: victims.co_victims.count (2); P from 0.754 to 0.757>
    """

    def __init__(self, data: xr.Dataset) -> None:
        self._data = data

    def sel(self, values: Mapping[str, Any]) -> xr.Dataset:
        """Select by path what was given: a number, an interval ``(lo, hi)``, a name or words.

        An axis of which some values are no numbers has texts as coordinates, such as
        ``[0.2, 0.6]``, which ``.sel`` takes too.

        Examples
        --------
        >>> from causation import sweep
        >>> table = sweep("bic-2025-doxxing", {"actor.publishes": [(0.5, 0.9), 0.8]})
        >>> chosen = table.causation.sel({"actor.publishes": (0.5, 0.9)})
        >>> bool(chosen.probability == table.probability.sel({"actor.publishes": "[0.5, 0.9]"}))
        True
        """
        wanted = {
            path: shown(given) if self._data[path].dtype.kind in "OUT" else given
            for path, given in values.items()
        }
        return self._data.sel(wanted)

    def plot_lines(self, **options: Any) -> Axes:
        """Draw `causation.plots.plot_sweep_lines`."""
        from causation.plots import plot_sweep_lines

        return plot_sweep_lines(self._data, **options)

    def plot_heat(self, **options: Any) -> Axes:
        """Draw `causation.plots.plot_sweep_heat`."""
        from causation.plots import plot_sweep_heat

        return plot_sweep_heat(self._data, **options)

    def plot_tipping_plane(self, **options: Any) -> Axes:
        """Draw `causation.plots.plot_tipping_plane`."""
        from causation.plots import plot_tipping_plane

        return plot_tipping_plane(self._data, **options)

    def to_frame(self) -> pd.DataFrame:
        """One row for each scenario: its values, the probability, whether the standard is met."""
        wanted = [v for v in ("probability", "held", "met") if v in self._data]
        frame: pd.DataFrame = self._data[wanted].to_dataframe().reset_index()
        return frame

    def _axes(self) -> str:
        sizes = self._data["probability"].sizes
        return " × ".join(f"{name} ({n})" for name, n in sizes.items()) or "one scenario"

    def _range(self) -> str:
        p = self._data["probability"]
        return f"P from {float(p.min()):.3f} to {float(p.max()):.3f}"

    def __repr__(self) -> str:
        return f"<Sweep of {self._data.attrs.get('case')}: {self._axes()}; {self._range()}>"

    def _repr_html_(self) -> str:
        head = f"<strong>{html.escape(repr(self)[1:-1])}</strong>"
        table: str = self.to_frame().head(20).to_html(index=False, float_format="{:.3f}".format)
        return f"<div>{head}{table}</div>"
