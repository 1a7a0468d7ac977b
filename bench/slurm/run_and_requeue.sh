# Read by the batch scripts beside it: run_and_requeue LAUNCHER... -- JOB.yaml RESULT.h5 [options of zpscan run]
# Runs or resumes, and puts the Slurm job back into the queue when the run was stopped and can go on. A run that only
# fails (a wrong job, no space) is not tried again, and none more than ZPS_SLURM_TRIES times.
run_and_requeue() {
  local launcher=() job result status
  while [[ $# -gt 0 && $1 != -- ]]; do
    launcher+=("$1")
    shift
  done
  if [[ $# -lt 3 ]]; then
    echo "expected JOB.yaml RESULT.h5 [options of zpscan run]" >&2
    exit 2
  fi
  job=$2 result=$3
  shift 3
  "${launcher[@]}" "${ZPSCAN:-zpscan}" run "$job" -o "$result" --resume "$@"
  status=$?
  # srun is known to end with 0 when a step could not even begin.
  if [[ $status -eq 0 && ! -e $result ]]; then
    echo "no result, though the launcher ended with 0" >&2
    status=200
  fi
  # 3: stopped by the signal before the time limit. Above 128: a rank, node or step was lost, which leaves journals too.
  if [[ $status -eq 3 || $status -gt 128 ]] && compgen -G "$result.journal.*" >/dev/null &&
    [[ ${SLURM_RESTART_COUNT:-0} -lt ${ZPS_SLURM_TRIES:-100} ]]; then
    echo "stopped with $status: back into the queue"
    # Of an array, the job id of this element alone.
    scontrol requeue "$SLURM_JOB_ID"
  fi
  exit "$status"
}
