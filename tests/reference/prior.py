"""What belongs to no victim: routes, prior, background, security record, findings."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.integrate import quad
from scipy.special import expit

from tests.reference.cases import CUSTODIAN, INFERENCE, LIBRARY, RESIDUAL, Case, Finding, Security

__all__ = ["Route", "background", "findings_factor", "name", "prior", "routes", "security_factor"]

Route = tuple[str, ...]
SPLIT = (INFERENCE, LIBRARY)


def name(route: Route) -> str:
    """Name of a route, ``a`` or ``a/b``."""
    return "/".join(route)


def security_factor(record: Security | None) -> float:
    """Odds of a source's hazard to that of its reference class, from its security record."""
    if record is None:
        return 1.0
    a, b, k, t = record.shape, record.rate, record.incidents, record.years
    m, sd = record.detection

    def moment(power: float) -> float:
        def integrand(z: float) -> float:
            d = float(expit(m + sd * z))
            return float(d**k * (b + d * t) ** -power * math.exp(-0.5 * z * z))

        return float(quad(integrand, -10.0, 10.0, epsabs=0.0, epsrel=1e-11, limit=400)[0])

    factor = (a + k) * moment(a + k + 1.0) / moment(a + k) / (a / b)
    certificate = record.certificate
    if certificate is None or certificate.expired:
        return factor

    def power(c: float) -> float:
        return math.exp(c * certificate.hazard[0] + 0.5 * (c * certificate.hazard[1]) ** 2)

    currency = 0.0 if certificate.none else 2.0 ** (-certificate.age / certificate.half_life)
    return factor * power(currency) / power(certificate.reference)


def _splits(case: Case, kind: str) -> dict[str, float]:
    members = [s for s, k in case.sources.items() if k == kind]
    if any(s in case.split for s in members):
        return {s: case.split[s] for s in members}
    return {s: 1.0 / len(members) for s in members}


def _weights(
    case: Case, of_source: Mapping[str, float], of_kind: Mapping[str, float]
) -> dict[str, float]:
    """Weight of every source, kinds and classes of one service split among their members."""
    weights = {}
    for s, kind in case.sources.items():
        if kind in SPLIT:
            weights[s] = of_kind[kind] * _splits(case, kind)[s]
            continue
        weights[s] = of_source[s]
        if s not in case.one_service:
            continue
        members = [c for c in case.sources if case.one_service.get(c) == case.one_service[s]]
        whole = next(
            (of_source[c] for c in members if c in case.proposition),
            max(of_source[c] for c in members),
        )
        stated = any(c in case.split for c in members)
        weights[s] = whole * (case.split[s] if stated else 1.0 / len(members))
    return weights


def _chains(case: Case) -> dict[Route, tuple[float, float]]:
    """Share of every chain in the case and in the background, before the security record."""
    chains: dict[Route, tuple[float, float]] = {}
    if case.single:
        return chains
    for a, kind_a in case.sources.items():
        for b, kind_b in case.sources.items():
            if a == b or RESIDUAL in {kind_a, kind_b}:
                continue
            part = _splits(case, kind_b)[b] if kind_b in SPLIT else 1.0
            here = case.chain.get((kind_a, kind_b), 0.0) * part
            here = case.pair.get((a, b), here)
            if here > 0.0:
                chains[a, b] = here, case.set_chain.get((kind_a, kind_b), 0.0) * part
    return chains


def routes(case: Case) -> tuple[Route, ...]:
    """Every route of a case: each source, then each chain with a positive share."""
    return tuple((s,) for s in case.sources) + tuple(_chains(case))


def _spread(
    weights: Mapping[str, float], shares: Mapping[Route, float], sec: Mapping[str, float]
) -> dict[Route, float]:
    after = {}
    for (a, b), q in shares.items():
        odds = q / (1.0 - q) * sec[b] if q < 1.0 else math.inf
        after[a, b] = odds / (1.0 + odds) if math.isfinite(odds) else 1.0
    pi: dict[Route, float] = {}
    for s, w in weights.items():
        rest = 1.0 - sum(q for (a, _), q in after.items() if a == s)
        if rest < -1e-12:
            raise ValueError(f"shares of the chains of {s} add to more than 1")
        pi[s,] = w * sec[s] * max(rest, 0.0)
    for (a, b), q in after.items():
        pi[a, b] = weights[a] * sec[a] * q
    total = sum(pi.values())
    return {z: p / total for z, p in pi.items()}


def prior(case: Case) -> dict[Route, float]:
    """Prior of every route, with the security record."""
    sec = {s: security_factor(case.security.get(s)) for s in case.sources}
    shares = {z: q for z, (q, _) in _chains(case).items()}
    return _spread(_weights(case, case.weight, case.kind_weight), shares, sec)


def background(case: Case) -> dict[Route, float]:
    """Background weights: those of the prior set, or the case's own."""
    if case.background is not None:
        raw = {z: case.background.get(name(z), 0.0) for z in routes(case)}
        return {z: w / sum(raw.values()) for z, w in raw.items()}
    own = {s: case.set_weight[k] for s, k in case.sources.items() if k in {CUSTODIAN, RESIDUAL}}
    shares = {z: q for z, (_, q) in _chains(case).items()}
    return _spread(_weights(case, own, case.set_weight), shares, dict.fromkeys(case.sources, 1.0))


def _chance(finding: Finding, route: Route) -> float:
    """P(observed | route) of a finding, repeats included."""
    p = finding.likelihood.get(name(route))
    if p is None:
        speaker = next((s for s in route if s in finding.about), route[0])
        p = finding.likelihood[speaker]
    return finding.repeats * p + (1.0 - finding.repeats) * p**finding.count


def findings_factor(case: Case) -> dict[Route, float]:
    """Product over the groups of findings of what each says, by route."""
    pi = background(case)
    total = dict.fromkeys(pi, 1.0)
    for group in dict.fromkeys(f.group for f in case.findings):
        members = [f for f in case.findings if f.group == group]
        p = np.array([[_chance(f, z) for z in pi] for f in members])
        w = np.array(list(pi.values()))
        bar = p @ w
        variance = (p - bar[:, None]) ** 2 @ w
        variance[np.ptp(p, axis=1) == 0.0] = 0.0
        small = np.minimum(bar, 1.0 - bar)
        v = np.where(variance > 0.0, variance / np.where(small > 0.0, small, 1.0) ** 2, 0.0)
        v = v / v.sum() if v.sum() > 0.0 else np.full(len(members), 1.0 / len(members))
        others = np.array(
            [np.prod([bar[j] for j in range(len(members)) if j != k]) for k in range(len(members))]
        )
        o, rho = members[0].overlap, members[0].reliability
        joint = o * (v * others) @ p + (1.0 - o) * p.prod(axis=0)
        said = rho * joint + (1.0 - rho) * float(joint @ w)
        for z, value in zip(pi, said, strict=True):
            total[z] *= float(value)
    return total
