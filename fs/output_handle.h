/* output_handle.h - how long an output is now, for the tables that list it. */
#ifndef FS_OUTPUT_HANDLE_H
#define FS_OUTPUT_HANDLE_H

#include "store/model.h"

uint64_t output_length(const Task *task, Stream stream);        /* bytes, while it grows and after */

#endif
