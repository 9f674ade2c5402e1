# examples/sweep: 41 tasks of an array draw the logistic map, a row each, and are put together in their order.
example=$CASES/../../examples/sweep

"$example/run" "$W" >said
for task in $(seq 0 40); do SLURM_ARRAY_TASK_ID=$task sh "$example/logistic.sh"; done >here
head -n 41 said | diff here -
expect "$(tail -n 1 said)" 'two values from r = 3.01, chaos from r = 3.58'
expect "$(count)" 1
