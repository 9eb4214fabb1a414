// The questions are all in the header; the build needs one file to compile.
#include "machine.h"
