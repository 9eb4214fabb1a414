#!/usr/bin/env bash
# Builds the shared library, compiles the test program against its headers as strict C11 with each compiler
# there is, and runs it; C++ compilers read the headers, each alone. The program uses all that they declare.
set -euo pipefail
cd "$(dirname "$0")/../.."
# Where and how setup.py builds, so that nothing is compiled twice.
scratch=${SWIFTNAS_SCRATCH_PATH:-.build/extension}
include=Sources/CNASEngine/include
swift build --quiet --configuration release --product NASEngine -Xswiftc -static-stdlib --disable-local-rpath \
    --scratch-path "$scratch"
library=$(realpath "$scratch/release")
for function in $(grep -hoE '\bnas_[a-z_]+\(' "$include"/nas_engine/*.h | sort -u); do
    grep -qF "$function" Tests/c/*.c || { echo "${function%(} is not tested" && exit 1; }
done
for cc in clang gcc; do
    command -v "$cc" >/dev/null || continue
    echo "$cc"
    "$cc" -std=c11 -Wall -Wextra -Werror -O1 -I"$include" Tests/c/*.c \
        -L"$library" -lNASEngine -Wl,-rpath,"$library" -lm -o "$library/interface-test"
    # Small tables are hashed by their address, and now and then need a buffer less; allocations are counted.
    SWIFT_DETERMINISTIC_HASHING=1 "$library/interface-test"
done
for cxx in clang++ g++; do
    command -v "$cxx" >/dev/null || continue
    for header in "$include"/*.h "$include"/nas_engine/*.h; do
        "$cxx" -x c++ -std=c++11 -Wall -Wextra -Werror -fsyntax-only "$header"
    done
done
