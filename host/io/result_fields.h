/* Names of the attributes of /run, shared by the writer and the reader of result files. */
#ifndef ZPS_IO_RESULT_FIELDS_H
#define ZPS_IO_RESULT_FIELDS_H

/** Texts of zps_provenance that go through as they are. */
#define ZPS_PROVENANCE_TEXTS(X)                                                                                        \
  X(version)                                                                                                           \
  X(compiler)                                                                                                          \
  X(flags)                                                                                                             \
  X(engine)                                                                                                            \
  X(engine_detail)                                                                                                     \
  X(host)                                                                                                              \
  X(command)                                                                                                           \
  X(start_utc)                                                                                                         \
  X(job_hash)                                                                                                          \
  X(table_hash)                                                                                                        \
  X(map_hash)

/** Whole numbers, stored as u64. */
#define ZPS_PROVENANCE_INTEGERS(X)                                                                                     \
  X(physics_version)                                                                                                   \
  X(n_threads)                                                                                                         \
  X(events_from_journal)

/** Doubles. */
#define ZPS_PROVENANCE_NUMBERS(X)                                                                                      \
  X(wall_s)                                                                                                            \
  X(setup_s)

#endif
