"""Evaluations by swiftnas and by PyTorch side by side: PyTorch's time divided by ours.

Both train the same architectures with the same seed for 10 epochs on 800 rows, one thread each, in
turns; the median of the rounds counts. Prints a table in Markdown.

Usage: python benchmarks/compare_pytorch.py [--rounds 3] [--rows 800]
"""

from __future__ import annotations

import argparse
import math
import statistics
import time

import numpy as np
import torch
from pytorch_article import evaluate_architecture

import swiftnas as nas

LAYERS = (1, 2, 3, 5)
SIZES = (32, 64, 128, 256, 512)
EPOCHS = 10


def seconds(call) -> float:
    """The wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=800)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    X = np.random.default_rng(0).uniform(-1, 1, (arguments.rows + 200, 1)).astype(np.float32)
    y = np.sin(3 * X)
    split = arguments.rows
    arrays = (X[:split], y[:split], X[split:], y[split:])
    tensors = tuple(torch.from_numpy(array) for array in arrays)
    nas.show_config()
    print(f"\nPyTorch {torch.__version__}, {arguments.rows} rows, {EPOCHS} epochs, one thread each")
    print("\n| layers | " + " | ".join(f"h = {size}" for size in SIZES) + " |")
    print("|---" * (len(SIZES) + 1) + "|")
    ratios = []
    for layers in LAYERS:
        cells = []
        for size in SIZES:
            architecture = {
                "num_hidden_layers": layers,
                "hidden_layer_size": size,
                "activation_function": "Tanh",
                "learning_rate": 0.001,
                "optimizer": "Adam",
                "dropout_rate": 0.2,
            }

            def ours(architecture=architecture):
                nas.evaluate_architecture(architecture, *arrays, EPOCHS, seed=0)

            def theirs(architecture=architecture):
                evaluate_architecture(architecture, tensors, EPOCHS, seed=0)

            ours(), theirs()
            pairs = [(seconds(ours), seconds(theirs)) for _ in range(arguments.rounds)]
            mine, their = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratios.append(their / mine)
            cells.append(f"{their * 1e3:.1f} / {mine * 1e3:.1f} ms = {their / mine:.1f}×")
        print(f"| {layers} | " + " | ".join(cells) + " |")
    mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
    print(f"\nGeometric mean of PyTorch ÷ swiftnas: {mean:.2f}")


if __name__ == "__main__":
    main()
