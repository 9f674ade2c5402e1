# A document whose "#!" is not its first two bytes, and a line that goes on, are refused before any of it runs: in
# one write, or in pieces. Only #WULFS lines may stand before the "#!".
rest=$(printf '\ncd /scratch\necho ran >>%s/ran\n' "$T")
in_one_write() { refused 'Invalid argument' dd of="$W/jobs/new" bs=1M status=none <text; }
line_by_line() { refused 'Invalid argument' sh -c 'while IFS= read -r line; do printf "%s\n" "$line" | dd status=none 1>&3; done 3>"$1" <text; exit 1' sh "$W/jobs/new"; }
byte_by_byte() { refused 'Invalid argument' dd of="$W/jobs/new" bs=1 status=none <text; }

while IFS= read -r start; do
	printf "$start%s\n" "$rest" >text
	in_one_write
	line_by_line
	byte_by_byte
done <<'END'
# !/bin/bash\n# SBATCH -n 2
\n#!/bin/bash
# my job\n#!/bin/bash
 #!/bin/bash
\357\273\277#!/bin/bash
\357\273\277# my job\n#!/bin/bash
\n\n\t#!/bin/bash\n#SBATCH -n 2
#SBATCH -n 2\n#!/bin/bash
#PBS -N x
#WULFS -n 2\n
#!/bin/bash\n#PBS -t 1-3\n#PBS -N x
echo train \\
END
grep -q '#! is not the first two bytes' "$W/errors" || grep -q 'goes on after its last backslash' "$W/errors"
expect "$(count)" 0

# Lines before one that goes on are jobs of their own; what follows it is not.
printf 'true\necho train \\\n  lr=0.1\n' >text
refused 'Invalid argument' dd of="$W/jobs/new" bs=1M status=none <text
expect "$(count)" 1

printf '#WULFS -J mine -n 2\n#!/bin/sh\n#SBATCH -n 1\necho $SLURM_NTASKS; head -n 1 "$0"\n' >text
for size in 1 5 4096; do
	dd of="$W/jobs/new" bs=$size status=none <text
	wait_until "[ -e $W/results/mine ]"
	id=$(basename "$(readlink "$W/results/mine")")
	wait_for "$id"
	expect "$(cat "$W/results/$id/stdout")" "$(printf '2\n#!/bin/sh')"
	cmp text "$W/jobs/$id/spec"
	rm -r "$W/results/$id"
done
[ ! -e "$T/ran" ]
