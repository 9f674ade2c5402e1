/* files_out.h - results/ID/out: a real tree, shown as it is.
 *
 * The tables end at out/ itself. What lies below is looked up in what --return brought (store/returned.h). An
 * inode number is made of the task and the path, so it is the same after a remount; to find the path again, each
 * is remembered as long as the kernel knows its number. Only tree.c and fuse.c call these. */
#ifndef FS_FILES_OUT_H
#define FS_FILES_OUT_H

#include "fs/tree.h"

bool out_is_inode(uint64_t inode);
uint64_t out_inode(const Place *place);

bool out_find(Fs *fs, uint64_t inode, Place *place);
bool out_lookup(Fs *fs, const Place *directory, const char *name, Place *place);
bool out_stat(Fs *fs, const Place *place, struct stat *st);     /* false: it is gone */
int out_readlink(Fs *fs, const Place *place, Buf *target);
void out_list(Fs *fs, const Place *directory, uint64_t offset, Visit visit, void *arg);
void out_path(const Place *place, Buf *path);

/* How often the kernel was told of a place is counted here and nowhere else. out_lookup and out_list find places that
 * may be in no count yet. Whoever put one into an answer calls out_told; whoever got one from out_lookup calls
 * out_settle last, which drops a place that the kernel does not know (out_list does so itself). Never use the place
 * after that. Places that are not below an out/ are ignored. */
void out_told(const Place *place);
void out_settle(Fs *fs, const Place *place);
/* The kernel forgets so many of the answers. */
void out_forget(Fs *fs, uint64_t inode, uint64_t times);
void out_release(Fs *fs);

#endif
