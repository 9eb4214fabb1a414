#!/usr/bin/env bash
# Builds the shared library, compiles search.c against its header as strict C11, and runs it.
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=.build/library
swift build --quiet --configuration release --product NASEngine --scratch-path "$scratch"
library=$scratch/release
cc=clang
command -v clang >/dev/null || cc=cc
"$cc" -std=c11 -Wall -Wextra -Werror -Wno-nullability-extension -O1 -ISources/CNASEngine/include \
    Tests/c/search.c -L"$library" -lNASEngine -Wl,-rpath,"$PWD/$library" -lm -o "$library/search-test"
"$library/search-test"
