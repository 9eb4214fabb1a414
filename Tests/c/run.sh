#!/usr/bin/env bash
# Builds the shared library, compiles search.c against its header as strict C11 with each compiler there
# is, and runs it.
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=.build/library
swift build --quiet --configuration release --product NASEngine --scratch-path "$scratch"
library=$scratch/release
for cc in clang gcc; do
    command -v "$cc" >/dev/null || continue
    echo "$cc"
    "$cc" -std=c11 -Wall -Wextra -Werror -O1 -ISources/CNASEngine/include Tests/c/search.c \
        -L"$library" -lNASEngine -Wl,-rpath,"$PWD/$library" -lm -o "$library/search-test"
    "$library/search-test"
done
