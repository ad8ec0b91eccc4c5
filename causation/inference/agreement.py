"""Values held against registers, where victims are few: further shares to powers.

Who of a route's sources shares a register decides how often a value that it supplied agrees.
Where all of them do, or none, what was compared is a factor by itself, an integral over one
latent. Else the fields' factors take powers of those shares too, on nodes of the shares of the
registers and of what values from elsewhere have in common.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from causation.evidence.records import ALPHA_CORRELATION, Register
from causation.inference.quadrature import Axis, Tables, shift_of

if TYPE_CHECKING:
    from causation.evidence.base import Places, Route, Victim

_PEAKED = 300.0
_OWN = "agreement.own"

type Comparison = tuple[int, int, tuple[bool, ...], bool]
"""Place of the share in which a member's value agrees and of that of others', which sources are
members, and whether the values agree."""
type Compared = tuple[Comparison, ...]


def registers_of(victim: Victim) -> tuple[Register, ...]:
    """Registers that a victim's published values were held against."""
    return victim.facts.get("records") or ()  # type: ignore[return-value]


@dataclass(frozen=True)
class Registers:
    """What was compared of some victims, seen from a route.

    Parameters
    ----------
    latents : tuple of str
        Of every register, the share in which its own values agree.
    masks : tuple of tuple of bool
        For every register, which of the route's sources share it.
    carried : tuple of (str, tuple of str)
        By published field, the fields whose values it carries.
    tally : tuple of (str, float, float)
        By register and by field compared: values that agree, and that differ, of all victims.
    """

    latents: tuple[str, ...] = ()
    masks: tuple[tuple[bool, ...], ...] = ()
    carried: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tally: tuple[tuple[str, float, float], ...] = ()

    @classmethod
    def of(cls, victims: Sequence[Victim], count: Sequence[float], route: Route) -> Registers:
        """Collect what was compared."""
        shared = {r.latent: r.of for v in victims for r in registers_of(v)}
        if not shared:
            return PLAIN
        carried: dict[str, set[str]] = {}
        agree, differ = defaultdict[str, float](float), defaultdict[str, float](float)
        for v, n in zip(victims, count, strict=True):
            for r in registers_of(v):
                for f, carriers, agrees in r.compared:
                    carried.setdefault(carriers[0], set()).add(f)
                    for name in (r.latent, f):
                        (agree if agrees else differ)[name] += n
        names = sorted(shared)
        masks = [tuple(s.name in shared[c] and not s.vague for s in route.sources) for c in names]
        return cls(
            tuple(names),
            tuple(masks),
            tuple((g, tuple(sorted(fields))) for g, fields in sorted(carried.items())),
            tuple((x, agree[x], differ[x]) for x in sorted({*agree, *differ})),
        )

    @cached_property
    def mixed(self) -> tuple[int, ...]:
        """Registers that one source of the route shares and the other does not."""
        return tuple(i for i, m in enumerate(self.masks) if any(m) and not all(m))

    @cached_property
    def carries(self) -> Mapping[str, tuple[str, ...]]:
        """By published field, the fields whose values it carries."""
        return dict(self.carried)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Fields that were compared."""
        return tuple(sorted({f for _, fields in self.carried for f in fields}))

    def columns(self, places: Places) -> list[int]:
        """Columns of the numbers that say how often values agree."""
        names = [_OWN, *(f"agreement.{f}" for f in self.fields)] if self.fields else []
        return [places[x] for x in names]

    def compared(self, victim: Victim, field: str) -> Compared:
        """What was compared of a published field, where it hangs on who supplied it.

        The same for values of which no member can have supplied any, whose shares of agreement
        have something in common with the others'.
        """
        if not self.mixed:
            return ()
        found = []
        for r in registers_of(victim):
            place = self.latents.index(r.latent)
            if all(self.masks[place]):
                continue
            for f, carriers, agrees in r.compared:
                if carriers[0] == field:
                    other = len(self.latents) + self.carries[field].index(f)
                    found.append((place, other, self.masks[place], agrees))
        return tuple(sorted(found))

    def by_itself(self, victims: Sequence[Victim]) -> dict[str, np.ndarray]:
        """By register or field: of how many values that agree and differ nothing else depends.

        Shape (V, 2) each.
        """
        found: dict[str, np.ndarray] = {}
        for i, v in enumerate(victims):
            for r in registers_of(v):
                if all(self.masks[self.latents.index(r.latent)]):
                    names = [r.latent] * len(r.compared)
                elif not self.mixed:
                    names = [f for f, _, _ in r.compared]
                else:
                    continue
                for name, (_, _, agrees) in zip(names, r.compared, strict=True):
                    table = found.setdefault(name, np.zeros((len(victims), 2)))
                    table[i, int(not agrees)] += 1.0
        return found


PLAIN = Registers()
"""Nothing was compared."""


class Agreement:
    """Shares in which values agree with registers, on nodes.

    Parameters
    ----------
    tables : Tables
    registers : Registers
    """

    def __init__(self, tables: Tables, registers: Registers) -> None:
        self._registers = registers
        at = tables.at()
        self._numbers = {
            f: (at.middle(f"agreement.{f}"), at.spread(f"agreement.{f}")) for f in registers.fields
        }
        self._tables = tables
        self._tally = {x: (min(n, _PEAKED), min(d, _PEAKED)) for x, n, d in registers.tally}
        self._logs: dict[str, tuple[np.ndarray, ...]] = {}
        self._moments: dict[tuple[str, float, float], np.ndarray] = {}
        self.rough: dict[str, float] = {}
        """By field: squared difference that twice the step of its own latent makes."""

    @cached_property
    def common(self) -> Axis:
        """Nodes of what the shares of values from elsewhere have in common."""
        up, down, steep, precision = [], [], 0.0, 1.0
        for f, (m, s) in self._numbers.items():
            gain, loss = self._tally[f]
            slope = float(s.max()) * math.sqrt(ALPHA_CORRELATION)
            up.append((float(m.min()), slope, gain, loss))
            down.append((float(m.max()), -slope, gain, loss))
            own = 1.0 - ALPHA_CORRELATION + 4.0 / max((gain + loss) * float(s.max()) ** 2, 1e-9)
            precision += ALPHA_CORRELATION / own
            steep = max(steep, slope)
        rule = self._tables.nodes(steep, precision, shift_of(down), shift_of(up))
        return Axis.of_line(rule)

    def member(self, register: int) -> Axis:
        """Nodes of the share in which a register's own values agree."""
        gain, loss = self._tally[self._registers.latents[register]]
        at = self._tables.at()
        m, s = at.middle(_OWN), at.spread(_OWN)
        most = float(s.max())
        rule = self._tables.nodes(
            most,
            1.0 + (gain + loss) * most**2 / 4.0,
            shift_of([(float(m.max()), -most, gain, loss)]),
            shift_of([(float(m.min()), most, gain, loss)]),
        )
        return self._tables.share_axis(m, s, (gain, loss), rule)

    def _log_shares(self, field: str) -> tuple[np.ndarray, ...]:
        """Log of the share and of its complement, (S, A, C), and weights of two rules."""
        if field not in self._logs:
            m, s = self._numbers[field]
            gain, loss = self._tally[field]
            rest = math.sqrt(1.0 - ALPHA_CORRELATION)
            most = float(s.max())
            slope, away = most * rest, 2.0 * most * math.sqrt(ALPHA_CORRELATION)
            own = self._tables.nodes(
                slope,
                1.0 + (gain + loss) * slope**2 / 4.0,
                shift_of([(float(m.max()) + away, -slope, gain, loss)]),
                shift_of([(float(m.min()) - away, slope, gain, loss)]),
            )
            z = math.sqrt(ALPHA_CORRELATION) * self.common.z[:, None] + rest * own.z
            x = m[:, None, None] + s[:, None, None] * z
            self._logs[field] = (
                -np.logaddexp(0.0, -x), -np.logaddexp(0.0, x), own.weight, own.half
            )  # fmt: skip
        return self._logs[field]

    def log_moment(self, field: str, agrees: float, differs: float) -> np.ndarray:
        """Log mean of a product of powers given what is common, shape (S, A)."""
        key = (field, agrees, differs)
        if key not in self._moments:
            log_has, log_lacks, weight, half = self._log_shares(field)
            whole = agrees * log_has + differs * log_lacks
            top = whole.max(axis=-1, keepdims=True)
            whole = np.exp(whole - top)
            mean = whole @ weight
            here = self.common.weight[0] * np.exp(top[0, :, 0] - top[0].max())
            off = float(here @ np.abs(whole[0] @ half - mean[0]) / (here @ mean[0]))
            self.rough[field] = max(self.rough.get(field, 0.0), off**2)
            self._moments[key] = np.log(mean) + top[..., 0]
        return self._moments[key]

    def log_elsewhere(
        self, count: Mapping[str, np.ndarray], rows: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log mean of what was compared of values that no member supplied, and its roughness.

        Parameters
        ----------
        count : mapping of str to ndarray, shape (K, 2)
            By field, values that agree and that differ.

        Returns
        -------
        value : ndarray, shape (S, K)
        rough : ndarray, shape (K,)
        """
        states = len(next(iter(count.values())))
        every = np.zeros((len(rows), states, len(self.common.z)))
        for f, both in count.items():
            unique, back = np.unique(both, axis=0, return_inverse=True)
            found = np.stack([self.log_moment(f, *pair)[rows] for pair in unique.tolist()], axis=1)
            every += found[:, back.reshape(-1)]
        top = every.max(axis=-1, keepdims=True)
        whole = np.exp(every - top)
        mean = whole @ self.common.weight[0]
        off = whole[0] @ self.common.half[0] / mean[0] - 1.0
        rough = off * off + sum(self.rough.values())
        result: np.ndarray = np.log(mean) + top[..., 0]
        return result, rough
