# --ntasks-per-node without --ntasks asks for tasks, of a script and of srun.
cat >job.sh <<'END'
#!/bin/bash
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
echo "$SLURM_NTASKS $SLURM_NTASKS_PER_NODE $SLURM_CPUS_ON_NODE"
srun sh -c 'echo rank $SLURM_PROCID of $SLURM_NTASKS' | sort
END
id=$(cp job.sh "$W/jobs/new" && basename "$(readlink "$W/last")")
wait_for "$id"
expect "$(paste -s -d, "$W/results/$id/stdout")" '2 2 2,rank 0 of 2,rank 1 of 2'
id=$(submit "srun --ntasks-per-node=2 --cpu_bind=none --accel-bind=g sh -c 'echo \$SLURM_PROCID' | sort")
wait_for "$id"
expect "$(paste -s -d, "$W/results/$id/stdout")" '0,1'
id=$(submit "srun -N1-2 -n 3 --tasks-per-node=2 echo x | wc -l")
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" 3
