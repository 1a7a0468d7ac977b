/* A result: what a run counted, with everything needed to read it without the run.
 *
 * Plain data with owned arrays. Filled by a run and written with
 * zps_result_write(), or read back with zps_result_read() by info, plot, limit,
 * merge and extend. docs name the HDF5 layout; host/io/README.md sums it up. */
#ifndef ZPS_IO_RESULT_H
#define ZPS_IO_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"
#include "host/io/hash.h"
#include "host/job/job.h"
#include "host/stats/interval.h"
#include "kernels/emission.h"
#include "kernels/tally.h"

/** Largest grid a result may have; checked before anything is allocated. */
#define ZPS_RESULT_MAX_MASSES (1U << 20)
#define ZPS_RESULT_MAX_COUPLINGS (1U << 20)
#define ZPS_RESULT_MAX_CELLS (1U << 27) /* n_mass * n_coupling */

/** One trigger as the run had it. Efficiencies and yields take these numbers from a job (host/io/signal.h). */
typedef struct zps_result_trigger {
  char name[ZPS_NAME_SIZE];
  double n_mot;           /* muons on target */
  double live_factor;     /* share kept by accidentals, 0 .. 1 */
  double tracking_factor; /* other losses, 0 .. 1 */
} zps_result_trigger;

/** Events [first, first + n) of mass i_mass of the job's full grid are in the tallies. */
typedef struct zps_result_range {
  uint64_t i_mass;
  uint64_t first;
  uint64_t n;
} zps_result_range;

/** Where a result comes from. Texts are NUL-terminated; "" = unknown. */
typedef struct zps_provenance {
  char version[64]; /* of zpscan */
  char compiler[128];
  char flags[1024];
  char engine[32]; /* cpu, cuda, check */
  char engine_detail[256];
  char host[256];
  char command[4096];
  char start_utc[32]; /* ISO 8601, e.g. 2024-05-01T12:00:00Z */
  char job_hash[ZPS_HASH_SIZE];
  char table_hash[ZPS_HASH_SIZE];
  char map_hash[ZPS_HASH_SIZE];
  char tally_hash[ZPS_HASH_SIZE];   /* set by zps_result_write() and zps_result_read() */
  char content_hash[ZPS_HASH_SIZE]; /* likewise; see zps_result_content_hash() */
  int64_t schema_version;           /* likewise */
  int64_t physics_version;
  int64_t n_threads;
  uint64_t events_from_journal;       /* events not simulated by this run but taken from its journal */
  double target_error;                /* relative error at which a mass stopped, 0 = none was asked for */
  char target_trigger[ZPS_NAME_SIZE]; /* of this trigger; "" = of every trigger */
  double wall_s;                      /* of the whole run */
  double setup_s;                     /* of the tables before the first event */
} zps_provenance;

typedef struct zps_result {
  size_t n_mass, n_coupling, n_trigger; /* each at least 1 */
  uint64_t i_first_mass;                /* index of mass 0 in the job's full grid (run --masses A:B) */
  uint64_t seed;
  char *job_text;               /* effective job (YAML), malloc'd; zps_job_read_text() rebuilds the job */
  double *mass_gev;             /* [n_mass] Z' mass, > 0 */
  double *coupling;             /* [n_coupling] g_Z', > 0 */
  zps_result_trigger *triggers; /* [n_trigger] in job order */
  uint64_t *tallies;            /* [n_mass][zps_tally_size(n_trigger)], rows as kernels/tally.h has them */
  double *sigma_pb;             /* [n_mass] Z' production per nucleus at coupling 1 [pb] */
  double *sigma_error_pb;       /* [n_mass] its numerical error [pb] */
  double *x_fraction;           /* [n_mass] sigma(x > x_min)/sigma, 0 .. 1 */
  double *branching;            /* [n_mass][n_coupling] Br(Z' -> invisible), 0 .. 1 */
  double nuclei_per_pb;         /* Z' per muon = this * sigma * g^2; 7.422e-13 for 225 mm of Pb */
  double x_min;                 /* lowest x = E_Z'/E generated */
  double *column_weight;        /* [n_mass][ZPS_N_A] factor of k by column of logit x; NULL without process.pilot */
  double *mean_k;               /* [n_mass] mean k of events of the nominal energy: 1 without process.pilot */
  size_t n_range;
  zps_result_range *ranges; /* [n_range], malloc'd; see zps_result_add_range() */
  zps_provenance provenance;
} zps_result;

