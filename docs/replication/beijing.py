"""The Beijing answer, computed again: plain NumPy, nothing of the package.

Written from the page "The model", for whoever wants to check the program with a program of his
own. The case is an account, phone, real name and ID photo of the plaintiff and the accounts of
five further users; numbers are those of the neutral prior set. Averages over random draws of the
latents stand in place of the package's integrator.

    python docs/replication/beijing.py [DRAWS]
"""

from __future__ import annotations

import sys

import numpy as np

HELD = ("account_link", "phone", "real_name", "id_photo")
SOURCES = ("platform", "osint", "library", "unknown")
WEIGHT = {"platform": (0.5, 2), "osint": (1, 4), "library": (2, 8), "unknown": (0.25, 1)}
CHAIN = {
    ("platform", "library"): (0.05, 0.35),
    ("osint", "library"): (0.1, 0.5),
    ("library", "osint"): (0.05, 0.35),
}
SHARE = {  # of the persons exposed through a source, in what share it gives the actor the field
    "platform": {"account_link": (0.55, 0.99), "phone": (0.55, 0.99), "real_name": (0.55, 0.99),
                 "id_photo": (0.2, 0.95)},
    "osint": {"account_link": (0.1, 0.7), "phone": (0.05, 0.5), "real_name": (0.1, 0.6),
              "id_photo": (0.002, 0.05)},
    "library": {"account_link": (0.05, 0.5), "phone": (0.5, 0.98), "real_name": (0.5, 0.98),
                "id_photo": (0.01, 0.3)},
    "vague": dict.fromkeys(HELD, (0.05, 0.95)),
}  # fmt: skip
LOADING = {("library", "account_link"): -0.5}  # of the others: the root of the correlation .5
PUBLISHES, LINKAGE = (0.5, 0.95), (0.7, 0.98)
ANONYMOUS, ODDS_RATIO = (0.05, 0.95), (0.1, 0.9)
MISFIT = 0.02
FINDING = {"platform": (0.6, 0.95), "osint": (0.25, 0.7), "library": (0.4, 0.85),
           "unknown": (0.4, 0.9)}  # fmt: skip
RELIABILITY = (0.8, 0.99)
Z90 = 1.6448536269514722
CHUNK = 50_000


def logit(p):
    return np.log(p) - np.log1p(-p)


def logistic(x):
    return 1.0 / (1.0 + np.exp(-x))


def interval(lo_hi, to=logit):
    """Centre and spread of an interval that holds 90 %, on the logit or log scale."""
    lo, hi = (to(np.asarray(x, float)) for x in lo_hi)
    return (lo + hi) / 2, (hi - lo) / (2 * Z90)


def mean(lo_hi):
    """Mean of a probability given by its interval."""
    m, sd = interval(lo_hi)
    z = np.linspace(-9, 9, 4001)
    w = np.exp(-z * z / 2)
    return float((logistic(m + sd * z) * w).sum() / w.sum())


def routes():
    """Prior of every route."""
    weight = {s: np.exp(interval(WEIGHT[s], np.log)[0]) for s in SOURCES}
    on = {pair: logistic(interval(q)[0]) for pair, q in CHAIN.items()}
    prior = {
        (s,): weight[s] * (1 - sum(q for (a, _), q in on.items() if a == s)) for s in SOURCES
    } | {pair: weight[pair[0]] * q for pair, q in on.items()}
    total = sum(prior.values())
    return {route: p / total for route, p in prior.items()}


