/* Ranks of MPI. Two things are unusual.
 *
 * Work is handed out by a clerk, a thread of rank 0 that answers while the engine computes. A one-sided counter would
 * need no thread, but over TCP it advances only when rank 0 calls MPI. The clerk is the only thread of rank 0 that
 * calls MPI while work is shared, and rank 0 itself takes its work under a lock, so MPI_THREAD_SERIALIZED suffices.
 *
 * Waits sleep. Ranks wait long for each other (for the slowest one, for the result being written), and the busy waits
 * of MPI would take the cores of those that still compute. Hence an MPI_Ibarrier, tested every millisecond, stands in
 * front of each collective call. */
#include <mpi.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "host/run/comm_plugin.h"
#include "host/run/handout.h"

#define TAG_ASK 1
#define TAG_ANSWER 2
#define NAP_FIRST_S 20e-6
#define NAP_S 1e-3
#define PATIENCE_S 0.3          /* with a silent rank 0 once this rank should hurry */
#define PIECE ((size_t)1 << 20) /* entries in one reduction: MPI counts in int */
#define MAX_REQUESTS 2          /* of one exchange: the answer and the question */

enum ask_kind { ASK_TAKE, ASK_STOP, ASK_LEAVE };
enum { ASK_KIND, ASK_WANTED, ASK_LEAST, ASK_SIZE };
enum { ANSWER_FIRST, ANSWER_N, ANSWER_HANDED, ANSWER_STOPPED, ANSWER_SIZE };

typedef struct mpi_state {
  MPI_Comm comm;
  MPI_Comm node; /* the ranks of this node */
  zps_comm_hurry hurry;
  void *hurry_context;
  /* Not on the stack: an answer that comes when nobody waits any more still has its place. */
  uint64_t ask[ASK_SIZE];
  uint64_t answer[ANSWER_SIZE];
  /* Of rank 0 only. */
  pthread_mutex_t lock; /* of handout */
  zps_handout handout;
  pthread_t clerk;
  bool has_clerk;
  int n_ranks;
  zps_error trouble; /* of the clerk */
} mpi_state;

static zps_status check(int code, const char *what, zps_error *error) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  if (code == MPI_SUCCESS) {
    return ZPS_OK;
  }
  (void)MPI_Error_string(code, text, &length);
  return zps_error_set(error, ZPS_FAILURE, "MPI: %s: %.500s", what, text);
}

static void nap(double seconds) {
  const struct timespec time = {.tv_sec = 0, .tv_nsec = (long)(1e9 * seconds)};
  (void)nanosleep(&time, NULL);
}

/* Sleeps in ever longer naps until the request is done. */
static zps_status wait_asleep(MPI_Request *request, const char *what, zps_error *error) {
  int done = 0;
  double length_s = NAP_FIRST_S;
  for (;;) {
    const zps_status status = check(MPI_Test(request, &done, MPI_STATUS_IGNORE), what, error);
    if (status != ZPS_OK || done != 0) {
      return status;
    }
    nap(length_s);
    length_s = 2.0 * length_s < NAP_S ? 2.0 * length_s : NAP_S;
  }
}

static zps_status refuse_broken(const zps_comm *comm, zps_error *error) {
  return comm->is_broken ? zps_error_set(error, ZPS_FAILURE, "rank 0 does not answer") : ZPS_OK;
}

static zps_status wait_for_all(const zps_comm *comm, MPI_Comm ranks, zps_error *error) {
  MPI_Request request;
  zps_status status = ZPS_OK;
  ZPS_TRY(refuse_broken(comm, error));
  ZPS_TRY(check(MPI_Ibarrier(ranks, &request), "barrier", error));
  ZPS_TRY(wait_asleep(&request, "barrier", error));
done:
  return status;
}

static zps_status mpi_barrier(zps_comm *comm, zps_error *error) {
  return wait_for_all(comm, ((const mpi_state *)comm->state)->comm, error);
}

static zps_status broadcast_to(const zps_comm *comm, MPI_Comm ranks, void *data, size_t size, zps_error *error) {
  char *const bytes = (char *)data;
  zps_status status = ZPS_OK;
  ZPS_TRY(wait_for_all(comm, ranks, error));
  for (size_t at = 0; at < size; at += PIECE) {
    const size_t n = size - at < PIECE ? size - at : PIECE;
    ZPS_TRY(check(MPI_Bcast(bytes + at, (int)n, MPI_BYTE, 0, ranks), "broadcast", error));
  }
done:
  return status;
}

