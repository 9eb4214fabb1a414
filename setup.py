"""Builds the extension with `swift build`; all else about the package is in pyproject.toml."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.errors import PlatformError

ROOT = Path(__file__).resolve().parent
PRODUCT = "NASPyModule"


def link_kernel_sources() -> None:
    """Restore the links to the kernels' one source: a source distribution keeps one copy of it."""
    root = ROOT / "Sources" / "NASKernels"
    places = [root / "Shared", *(root / name / "Shared" for name in ("Baseline", "AVX2", "AVX512"))]
    source = next(place for place in places if place.is_dir())
    for place in places:
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.symlink_to(os.path.relpath(source, place.parent))


class SwiftBuild(build_ext):
    """Compiles the Swift product and puts it where setuptools expects the extension."""

    def build_extension(self, ext: Extension) -> None:
        if shutil.which("swift") is None:
            raise PlatformError("no 'swift' on the PATH, and building needs Swift 6.2 or later")
        link_kernel_sources()
        headers = sysconfig.get_path("include")
        if not Path(headers, "Python.h").exists():
            raise PlatformError(f"no Python.h in {headers}, and building needs it")
        command = ["swift", "build", "--configuration", "release", "--product", PRODUCT]
        # --static-swift-stdlib would be ignored for a library; without it the extension would need
        # an installed Swift at run time.
        command += ["-Xswiftc", "-static-stdlib", "--disable-local-rpath"]
        command += ["-Xlinker", f"--version-script={ROOT / 'Sources/NASPyModule/exports.map'}"]
        command += ["-Xlinker", "--strip-all"]
        target = Path(self.get_ext_fullpath(ext.name))
        # Without a name of its own the library keeps the path of the folder that it was built in.
        command += ["-Xlinker", f"-soname={target.name}"]
        scratch = os.environ.get("SWIFTNAS_SCRATCH_PATH", str(ROOT / ".build" / "extension"))
        command += ["--scratch-path", scratch]
        search = [headers, *filter(None, [os.environ.get("CPATH")])]
        environment = {**os.environ, "CPATH": os.pathsep.join(search)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A new file, not new contents: a process that has the old one mapped keeps it.
        built = target.with_suffix(".new")
        shutil.copyfile(Path(scratch) / "release" / f"lib{PRODUCT}.so", built)
        built.replace(target)


class Abi3Wheel(bdist_wheel):
    """Tags the wheel for every CPython from 3.11 on."""

    def finalize_options(self) -> None:
        self.py_limited_api = "cp311"
        super().finalize_options()


setup(
    ext_modules=[Extension("swiftnas._native", sources=[], py_limited_api=True)],
    cmdclass={"build_ext": SwiftBuild, "bdist_wheel": Abi3Wheel},
)
