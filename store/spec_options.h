/* spec_options.h - the options a spec may begin with: sbatch(1)'s, and what wulfs makes of each.
 *
 * An option is a row of the table in spec_options.c; its function stands in spec_values.h. Lines and
 * #SBATCH directives are read by the same call. */
#ifndef STORE_SPEC_OPTIONS_H
#define STORE_SPEC_OPTIONS_H

#include "store/spec.h"
#include "store/spec_words.h"

/* Apply the options that words begins with to spec, a later one over an earlier one, as getopt_long(3)
 * would, except that long names are not abbreviated. Leaves words at the first word that is no option,
 * or behind "--". 0, or -1 with err pointing at the refused word; spec then holds the options before it. */
int options_read(Words *words, Spec *spec, Err *err);

/* What only all options together say; after the last of them. 0, or -1 with err and the spec half settled. */
int options_settle(Spec *spec, Err *err);

#endif