static zps_status mpi_broadcast(zps_comm *comm, void *data, size_t size, zps_error *error) {
  return broadcast_to(comm, ((const mpi_state *)comm->state)->comm, data, size, error);
}

static zps_status mpi_broadcast_on_node(zps_comm *comm, void *data, size_t size, zps_error *error) {
  return broadcast_to(comm, ((const mpi_state *)comm->state)->node, data, size, error);
}

static zps_status mpi_sum(zps_comm *comm, uint64_t *values, size_t n, zps_error *error) {
  const mpi_state *const state = (const mpi_state *)comm->state;
  zps_status status = ZPS_OK;
  ZPS_TRY(mpi_barrier(comm, error));
  for (size_t at = 0; at < n; at += PIECE) {
    const int count = (int)(n - at < PIECE ? n - at : PIECE);
    const void *const from = comm->rank == 0 ? MPI_IN_PLACE : values + at;
    ZPS_TRY(check(MPI_Reduce(from, values + at, count, MPI_UINT64_T, MPI_SUM, 0, state->comm), "sum", error));
  }
done:
  return status;
}

static zps_status mpi_maximum(zps_comm *comm, uint64_t *value, zps_error *error) {
  const mpi_state *const state = (const mpi_state *)comm->state;
  zps_status status = ZPS_OK;
  ZPS_TRY(mpi_barrier(comm, error));
  ZPS_TRY(check(MPI_Allreduce(MPI_IN_PLACE, value, 1, MPI_UINT64_T, MPI_MAX, state->comm), "maximum", error));
done:
  return status;
}

static zps_comm_share take_locked(mpi_state *state, uint64_t wanted, uint64_t least) {
  (void)pthread_mutex_lock(&state->lock);
  const zps_comm_share share = zps_handout_take(&state->handout, wanted, least);
  (void)pthread_mutex_unlock(&state->lock);
  return share;
}

static void stop_locked(mpi_state *state) {
  (void)pthread_mutex_lock(&state->lock);
  state->handout.stopped = true;
  (void)pthread_mutex_unlock(&state->lock);
}

static zps_status answer_take(mpi_state *state, int rank, const uint64_t ask[ASK_SIZE], zps_error *error) {
  const zps_comm_share share = take_locked(state, ask[ASK_WANTED], ask[ASK_LEAST]);
  const uint64_t answer[ANSWER_SIZE] = {share.first, share.n, share.n_handed, share.stopped ? 1 : 0};
  return check(MPI_Send(answer, ANSWER_SIZE, MPI_UINT64_T, rank, TAG_ANSWER, state->comm), "answer", error);
}

/* Waits for what any rank asks for. Evenly short naps: the wait of the others. */
static zps_status receive_ask(const mpi_state *state, uint64_t ask[ASK_SIZE], int *rank, zps_error *error) {
  MPI_Request request;
  MPI_Status from;
  int done = 0;
  zps_status status = ZPS_OK;
  ZPS_TRY(
      check(MPI_Irecv(ask, ASK_SIZE, MPI_UINT64_T, MPI_ANY_SOURCE, TAG_ASK, state->comm, &request), "receive", error));
  ZPS_TRY(check(MPI_Test(&request, &done, &from), "receive", error));
  while (done == 0) {
    nap(NAP_S);
    ZPS_TRY(check(MPI_Test(&request, &done, &from), "receive", error));
  }
  *rank = from.MPI_SOURCE;
done:
  return status;
}

/* Until every other rank has left. */
static void *serve(void *context) {
  mpi_state *const state = (mpi_state *)context;
  int n_left = 0;
  zps_status status = ZPS_OK;
  while (status == ZPS_OK && n_left < state->n_ranks - 1) {
    uint64_t ask[ASK_SIZE] = {0};
    int rank = 0;
    status = receive_ask(state, ask, &rank, &state->trouble);
    if (status == ZPS_OK && ask[ASK_KIND] == ASK_TAKE) {
      status = answer_take(state, rank, ask, &state->trouble);
    } else if (status == ZPS_OK && ask[ASK_KIND] == ASK_STOP) {
      stop_locked(state);
    } else {
      n_left++;
    }
  }
  return NULL;
}

