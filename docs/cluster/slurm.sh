#!/bin/bash
#SBATCH --job-name=detector
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --requeue
# Four hosts with a GPU each train one detector: sbatch docs/cluster/slurm.sh
# Nothing names the hosts: JAX reads what Slurm sets for each process of srun.
export KERAS_BACKEND=jax
export JAX_COMPILATION_CACHE_DIR="$PWD/build/compiled"
srun --kill-on-bad-exit=1 .venv/bin/python scripts/model_main_tf2.py \
    --pipeline_config_path=customTF2/data/pipeline.config \
    --model_dir=customTF2/training --distribute
