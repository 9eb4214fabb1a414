"""What a fresh installation must be able to do; prints facts as JSON, for comparison.

Runs with nothing but the package and what it depends on.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

import swiftnas as nas

grid = np.arange(600, dtype=np.float32).reshape(200, 3)
X = np.sin(grid)
y = X[:, 0] * X[:, 1] + X[:, 2]
task = nas.Task.split(X, y, validation=0.2, seed=0)
space = nas.spaces.residual_mlp(max_layers=3, widths=[8, 16])
result = nas.search(space, task, strategy=nas.TPE(), trials=15, epochs=10, seed=0, workers=2)
model = nas.train(result.best.architecture, task, epochs=30, seed=0)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model"
    model.save(path)
    again = nas.load(path)
predictions = again.predict(X)
assert np.array_equal(predictions, model.predict(X))
relaxed = nas.darts(
    {"num_hidden_layers": [2], "hidden_layer_size": [8], "activation_function": ["ReLU", "Tanh"]},
    task,
    trials=1,
    final_epochs=10,
    seed=0,
    epochs=5,
)

json.dump(
    {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "package": str(Path(nas.__file__).resolve()),
        "version": nas.__version__,
        "swift": shutil.which("swift"),
        "strategies": [strategy.__name__ for strategy in nas.Strategy.__subclasses__()],
        "values": [trial.value for trial in result.trials],
        "alphas": relaxed.alphas,
        "predictions": hashlib.sha256(predictions.tobytes()).hexdigest(),
    },
    sys.stdout,
)