/* Signals belong to the main thread. */
static int start_clerk(mpi_state *state) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  const int failed = pthread_create(&state->clerk, NULL, serve, state);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failed;
}

static zps_status mpi_begin_sharing(zps_comm *comm, uint64_t n_units, zps_comm_hurry hurry, void *context,
                                    zps_error *error) {
  mpi_state *const state = (mpi_state *)comm->state;
  state->hurry = hurry;
  state->hurry_context = context;
  zps_handout_init(&state->handout, n_units, comm->n_ranks);
  if (comm->rank != 0 || comm->n_ranks == 1) {
    return refuse_broken(comm, error);
  }
  state->has_clerk = start_clerk(state) == 0;
  if (!state->has_clerk) {
    /* zps_comm_end_sharing() then tells the others so. */
    state->handout.stopped = true;
    return zps_error_set(error, ZPS_FAILURE, "cannot start the thread that hands out work");
  }
  return ZPS_OK;
}

/* A rank that should hurry gives rank 0 a moment more; one that never answers is taken for lost. */
static zps_status wait_for_clerk(zps_comm *comm, MPI_Request *requests, int n, zps_error *error) {
  const mpi_state *const state = (const mpi_state *)comm->state;
  MPI_Status unused[MAX_REQUESTS]; /* gcc takes MPICH's MPI_STATUSES_IGNORE, address 1, for an array too small */
  double length_s = NAP_FIRST_S;
  double hurried_s = 0.0;
  int done = 0;
  for (;;) {
    const zps_status status = check(MPI_Testall(n, requests, &done, unused), "ask rank 0", error);
    if (status != ZPS_OK || done != 0) {
      return status;
    }
    const bool hurries = state->hurry != NULL && state->hurry(state->hurry_context) != 0;
    hurried_s += hurries ? length_s : 0.0;
    if (hurried_s > PATIENCE_S) {
      comm->is_broken = true;
      return ZPS_OK;
    }
    nap(length_s);
    length_s = 2.0 * length_s < NAP_S ? 2.0 * length_s : NAP_S;
  }
}

static zps_status mpi_take(zps_comm *comm, uint64_t wanted, uint64_t least, zps_comm_share *share, zps_error *error) {
  mpi_state *const state = (mpi_state *)comm->state;
  uint64_t *const ask = state->ask;
  uint64_t *const answer = state->answer;
  MPI_Request requests[MAX_REQUESTS];
  zps_status status = ZPS_OK;
  if (comm->rank == 0) {
    *share = take_locked(state, wanted, least);
    return ZPS_OK;
  }
  ZPS_TRY(refuse_broken(comm, error));
  ask[ASK_KIND] = ASK_TAKE;
  ask[ASK_WANTED] = wanted;
  ask[ASK_LEAST] = least;
  ZPS_TRY(check(MPI_Irecv(answer, ANSWER_SIZE, MPI_UINT64_T, 0, TAG_ANSWER, state->comm, &requests[0]), "ask rank 0",
                error));
  ZPS_TRY(check(MPI_Isend(ask, ASK_SIZE, MPI_UINT64_T, 0, TAG_ASK, state->comm, &requests[1]), "ask rank 0", error));
  ZPS_TRY(wait_for_clerk(comm, requests, MAX_REQUESTS, error));
  if (!comm->is_broken) {
    *share =
        (zps_comm_share){answer[ANSWER_FIRST], answer[ANSWER_N], answer[ANSWER_HANDED], answer[ANSWER_STOPPED] != 0};
  }
done:
  return status;
}

/* What needs no answer. */
static zps_status tell_clerk(zps_comm *comm, enum ask_kind kind, zps_error *error) {
  mpi_state *const state = (mpi_state *)comm->state;
  MPI_Request request;
  zps_status status = ZPS_OK;
  ZPS_TRY(refuse_broken(comm, error));
  state->ask[ASK_KIND] = kind;
  ZPS_TRY(check(MPI_Isend(state->ask, ASK_SIZE, MPI_UINT64_T, 0, TAG_ASK, state->comm, &request), "ask rank 0", error));
  ZPS_TRY(wait_for_clerk(comm, &request, 1, error));
done:
  return status;
}

