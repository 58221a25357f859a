"""Networks and matrix games as one writes them in JAX, for the benchmarks: ``jit(lax.scan(vmap(step)))``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from measuring import Work


RATE, SCALE = 1e-3, 0.15
KINDS = "alternating", "simultaneous", "extragradient"  # the first two with Adam, the third with plain steps


class Gan:
    """A 2-width-width-2 generator against a 2-width-width-1 critic on a ring of eight Gaussians."""

    def __init__(self, jax: Any, width: int, batch: int):
        self.jax, self.np, self.width, self.batch = jax, jax.numpy, width, batch
        angle = 2 * np.pi * np.arange(8) / 8
        self.centres = jax.numpy.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=-1), "float32")

    def weights(self, key: Any, outputs: int) -> list:
        """Draw the layers of a network."""
        sizes = (2, self.width), (self.width, self.width), (self.width, outputs)
        keys = self.jax.random.split(key, 3)
        return [
            (self.jax.random.uniform(k, (a, b), minval=-1, maxval=1) / a**0.5, self.np.zeros(b))
            for k, (a, b) in zip(keys, sizes)
        ]

    def network(self, layers: list, x: Any) -> Any:
        """Run a network."""
        for weight, bias in layers[:-1]:
            x = self.jax.nn.relu(x @ weight + bias)
        weight, bias = layers[-1]
        return x @ weight + bias

    def real(self, key: Any) -> Any:
        """Draw a batch of data."""
        mode, noise = self.jax.random.split(key)
        centres = self.centres[self.jax.random.randint(mode, (self.batch,), 0, 8)]
        return centres + SCALE * self.jax.random.normal(noise, (self.batch, 2))

    def latent(self, key: Any) -> Any:
        """Draw a batch of noise."""
        return self.jax.random.normal(key, (self.batch, 2))

    def generator(self, g: list, d: list, z: Any) -> Any:
        """The gradient of the generator's non-saturating loss."""
        softplus = self.jax.nn.softplus
        return self.jax.grad(lambda g: softplus(-self.network(d, self.network(g, z))).mean())(g)

    def critic(self, g: list, d: list, x: Any, z: Any) -> Any:
        """The gradient of the critic's loss."""
        softplus, fake = self.jax.nn.softplus, self.network(g, z)
        return self.jax.grad(
            lambda d: softplus(-self.network(d, x)).mean() + softplus(self.network(d, fake)).mean()
        )(d)

    def adam(self, w: Any, gradient: Any, moments: tuple, t: Any) -> tuple[Any, tuple]:
        """One step of Adam."""
        m, v = moments
        each = self.jax.tree.map
        m = each(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
        v = each(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
        size, root = RATE / (1 - 0.9**t), self.np.sqrt(1 - 0.999**t)
        w = each(lambda w, m, v: w - size * m / (self.np.sqrt(v) / root + 1e-8), w, m, v)
        return w, (m, v)

    def step(self, kind: str, state: tuple, key: Any) -> tuple:
        """One step of one run."""
        g, d, of_g, of_d, t = state
        keys = self.jax.random.split(key, 4)
        if kind == "extragradient":
            z, x = self.latent(keys[0]), self.real(keys[1])
            ahead = [
                self._plain(w, v) for w, v in ((g, self.generator(g, d, z)), (d, self.critic(g, d, x, z)))
            ]
            z, x = self.latent(keys[2]), self.real(keys[3])
            g1, d1 = ahead
            moves = self.generator(g1, d1, z), self.critic(g1, d1, x, z)
            return self._plain(g, moves[0]), self._plain(d, moves[1]), of_g, of_d, t
        z, x = self.latent(keys[0]), self.real(keys[1])
        d_new, of_d = self.adam(d, self.critic(g, d, x, z), of_d, t + 1)
        if kind == "alternating":
            d, z = d_new, self.latent(keys[2])
        g_new, of_g = self.adam(g, self.generator(g, d, z), of_g, t + 1)
        return g_new, d_new, of_g, of_d, t + 1

    def _plain(self, w: Any, gradient: Any) -> Any:
        return self.jax.tree.map(lambda w, g: w - 50 * RATE * g, w, gradient)

    def start(self, key: Any) -> tuple:
        """Draw the state of one run."""
        first, second = self.jax.random.split(key)
        g, d = self.weights(first, 2), self.weights(second, 1)
        zeros = [self.jax.tree.map(self.np.zeros_like, w) for w in (g, d)]
        return g, d, (zeros[0], zeros[0]), (zeros[1], zeros[1]), self.np.zeros(())

    def work(self, kind: str, population: int, steps: int) -> Work:
        """Return a compiled run of a population, with the faster of JAX's generators of random numbers."""
        jax = self.jax
        runs = []
        for implementation in ("threefry2x32", "unsafe_rbg"):
            key = jax.random.key(0, impl=implementation)
            state = jax.vmap(self.start)(jax.random.split(key, population))

            def whole(state, key):
                def one(state, key):
                    return jax.vmap(lambda s, k: self.step(kind, s, k))(state, key), None

                return jax.lax.scan(one, state, jax.random.split(key, (steps, population)))[0]

            runs.append(_fixed(jax, jax.jit(whole), state, key))
        return fastest(runs)


def lqg_work(
    jax: Any, variances: np.ndarray, start: np.ndarray, rank: int, rate: float, weight: float, steps: int
) -> Work:
    """Return a compiled run of the linear-quadratic-Gaussian game under consensus, by the faster of two solvers."""
    d, eye = len(variances), jax.numpy.eye(len(variances), dtype=start.dtype)
    scipy = jax.scipy.linalg
    solvers = jax.numpy.linalg.solve, lambda a, b: scipy.cho_solve(scipy.cho_factor(a), b)
    generator = jax.numpy.asarray(start[:, : d * rank].reshape(-1, d, rank))
    critic = jax.numpy.asarray(start[:, d * rank :].reshape(-1, d, d))

    def step(solve, w):
        def value(g, b):
            a = b.T @ b + 0.1 * eye
            return ((1 - jax.numpy.diagonal(a)) * variances).sum() + (g * (g - solve(a, g))).sum()

        def field(w):
            of_g, of_b = jax.grad(value, (0, 1))(*w)
            return of_g, -of_b

        v, back = jax.vjp(field, w)
        return jax.tree.map(lambda w, v, p: w - rate * (v + weight * p), w, v, back(v)[0])

    runs = []
    for solve in solvers:

        def whole(w, solve=solve):
            each = jax.vmap(lambda w: step(solve, w))
            return jax.lax.scan(lambda w, _: (each(w), None), w, None, length=steps)[0]

        runs.append(_fixed(jax, jax.jit(whole), (generator, critic)))
    return fastest(runs)


def fastest(runs: list[Work]) -> Work:
    """Return the run that takes the least time when it is warm."""
    seconds = []
    for run in runs:
        run()
        begun = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begun)
    return runs[seconds.index(min(seconds))]


def _fixed(jax: Any, compiled: Callable[..., Any], *arguments: Any) -> Work:
    return lambda: jax.block_until_ready(compiled(*arguments))
