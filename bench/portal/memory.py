"""How much memory this process holds, and held at most."""

import gc

from bench.resident import peak, reset_peak, resident


def idle_memory() -> float:
    """Return what is held now, in MiB, and begin to watch the peak."""
    gc.collect()
    reset_peak("self")
    return resident("self")


def peak_memory() -> float:
    """Return the most, in MiB, that was held since :func:`idle_memory`."""
    return peak("self")
