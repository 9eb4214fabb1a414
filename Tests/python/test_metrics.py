"""Metrics against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as theirs

from swiftnas import metrics


def sample(classes: int, rows: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities that know something of them; with ties."""
    random = np.random.default_rng(classes)
    labels = random.integers(0, classes, rows)
    logits = random.normal(size=(rows, classes)).round(1)
    logits[np.arange(rows), labels] += 1
    shares = np.exp(logits)
    return labels, shares / shares.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_labels(classes: int) -> None:
    labels, shares = sample(classes)
    names = np.array([f"class {k}" for k in range(classes)])
    predicted = shares.argmax(axis=1)
    for true, guess in ((labels, predicted), (names[labels], names[predicted])):
        assert metrics.accuracy(true, guess) == pytest.approx(theirs.accuracy_score(true, guess))
        macro = theirs.f1_score(true, guess, average="macro")
        assert metrics.f1(true, guess) == pytest.approx(macro)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_scores(classes: int) -> None:
    labels, shares = sample(classes)
    assert metrics.log_loss(labels, shares) == pytest.approx(theirs.log_loss(labels, shares))
    if classes == 2:
        area = theirs.roc_auc_score(labels, shares[:, 1])
        assert metrics.roc_auc(labels, shares[:, 1]) == pytest.approx(area)
        flat = metrics.log_loss(labels, shares[:, 1])
        assert flat == pytest.approx(theirs.log_loss(labels, shares))
        logits = np.log(shares[:, 1] / shares[:, 0])
        # Rounding parts some ties.
        assert metrics.roc_auc(labels, logits) == pytest.approx(
            theirs.roc_auc_score(labels, logits)
        )
    else:
        area = theirs.roc_auc_score(labels, shares, multi_class="ovr", average="macro")
    assert metrics.roc_auc(labels, shares) == pytest.approx(area)


def test_edges() -> None:
    assert metrics.f1([0, 0], [1, 1]) == 0
    assert metrics.log_loss([0, 1], [[1, 0], [1, 0]]) == pytest.approx(
        theirs.log_loss([0, 1], [[1, 0], [1, 0]])
    )
    assert metrics.roc_auc([0, 1], [[0.5, 0.5]] * 2) == 0.5
    # Classes that the rows do not have need columns, and count for nothing.
    three = [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]]
    assert metrics.roc_auc(["a", "b"], three, classes=["a", "b", "c"]) == 1


def test_bad_input() -> None:
    for call, message in (
        (lambda: metrics.accuracy([0, 1], [0]), r"y_pred must have as many rows as y_true \(2\)"),
        (lambda: metrics.accuracy([0, 1], ["0", "1"]), "y_pred must hold labels like y_true's"),
        (lambda: metrics.log_loss([0, 1], [[0.5, 0.5]]), "probabilities must have a row for each"),
        (lambda: metrics.log_loss([0, 1], [[2, -1]] * 2), r"probabilities must be in \[0, 1\]"),
        (lambda: metrics.log_loss([0, 1], [[np.nan, 1]] * 2), "probabilities must be finite"),
        (lambda: metrics.roc_auc([0, 1], [["a", "b"]] * 2), "scores must hold real numbers"),
        (lambda: metrics.roc_auc([0, 0], [1, 1], classes=[0, 1]), "at least two classes"),
        (lambda: metrics.roc_auc([0, 2], [1, 1], classes=[0, 1]), "y_true must hold labels that"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            call()
