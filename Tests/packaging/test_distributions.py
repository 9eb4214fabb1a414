"""What is in the wheel and in the source distribution."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def contents(wheel: Path) -> dict[str, bytes]:
    """Its files by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_is_for_every_cpython_and_many_linuxes(wheel: Path) -> None:
    name, version, python, abi, platform = wheel.stem.split("-")
    assert (name, version) == (PROJECT["name"], PROJECT["version"])
    assert (python, abi) == ("cp311", "abi3")
    assert re.fullmatch(r"manylinux_2_\d+_(x86_64|aarch64)(\.manylinux\w+)*", platform)


def test_the_extension_keeps_to_the_stable_abi(wheel: Path) -> None:
    command = [sys.executable, "-m", "abi3audit", "--strict", "--summary", wheel]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    package = ROOT / "python" / "swiftnas"
    wanted = {
        f"swiftnas/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.suffix in (".py", ".pyi", ".typed", ".jinja")
    }
    assert "swiftnas/py.typed" in wanted
    names = {name for name in contents(wheel) if ".dist-info/" not in name}
    assert names == wanted | {"swiftnas/_native.abi3.so"}


def test_the_wheel_says_what_it_needs(wheel: Path) -> None:
    metadata = next(
        text.decode() for name, text in contents(wheel).items() if name.endswith("/METADATA")
    )
    headers = metadata.split("\n\n")[0].splitlines()
    required = [line for line in headers if line.startswith("Requires-Dist:")]
    assert {line for line in required if "extra ==" not in line} == {
        f"Requires-Dist: {requirement}" for requirement in PROJECT["dependencies"]
    }
    assert "Requires-Python: >=3.11" in headers
    assert any(name.endswith("/licenses/LICENSE") for name in contents(wheel))


def test_the_wheel_keeps_no_path_of_the_machine_that_built_it(wheel: Path) -> None:
    # Also none of temporary folders, where `build` unpacks the source distribution.
    paths = {str(ROOT), str(Path.home()) + "/", "build-via-sdist", sys.base_prefix}
    for name, data in contents(wheel).items():
        assert [path for path in paths if path.encode() in data] == [], name


def test_the_source_distribution_builds_everything(sdist: Path) -> None:
    """One copy of every source that git tracks; of the kernels' links none."""
    command = ["git", "ls-files", "-s", "Sources", "Tests", "python"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    modes = {line.split("\t")[1]: line.split()[0] for line in listing.splitlines()}
    wanted = {name for name, mode in modes.items() if mode != "120000"}
    top = {"LICENSE", "MANIFEST.in", "Package.swift", "PKG-INFO", "README.md"}
    wanted |= top | {"pyproject.toml", "setup.cfg", "setup.py"}
    with tarfile.open(sdist) as archive:
        files = {member.name.partition("/")[2]: member for member in archive if not member.isdir()}
    # Its own account of what it holds.
    names = {name for name in files if ".egg-info/" not in name}
    shared = re.compile(r"Sources/NASKernels/\w+/Shared/|Sources/NASKernels/Shared/")
    copies = {name for name in names if shared.match(name)}
    assert {shared.sub("", name) for name in wanted if shared.match(name)} == {
        shared.sub("", name) for name in copies
    }
    assert len({shared.match(name)[0] for name in copies}) == 1
    assert names - copies == {name for name in wanted if not shared.match(name)}
    assert all(member.isreg() for member in files.values())
