# Each task of an array is sent the same files, and what it returns is its own.
mkdir in
echo shared >in/common
seq 100000 >in/large
id=$(submit '--array=3-5 --transfer=in --return=*.out,sub sh -c "wc -l <in/large >$SLURM_ARRAY_TASK_ID.out; mkdir -p sub; cp in/common sub/$SLURM_ARRAY_TASK_ID"')
wait_for "$id"
for k in 3 4 5; do
	expect "$(find "$W/results/$id/$k/out" -type f -printf '%P\n' | sort | tr '\n' ' ')" "$k.out sub/$k "
	expect "$(cat "$W/results/$id/$k/out/$k.out") $(cat "$W/results/$id/$k/out/sub/$k")" "100000 shared"
done
refused 'No such file' ls "$W/results/$id/out"
expect "$(ls "$W/results/$id" | tr '\n' ' ')" "3 4 5 exit stderr stdout "
tar -C "$W/results" -cf - "$id" | tar -tf - | grep -q "^$id/4/out/sub/4$"
leave
mount_again
expect "$(cat "$W/results/$id/5/out/sub/5")" shared
rm -r "$W/results/$id"
wait_until '! find $S/outputs -mindepth 1 -type f | grep .'
