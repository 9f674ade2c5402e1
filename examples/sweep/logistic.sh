#!/bin/sh
#SBATCH --job-name=logistic
#SBATCH --array=0-40
#
# The logistic map x -> r x (1 - x) for one r between 2.8 and 4, once it has settled: r, how many values it
# goes through, and where they lie between 0 and 1.

awk -v task="$SLURM_ARRAY_TASK_ID" 'BEGIN {
	r = 2.8 + 0.03 * task
	x = 0.3
	for (i = 0; i < 5000; i++)
		x = r * x * (1 - x)
	for (i = 0; i < 512; i++) {
		x = r * x * (1 - x)
		if (!seen[sprintf("%.4f", x)]++)
			values++
		mark[int(60 * x)] = "*"
	}
	for (i = 0; i < 60; i++)
		picture = picture (mark[i] ? mark[i] : " ")
	sub(/ +$/, "", picture)
	printf "%.2f %4d |%s\n", r, values, picture
}'
