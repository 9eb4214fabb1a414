// The shims are all in the header; the build needs one file to compile.
#include "CPython.h"
