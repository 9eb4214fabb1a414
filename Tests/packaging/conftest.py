"""The distributions that are looked at: those of ``make wheel``, or of another folder."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--dist", type=Path, default=ROOT / "dist", help="folder of wheel and sdist")


def only(folder: Path, pattern: str) -> Path:
    """The one file of that name, so that an old one is never tested by mistake."""
    found = sorted(folder.glob(pattern))
    assert len(found) == 1, f"{folder} must have one {pattern}, it has {found}"
    return found[0].resolve()


@pytest.fixture(scope="session")
def wheel(request: pytest.FixtureRequest) -> Path:
    return only(request.config.getoption("--dist"), "*.whl")


@pytest.fixture(scope="session")
def sdist(request: pytest.FixtureRequest) -> Path:
    return only(request.config.getoption("--dist"), "*.tar.gz")
