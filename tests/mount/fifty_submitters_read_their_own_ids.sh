# 50 at once, each reads the id of its own job.
for i in $(seq 50); do
	{ id=$(submit "-H echo $i") && expect "$(cat "$W/jobs/$id/spec")" "-H echo $i" && echo "$id" >>ids; } &
done
wait
expect "$(sort -u ids | wc -l)" 50
expect "$(count)" 50