static void mpi_stop(zps_comm *comm) {
  if (comm->rank == 0) {
    stop_locked((mpi_state *)comm->state);
  } else {
    (void)tell_clerk(comm, ASK_STOP, NULL);
  }
}

static zps_status mpi_end_sharing(zps_comm *comm, zps_error *error) {
  mpi_state *const state = (mpi_state *)comm->state;
  if (comm->rank != 0) {
    return tell_clerk(comm, ASK_LEAVE, error);
  }
  if (state->has_clerk) {
    (void)pthread_join(state->clerk, NULL);
    state->has_clerk = false;
  } else if (comm->n_ranks > 1) {
    (void)serve(state);
  }
  return state->trouble.status == ZPS_OK ? ZPS_OK
                                         : zps_error_set(error, state->trouble.status, "%s", state->trouble.text);
}

static void mpi_destroy(zps_comm *comm) {
  mpi_state *const state = (mpi_state *)comm->state;
  /* With a rank lost, MPI_Finalize() would wait for ever; the launcher ends what is left. */
  if (!comm->is_broken && mpi_barrier(comm, NULL) == ZPS_OK) {
    (void)MPI_Comm_free(&state->node);
    (void)MPI_Comm_free(&state->comm);
    (void)MPI_Finalize();
  }
  (void)pthread_mutex_destroy(&state->lock);
  free(state);
  free(comm);
}

static const zps_comm_kind mpi = {
    .name = "mpi",
    .barrier = mpi_barrier,
    .broadcast = mpi_broadcast,
    .broadcast_on_node = mpi_broadcast_on_node,
    .sum = mpi_sum,
    .maximum = mpi_maximum,
    .begin_sharing = mpi_begin_sharing,
    .take = mpi_take,
    .stop = mpi_stop,
    .end_sharing = mpi_end_sharing,
    .destroy = mpi_destroy,
};

static zps_status start_mpi(mpi_state *state, zps_comm *comm, zps_error *error) {
  int level = MPI_THREAD_SINGLE;
  zps_status status = ZPS_OK;
  ZPS_TRY(check(MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level), "start", error));
  if (level < MPI_THREAD_SERIALIZED) {
    (void)MPI_Finalize();
    return zps_error_set(error, ZPS_UNAVAILABLE, "this MPI has no MPI_THREAD_SERIALIZED, which handing out work needs");
  }
  ZPS_TRY(check(MPI_Comm_dup(MPI_COMM_WORLD, &state->comm), "start", error));
  ZPS_TRY(check(MPI_Comm_set_errhandler(state->comm, MPI_ERRORS_RETURN), "start", error));
  ZPS_TRY(check(MPI_Comm_rank(state->comm, &comm->rank), "start", error));
  ZPS_TRY(check(MPI_Comm_size(state->comm, &comm->n_ranks), "start", error));
  state->n_ranks = comm->n_ranks;
  ZPS_TRY(check(MPI_Comm_split_type(state->comm, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &state->node),
                "start", error));
  ZPS_TRY(check(MPI_Comm_set_errhandler(state->node, MPI_ERRORS_RETURN), "start", error));
  ZPS_TRY(check(MPI_Comm_rank(state->node, &comm->node_rank), "start", error));
  ZPS_TRY(check(MPI_Comm_size(state->node, &comm->n_node_ranks), "start", error));
done:
  return status;
}

static zps_status mpi_create(zps_comm **comm, zps_error *error) {
  zps_comm *const made = (zps_comm *)calloc(1, sizeof *made);
  mpi_state *const state = (mpi_state *)calloc(1, sizeof *state);
  if (made == NULL || state == NULL || pthread_mutex_init(&state->lock, NULL) != 0) {
    free(made);
    free(state);
    return zps_error_set(error, ZPS_MEMORY, "out of memory for a communicator");
  }
  made->kind = &mpi;
  made->state = state;
  const zps_status status = start_mpi(state, made, error);
  if (status != ZPS_OK) {
    (void)pthread_mutex_destroy(&state->lock);
    free(made);
    free(state);
    return status;
  }
  *comm = made;
  return ZPS_OK;
}

/* Found by its name, ZPS_COMM_PLUGIN_SYMBOL. */
extern const zps_comm_plugin zps_comm_plugin_mpi __attribute__((visibility("default")));
const zps_comm_plugin zps_comm_plugin_mpi = {ZPS_VERSION, sizeof(zps_comm), mpi_create};
