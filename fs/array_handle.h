/* array_handle.h - reading what all tasks of an array wrote, as one. */
#ifndef FS_ARRAY_HANDLE_H
#define FS_ARRAY_HANDLE_H

#include "fs/handle.h"
#include "fs/output_handle.h"

extern const HandleKind array_output_handle, array_follow_handle;

/* What a handle of these kinds needs. Returns 0. */
int array_reading_open(Handle *handle, Stream stream);

#endif
