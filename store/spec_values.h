/* spec_values.h - what the value of each option means, and which values it may have.
 *
 * One function an option. It is given the value without quotes (NULL: the option stood alone) and either
 * changes the spec, or changes nothing and says in err what is wrong with the value. The caller adds the
 * option's name and where it stood. */
#ifndef STORE_SPEC_VALUES_H
#define STORE_SPEC_VALUES_H

#include "store/spec.h"

typedef int SetOption(Spec *spec, const char *value, Err *err);

SetOption set_name;             /* --job-name */
SetOption set_cpus_per_task;
SetOption set_ntasks;
SetOption set_ntasks_per_node;
SetOption set_nodes;            /* 1, or a range that begins with it */
SetOption set_time;
SetOption set_distribution;     /* -m: recorded, if it is one */
SetOption set_gres;             /* recorded, if it asks for no GPU */
SetOption set_nice;
SetOption set_hold;
SetOption set_requeue;
SetOption set_no_requeue;
SetOption set_directory;        /* --chdir */
SetOption set_environment;      /* --export */
SetOption set_nodelist;
SetOption set_exclude;
SetOption set_constraint;
SetOption set_array;
SetOption set_dependency;
SetOption set_kill_invalid;     /* --kill-on-invalid-dep */
SetOption set_begin;
SetOption set_exclusive;
SetOption set_retries;
SetOption set_memory;           /* --mem */
SetOption set_memory_per_cpu;
SetOption set_signal;
SetOption set_input;
SetOption set_stdin;
SetOption set_partition;
SetOption set_account;
SetOption set_transfer;         /* spec_paths.c */
SetOption set_returns;          /* --return */

#endif
