"""The fixed text of the programs that `pytorch_code` writes; ``$`` marks what it fills in."""

from string import Template

OPENING = Template('''
"""Trial $number of a search by swiftnas $version, as a PyTorch program: python THIS_FILE data.npz

It trains the architecture from the beginning and prints the validation loss. In the search
$found.

$draws
"""

${imports}import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

$constants
''')

DATA = Template('''
# ---- Put your own data here -----------------------------------------------------------------


def load_data(path):
    """The arrays of a file that was written by

        np.savez("data.npz", X_train=..., y_train=..., X_val=..., y_val=...$weights)

    with X of shape (rows, features), $targets.
    """
    with np.load(path) as file:
        return dict(file)


# ---- The network ----------------------------------------------------------------------------
''')

NETWORK = Template("""
class Network(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        $made

    def forward(self, x):
        $called
""")

MEAN_LOSS = Template("""
def mean_loss(outputs, targets):
    return $losses.mean()
""")

WEIGHTED_LOSS = Template("""
def mean_loss(outputs, targets, weights=None):
    losses = $losses
    if weights is None:
        return losses.mean()
    # A batch whose weights are all 0 has the loss 0.
    return (weights * losses).sum() / (weights.sum().clamp_min(1e-38) * losses.shape[1])
""")

STANDARDIZED = '''
def standardized(train, rest):
    """Both with mean 0 and deviation 1 in each column of the training rows; constant columns 0."""
    mean = train.mean(axis=0, dtype=np.float64).astype(np.float32)
    deviation = train.std(axis=0, dtype=np.float64).astype(np.float32)
    scale = np.where(train.max(axis=0) > train.min(axis=0), deviation, np.float32(1))
    return [((part.astype(np.float64) - mean) / scale).astype(np.float32) for part in (train, rest)]
'''

PREPARED = Template('''
def prepared(data):
    """The number of outputs, and the data as tensors."""
    $lines
''')

BATCH_ORDER = '''
def batches(rows, epoch):
    """The rows of each step, in the order in which swiftnas.batch_order has them.

    torch.randperm would do as well, but for the comparison: this draws nothing from PyTorch's
    generator. It is Fisher and Yates' shuffle with numbers from Threefry-4x32, 12 rounds.
    """
    if BATCH_SIZE >= rows:
        return [slice(None)]
    name = 0x811C9DC5
    for byte in b"order":
        name = (name ^ byte) * 0x01000193 % 2**32
    key = threefry([SEED % 2**32, SEED >> 32, 0, 0], np.uint32([[0], [0], [0], [0]]))[:, 0]
    key = threefry(key, np.uint32([[epoch], [0], [name], [2**32 - 1]]))[:, 0]
    counters = np.zeros((4, rows), np.uint32)
    counters[0] = np.arange(rows)
    words = threefry(key, counters).astype(np.uint64)
    numbers = ((words[0] << np.uint64(32)) | words[1]).tolist()
    order = list(range(rows))
    for last, number in zip(range(rows - 1, 0, -1), numbers):
        other = number * (last + 1) >> 64
        order[last], order[other] = order[other], order[last]
    return list(torch.tensor(order).split(BATCH_SIZE))


def threefry(key, counters):
    """Four random 32-bit words for each column of counters (Salmon et al., SC 2011)."""
    keys = [np.uint32(word) for word in key]
    keys.append(np.uint32(0x1BD11BDA) ^ keys[0] ^ keys[1] ^ keys[2] ^ keys[3])
    a, b, c, d = (counters[i] + keys[i] for i in range(4))

    def mix(x, y, bits):
        x = x + y
        return x, ((y << np.uint32(bits)) | (y >> np.uint32(32 - bits))) ^ x

    rotations = [(10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20)]
    for step in range(12):
        first, second = rotations[step % 8]
        a, b = mix(a, b, first)
        c, d = mix(c, d, second)
        b, d = d, b
        if step % 4 == 3:
            turn = step // 4 + 1
            a, b, c, d = (x + keys[(turn + i) % 5] for i, x in enumerate((a, b, c, d)))
            d = d + np.uint32(turn)
    return np.stack([a, b, c, d])
'''

INITIAL = Template(
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            $call
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
""".lstrip("\n")
)

STEP = Template(
    """
optimizer.zero_grad()
loss = mean_loss(network(X_train$rows), y_train$rows$weights)
loss.backward()
optimizer.step()
""".strip("\n")
)

TRAIN = Template('''
def train(data):
    """The trained network and its validation loss."""
    outputs, X_train, y_train, X_val, y_val$weights = prepared(data)
$cut    torch.manual_seed(SEED)
    network = Network(X_train.shape[1], outputs)
$initial    optimizer = $optimizer
    for epoch in range(EPOCHS):
        $steps
    network.eval()
    with torch.no_grad():
        return network, mean_loss(network(X_val), y_val).item()
''')

MAIN = """
if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} data.npz")
    network, validation_loss = train(load_data(sys.argv[1]))
    print(f"validation loss: {validation_loss:.9g}")
"""
