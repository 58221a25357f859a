"""Six conjectures about games, distances and models, as a reader of the documents writes them: half are wrong.

``gantheory check tests/claims/conjectures.py`` says which.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from hypothesis import strategies as st

import gantheory as gt
from gantheory.claims import Box, grid


@dataclass(frozen=True)
class QuarterTurn(gt.Claim):
    """Right: the field of x y is a quarter turn itself, and momentum is linear."""

    statement = "Steps with momentum on x y from starts a quarter turn apart stay a quarter turn apart"
    latex = r"w_0' = R w_0 \implies w_t' = R w_t"
    relation = "="
    tolerance = 1e-12
    box = Box(rate=grid(0.05, 1, 0.05), momentum=grid(-0.5, 0.9, 0.1), x=grid(-2, 2, 0.1), y=grid(-2, 2, 0.1))

    def predicted(self, instance):
        return np.zeros(len(instance))

    def observed(self, instance, key):
        rates, momenta, x, y = np.array(instance).T
        steps = gt.Zip((gt.Values(tuple(rates.tolist())), gt.Values(tuple(momenta.tolist()))))
        ends = [
            gt.simulate(
                gt.Bilinear(),
                gt.Simultaneous(gt.Momentum(0.1, 0.5)),
                steps=5,
                start=torch.from_numpy(starts),  # one a row
                sweep={"rule.step.rate, rule.step.beta": steps},
                key=key,
            ).points[:, -1]
            for starts in (np.c_[x, y], np.c_[-y, x])
        ]
        turned = torch.stack((-ends[0][:, 1], ends[0][:, 0]), dim=1)
        return (ends[1] - turned).abs().amax(dim=1).numpy()


@dataclass(frozen=True)
class ImportanceMean(gt.Claim):
    """Right: the mean of p/q over samples of q is the mass of p."""

    statement = "On samples of a ring, the density of a narrower ring over its own has the mean 1"
    latex = r"E_{x \sim q} \frac{p(x)}{q(x)} = 1"
    relation = "="
    tolerance = 0.1
    kind = "law"

    def instances(self):
        return st.tuples(st.integers(2, 8), st.sampled_from(grid(0.5, 1, 0.1)))

    def predicted(self, instance):
        return 1.0

    def observed(self, instance, key):
        modes, share = instance
        wide, narrow = gt.Ring(modes=modes, scale=0.3), gt.Ring(modes=modes, scale=0.3 * share)
        x = wide.sample(20_000, key)
        ratio = (narrow.log_prob(x) - wide.log_prob(x)).double().exp()
        return gt.Estimate(ratio.mean(), ratio.std() / math.sqrt(len(ratio)), n=len(ratio))


@dataclass(frozen=True)
class EnergyScales(gt.Claim):
    """Right for power 1; the Wasserstein distance's habit of squaring is not the energy distance's."""

    power: float = 1.0

    statement = "Points s times as far apart have s^power times the energy distance"
    latex = r"E(sX, sY) = |s|^{p}\, E(X, Y)"
    relation = "="
    tolerance = 1e-4

    def instances(self):
        return st.sampled_from(grid(0.5, 4, 0.5))

    def predicted(self, instance):
        return instance**self.power

    def observed(self, instance, key):
        x, y = gt.Moons().sample(200, key.child("x")), gt.Ring(radius=2.0).sample(200, key.child("y"))
        return gt.energy_distance(instance * x, instance * y).value / gt.energy_distance(x, y).value

    @property
    def neighbour(self):
        return EnergyScales(power=2.0) if self.power == 1 else None


@dataclass(frozen=True)
class AdamKeepsToItsRate(gt.Claim):
    """Wrong: where a gradient grows, its running mean square lags behind it."""

    statement = "On x y, no step of Adam moves a parameter by more than its rate"
    latex = r"|w_{t+1} - w_t| \le h"
    relation = "<="
    tolerance = 1e-6
    box = Box(rate=grid(0.01, 0.3, 0.01), y=grid(0.5, 2, 0.1))

    def predicted(self, instance):
        return [rate for rate, _ in instance]

    def observed(self, instance, key):
        rates = gt.Values([rate for rate, _ in instance])
        runs = gt.simulate(
            gt.Bilinear(),
            gt.Simultaneous(gt.Adam(0.1)),
            steps=20,
            start=torch.tensor([(0.0, y) for _, y in instance]),
            sweep={"rule.step.rate": rates},
            record=1,
            key=key,
        )
        return runs.points.diff(dim=1).abs().amax(dim=(1, 2)).numpy()


@dataclass(frozen=True)
class ThreeSamplesAMode(gt.Claim):
    """Wrong: collecting k coupons takes k log k draws, and luck."""

    statement = "Three samples a mode reach every mode of a ring"
    relation = ">="

    def instances(self):
        return st.tuples(st.integers(2, 8), st.integers(0, 1000))

    def predicted(self, instance):
        modes, _ = instance
        return modes

    def observed(self, instance, key):
        modes, seed = instance
        ring = gt.Ring(modes=modes, scale=0.001)
        return gt.mode_coverage(ring.sample(3 * modes, key.child(seed)), ring).value


@dataclass(frozen=True)
class PeakAtTheBase(gt.Claim):
    """Wrong: affine couplings squeeze some regions more than others."""

    statement = "A flow of affine couplings is densest at the image of its base's mode"
    latex = r"\sup_x p(x) = p(f^{-1}(0))"
    relation = "<="
    tolerance = 1e-4

    def instances(self):
        return st.tuples(st.sampled_from(grid(0, 1, 0.1)), st.integers(0, 100))

    def predicted(self, instance):
        return 0.0

    def observed(self, instance, key):
        size, seed = instance
        flow = gt.RealNVP(2, layers=2, hidden=(8,))
        w = flow.init(gt.Key(seed)) + size * gt.Key(seed).child("move").normal(flow.size)
        peak, _ = flow.push(w, torch.zeros(1, 2))
        x = torch.cat((peak, flow.sample(w, 500, key)))
        logs = flow.log_prob(w, x)
        return (logs - logs[0]).max().item()
