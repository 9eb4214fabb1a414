// The C interface is a header alone; the build needs one file to compile.
#include "nas_engine.h"
