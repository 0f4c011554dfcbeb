"""P12: what the house takes while nobody is there."""

import time

import psutil

from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.product import Product

_SETTLE_SECONDS, _SAMPLES, _BETWEEN_SECONDS = 10.0, 5, 4.0


def measure(product: Product) -> list[Figure]:
    """Memory as PSS (shared pages count once), and processor time, of every process of each part."""
    load = load_now()
    time.sleep(_SETTLE_SECONDS)
    memory, processor = _sample(product)
    parts = ", ".join(f"{name} {values[-1]:.0f}" for name, values in memory.items())
    total = [sum(values) for values in zip(*memory.values(), strict=True)]
    figures = [figure("P12", f"memory at rest ({parts})", "MB", total, bar=600.0, load=load)]
    for name, shares in processor.items():
        figures.append(figure("P12", f"processor at rest: {name}", "% of a core", shares, load=load))
    return figures


def _sample(product: Product) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    memory: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    spent = {name: _processor(family) for name, family in product.processes().items()}
    for _ in range(_SAMPLES):
        time.sleep(_BETWEEN_SECONDS)
        for name, family in product.processes().items():
            memory.setdefault(name, []).append(sum(process.memory_full_info().pss for process in family) / 1e6)
            now = _processor(family)
            processor.setdefault(name, []).append(100 * (now - spent[name]) / _BETWEEN_SECONDS)
            spent[name] = now
    return memory, processor


def _processor(family: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in family))
