/**
 * @file nas_engine.h
 * The C interface of the swiftnas engine: the one header to include.
 *
 * Objects are opaque handles. Every function returns a status; results come through pointers, which are
 * written only if the status is NAS_OK. After any other status nas_last_error() tells why, in one line
 * that names the argument, until the same thread's next call. A null pointer where a value is needed, or a
 * handle of another kind, is NAS_INVALID_ARGUMENT. No function throws, aborts or prints.
 *
 * Handles are freed with their own nas_..._free, which accepts null, in any order: what a handle needs of
 * another lives on with it. A space, dataset, result or trial may be used by several threads at once; a
 * strategy or training by one at a time; a cancellation by any.
 *
 * Strings are UTF-8 and null-terminated. Strings handed out belong to the handle they came from and
 * stay valid until its next call or its end. Matrices are row-major float32; a dataset borrows them, so
 * they must outlive it and its trainings unchanged.
 */
#ifndef NAS_ENGINE_H
#define NAS_ENGINE_H

#include "nas_engine/base.h"
#include "nas_engine/values.h"
#include "nas_engine/space.h"
#include "nas_engine/strategy.h"
#include "nas_engine/dataset.h"
#include "nas_engine/training.h"
#include "nas_engine/result.h"
#include "nas_engine/proxies.h"
#include "nas_engine/darts.h"

#endif
