#include "host/cli/command.h"

#include <stdio.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/message.h"

static const zps_command commands[] = {
    {"run", "simulate a job: the efficiency map", zps_command_run},
    {"check", "validate a job, print it with every default", zps_command_check},
    {"xsec", "cross-section of Z' emission at one mass", zps_command_xsec},
    {"sample", "emission alone: one row per event", zps_command_sample},
    {"events", "whole events of a job: state at every plane, fate", zps_command_events},
    {"track", "one muon from the end of the target", zps_command_track},
    {"info", "this build and its engines; a result; a material", zps_command_info},
    {"plot", "pictures of a result", zps_command_plot},
    {"field", "check, convert, make field maps", zps_command_field},
    {"merge", "put results of parts of a job together", zps_command_merge},
    {"limit", "exclusion limits of a result, or of one counting experiment", zps_command_limit},
    {"optimize", "best positions of the trigger counters", zps_command_optimize},
#ifdef ZPS_HAVE_BENCH
    {"bench", "how fast this machine is", zps_command_bench},
#else
    {"bench", "how fast this machine is (not in this build)", zps_command_absent},
#endif
};

#define N_COMMANDS (sizeof commands / sizeof commands[0])

size_t zps_command_count(void) {
  return N_COMMANDS;
}

const zps_command *zps_command_at(size_t i) {
  return &commands[i];
}

const zps_command *zps_command_find(const char *name, const char **nearest) {
  const char *names[N_COMMANDS];
  for (size_t i = 0; i < N_COMMANDS; i++) {
    names[i] = commands[i].name;
    if (strcmp(name, commands[i].name) == 0) {
      return &commands[i];
    }
  }
  *nearest = zps_nearest_word(name, names, (unsigned)N_COMMANDS);
  return NULL;
}

zps_status zps_command_absent(int argc, char **argv, zps_error *error) {
  if (argc > 1 && strcmp(argv[1], "--help") == 0) {
    (void)printf("Usage: %s [OPTION...]\nNot in this build.\n", argv[0]);
    return ZPS_OK;
  }
  return zps_error_set(error, ZPS_UNAVAILABLE, "not in this build");
}
