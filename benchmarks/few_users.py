"""How often the paired bootstrap names a winner that is none, by the number of users.

Run: python -m benchmarks.few_users

Two kinds of difference per user, both with a mean of zero over everybody: noise in about every
third user, and large gains of one user in twenty beside small losses of a third. What is printed is
the share of samples of that many users whose 95 % interval lies above, or below, zero; 0.025 each
would be right. ``engine.evaluation.sample_size`` rests on it.
"""

import numpy as np
import numpy.typing as npt

from engine.evaluation.significance import paired_bootstrap

EVERYBODY, SAMPLES = 200_000, 1_000
SIZES = (2, 5, 10, 20, 30, 50, 100, 200)


def differences(draw: np.random.Generator) -> dict[str, npt.NDArray[np.float64]]:
    """Return the difference of two equally good methods for every user, of each kind."""
    ours, theirs = (_quality(draw) for _ in range(2))
    noise = np.where(draw.random(EVERYBODY) < 0.6, 0.0, ours - theirs)
    gains = np.where(draw.random(EVERYBODY) < 0.05, draw.beta(2, 2, EVERYBODY), 0.0)
    losses = np.where(draw.random(EVERYBODY) < 0.3, draw.beta(1, 12, EVERYBODY), 0.0)
    kinds = {"noise": noise, "few gain": gains - losses}
    return {name: values - values.mean() for name, values in kinds.items()}


def false_verdicts(values: npt.NDArray[np.float64], users: int) -> tuple[float, float]:
    """Return the shares of samples that are said to win, and to lose."""
    draw = np.random.default_rng(users)
    wins = losses = 0
    for _ in range(SAMPLES):
        sample = values[draw.integers(0, len(values), users)]
        found = paired_bootstrap(sample, np.zeros(users), draw, draws=1_000)
        wins, losses = wins + found.better, losses + (found.high < 0)
    return wins / SAMPLES, losses / SAMPLES


def _quality(draw: np.random.Generator) -> npt.NDArray[np.float64]:
    return np.where(draw.random(EVERYBODY) < 0.7, 0.0, draw.beta(1.2, 2.5, EVERYBODY))


def main() -> None:
    """Print the table."""
    print("| differences | users | wins | losses |\n| --- | --- | --- | --- |")
    for name, values in differences(np.random.default_rng(0)).items():
        for users in SIZES:
            wins, losses = false_verdicts(values, users)
            print(f"| {name} | {users} | {wins:.3f} | {losses:.3f} |", flush=True)


if __name__ == "__main__":
    main()