/** Allocates the arrays, all zero but for mean_k, and sets the three sizes; every other member is zeroed. ZPS_INVALID
 *  for a size of zero or beyond the limits above. Free with zps_result_free(). */
zps_status zps_result_allocate(zps_result *result, size_t n_mass, size_t n_coupling, size_t n_trigger,
                               zps_error *error);

/** Frees what the members own and zeroes the struct; fine on a zeroed one. */
void zps_result_free(zps_result *result);

/** Notes that events [first, first + n) of mass i_mass (full grid) are in the tallies. A range that continues the last
 *  one is joined to it. */
zps_status zps_result_add_range(zps_result *result, uint64_t i_mass, uint64_t first, uint64_t n, zps_error *error);

/** Allocates column_weight, all zero. */
zps_status zps_result_add_column_weights(zps_result *result, zps_error *error);

/** Row of mass i_mass (counted from 0 in this result). */
uint64_t *zps_result_row(const zps_result *result, size_t i_mass);

/** What a file may hold: finite numbers in their ranges, distinct names fit for HDF5, each stage of a cut-flow no
 *  larger than the one before, ranges that add up to the events simulated. ZPS_INVALID names the first fault. */
zps_status zps_result_check(const zps_result *result, zps_error *error);

/** The counts of a trigger as intervals need them: with a pilot's weights the accepted are judged by their own. */
zps_counts zps_result_counts(const zps_result *result, size_t i_trigger, size_t i_mass);

/** Hash of the published counts, see zps_tally_hash(). */
zps_status zps_result_tally_hash(const zps_result *result, char hash[ZPS_HASH_SIZE], zps_error *error);

/** Hash of every number of a result that is not provenance and not derived: XXH3-128 over, in order, each number as 8
 *  little-endian bytes (f64 as its bits): schema version, n_mass, n_coupling, n_trigger, i_first_mass, seed, n_range,
 *  length of the job text, its bytes, mass, coupling, per trigger {name with NUL, n_mot, live_factor, tracking_factor},
 *  sigma, its error, x_fraction, branching, nuclei_per_pb, x_min, tallies but for the counts of muons beyond a map,
 *  ranges (i_mass, first, n), column_weight where there is one, and those counts if any is above 0 (files from before
 *  they were counted keep their hash). No efficiency, no yield; not mean_k, which follows from the tables (table_hash).
 */
zps_status zps_result_content_hash(const zps_result *result, char hash[ZPS_HASH_SIZE], zps_error *error);

/** Writes the file whole or not at all (host/io/output.h). job: the one of result->job_text, for efficiencies and
 * yields (host/io/signal.h); ZPS_MISMATCH when it has other triggers. Without force an existing file is refused. Same
 * result, same bytes, but for the attributes of /run. */
zps_status zps_result_write(const char *path, const zps_job *job, const zps_result *result, bool force,
                            zps_error *error);

/** Reads a file of zps_result_write(); every shape is checked before it is allocated and every number against the
 *  stored hashes. On success free with zps_result_free(); on failure *result is zeroed and error names path and fault.
 */
zps_status zps_result_read(const char *path, zps_result *result, zps_error *error);

/** Names as the file and messages have them, e.g. "in_coincidence", "lost_gap", "e_cal". */
const char *zps_stage_name(enum zps_stage stage);
const char *zps_fate_name(enum zps_fate fate);
const char *zps_beyond_name(enum zps_beyond beyond);
const char *zps_quantity_name(enum zps_quantity quantity);
const char *zps_quantity_unit(enum zps_quantity quantity);
const char *zps_histogram_stage_name(enum zps_histogram_stage stage);

/** Lower edge of a bin, i_bin = 0 .. ZPS_N_BIN (the last is the upper edge of the last bin), in the quantity's unit. */
double zps_bin_edge(enum zps_quantity quantity, unsigned i_bin);

/** Middle of a bin in the variable it is uniform in (psi: geometric). */
double zps_bin_centre(enum zps_quantity quantity, unsigned i_bin);

#endif