class Draws:
    """One set of latents: those of the actor, and those of each source."""

    def __init__(self, rng, size):
        def shared(lo_hi):
            m, sd = interval(lo_hi)
            return logistic(m + sd * rng.standard_normal(size))

        self.omega, self.kappa = shared(PUBLISHES), shared(LINKAGE)
        m, sd = interval(ANONYMOUS)
        self.base = m + sd * rng.standard_normal(size)
        self.share = {}
        for s, fields in SHARE.items():
            u = rng.standard_normal(size)
            for f, lo_hi in fields.items():
                m, sd = interval(lo_hi)
                own = LOADING.get((s, f), np.sqrt(0.5))
                c = rng.standard_normal(size)
                z = own * u + np.sqrt(1 - own**2) * c
                self.share[s, f] = logistic(m + sd * z)

    def has(self, route, field):
        """Chance that the actor has a field by this route."""
        miss = 1.0
        for s in route:
            miss = miss * (1 - self.share[s, field])
        return 1 - miss

    def anonymous(self, route):
        odds = interval(ODDS_RATIO, np.log)[0] if route[0] == "osint" else 0.0
        return logistic(self.base + odds)

    def fields(self, route, published, silent):
        p = 1.0
        for f in published:
            p = p * self.omega * self.has(route, f)
        for f in silent:
            p = p * (1 - self.omega * self.has(route, f))
        return p


def likelihoods(others, *, silent, listed, draws, seed):
    """L of every route: of the plaintiff and five others, by averages over the latents."""
    prior = routes()
    branches = [r for r in prior if r != ("unknown",)] + [("vague",)]
    stranger = dict.fromkeys(branches, 0.0)
    defined = dict.fromkeys(branches, 0.0)
    series = dict.fromkeys(branches, 0.0)

    def chunks():
        rng = np.random.default_rng(seed)
        for _ in range(draws // CHUNK):
            yield Draws(rng, CHUNK)

    for x in chunks():  # a stranger, alone
        for r in branches:
            stranger[r] += np.mean(x.fields(r, others, silent) * x.anonymous(r))
            defined[r] += np.mean(x.fields(r, ("account_link",), ())) if listed else 1.0

    def mixed(means):
        """With misfit, averaged over the routes of the background."""
        total = 0.0
        for r, p in prior.items():
            fits = 0.0 if r == ("unknown",) else (1 - MISFIT) ** len(r)
            total += p * (fits * means.get(r, 0.0) + (1 - fits) * means["vague",])
        return total

    apart = mixed(stranger) / mixed(defined)
    plaintiff = ("account_link", "phone", "id_photo")  # the photo shows the name
    for x in chunks():
        for r in branches:
            one = x.fields(r, others, silent) * x.anonymous(r)
            if listed:
                one = one / x.fields(r, ("account_link",), ())
            him = x.fields(r, plaintiff, ()) * x.anonymous(r)
            series[r] += np.mean(him * (x.kappa * one + (1 - x.kappa) * apart) ** 5)
    count = draws // CHUNK
    found = {}
    for r in prior:
        fits = 0.0 if r == ("unknown",) else (1 - MISFIT) ** len(r)
        found[r] = (fits * series.get(r, 0.0) + (1 - fits) * series["vague",]) / count
    return prior, found


def answer(others=("account_link",), *, silent=(), listed=True, draws=400_000, seed=1):
    """Probability that the platform played a role.

    Parameters
    ----------
    others : fields published of each of the five further users, implied ones left out
    silent : fields known not to have been published of them
    listed : whether users of the platform whose account was published make up the list
    """
    prior, victims = likelihoods(others, silent=silent, listed=listed, draws=draws, seed=seed)
    said = {r: mean(FINDING["platform" if "platform" in r else r[0]]) for r in prior}
    average = sum(prior[r] * said[r] for r in prior)
    rho = mean(RELIABILITY)
    weight = {r: prior[r] * victims[r] * (rho * said[r] + (1 - rho) * average) for r in prior}
    total = sum(weight.values())
    # the platform is the entrance of both routes that it is in, so that its role is certain there
    return sum(w for r, w in weight.items() if "platform" in r) / total


READINGS = {
    "as the file states it": {},
    "nothing defined the list": {"listed": False},
    "the same four fields of each of the five": {"others": ("account_link", "phone", "id_photo")},
    "their other fields were not published": {"silent": ("phone", "real_name", "id_photo")},
}

if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    for name, reading in READINGS.items():
        sys.stdout.write(f"{name:42} {answer(draws=size, **reading):.3f}\n")
