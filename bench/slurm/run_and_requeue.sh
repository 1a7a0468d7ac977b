# shellcheck shell=bash
# Read by the batch scripts beside it: run_and_requeue LAUNCHER... -- JOB.yaml RESULT.h5 [options of zpscan run]
# Runs or resumes, and puts the Slurm job back into the queue when the run was stopped and can go on. A run that only
# fails (a wrong job, no space) is not tried again, nor one that is killed without having got on, and none more than
# ZPS_SLURM_TRIES times.

# Bytes in the journals of a result.
journal_bytes() {
  local size total=0
  for size in $(stat -c %s -- "$1".journal.* 2>/dev/null); do
    ((total += size))
  done
  echo "$total"
}

# Whether a run that ended with this status is worth another try; bytes: in its journals, before it began and now.
can_go_on() {
  local status=$1 bytes_before=$2 bytes=$3
  ((bytes > 0)) || return
  case $status in
  3 | 129 | 130 | 138 | 143) ;; # stopped; HUP, INT, USR1, TERM as launchers pass them on
  200) ;;                       # the step did not begin
  *) ((status > 128 && bytes > bytes_before)) || return ;; # a rank, node or step was lost
  esac
}

# What scontrol calls this job: of an array this element, since the number of its last one is also that of the array.
slurm_job() {
  if [[ -n ${SLURM_ARRAY_JOB_ID:-} ]]; then
    echo "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
  else
    echo "$SLURM_JOB_ID"
  fi
}

run_and_requeue() {
  local launcher=() threads=() job result status bytes_before
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
  # Where Slurm does not bind steps to their cores, each would take all of the node.
  [[ -z ${SLURM_CPUS_PER_TASK:-} ]] || threads=(--threads "$SLURM_CPUS_PER_TASK")
  bytes_before=$(journal_bytes "$result")
  "${launcher[@]}" "${ZPSCAN:-zpscan}" run "$job" -o "$result" --resume "${threads[@]}" "$@"
  status=$?
  # srun is known to end with 0 when a step could not even begin.
  if [[ $status -eq 0 && ! -e $result ]]; then
    echo "no result, though the launcher ended with 0" >&2
    status=200
  fi
  if can_go_on "$status" "$bytes_before" "$(journal_bytes "$result")" &&
    [[ ${SLURM_RESTART_COUNT:-0} -lt ${ZPS_SLURM_TRIES:-100} ]]; then
    echo "stopped with $status: back into the queue"
    scontrol requeue "$(slurm_job)"
  fi
  exit "$status"
}
