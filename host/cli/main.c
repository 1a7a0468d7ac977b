/* zpscan: finds the subcommand, prints the one line of a failure, turns a status into an exit status. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/cli/command.h"
#include "host/cli/message.h"

/* A closed standard descriptor would be given to the next file opened, and messages would end up in it.
 * The wrong direction makes every use fail, as it would have. */
static void hold_standard_files(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) == -1) {
      (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
    }
  }
}

static zps_status print_help(void) {
  (void)fputs("Usage: zpscan COMMAND [OPTION...]\n"
              "Efficiency maps and yields of Z' emission by muons on a fixed target.\n\n",
              stdout);
  for (size_t i = 0; i < zps_command_count(); i++) {
    (void)printf("  %-10s %s\n", zps_command_at(i)->name, zps_command_at(i)->summary);
  }
  (void)fputs("\nzpscan COMMAND --help tells options, units and an example. zpscan --version prints the version.\n"
              "Results go to stdout, messages to stderr. Exit status: 0 ok, 1 failure, 2 usage,\n"
              "3 interrupted but resumable.\n"
              "Example: zpscan run grids/quick.yaml -o quick.h5\n",
              stdout);
  return ZPS_OK;
}

static zps_status run_command(int argc, char **argv, char *name, size_t size, zps_error *error) {
  const char *nearest = NULL;
  const zps_command *command = zps_command_find(argv[1], &nearest);
  if (command == NULL) {
    return zps_error_set(error, ZPS_USAGE, "%.60s: unknown command%s%s; see zpscan --help", argv[1],
                         nearest != NULL ? "; nearest: " : "", nearest != NULL ? nearest : "");
  }
  (void)snprintf(name, size, "zpscan %s", command->name);
  argv[1] = name;
  return command->run(argc - 1, argv + 1, error);
}

static bool is_one_of(const char *word, const char *const *words, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (strcmp(word, words[i]) == 0) {
      return true;
    }
  }
  return false;
}

static zps_status dispatch(int argc, char **argv, char *name, size_t size, zps_error *error) {
  static const char *const help[] = {"--help", "-h", "-?", "--usage", "help"};
  if (argc < 2) {
    return zps_error_set(error, ZPS_USAGE, "expected a command; see zpscan --help");
  }
  if (is_one_of(argv[1], help, sizeof help / sizeof help[0])) {
    return print_help();
  }
  if (strcmp(argv[1], "--version") == 0) {
    (void)printf("zpscan %s\n", ZPS_VERSION);
    return ZPS_OK;
  }
  return run_command(argc, argv, name, size, error);
}

/* A result that did not reach its reader is a failure, also when only the last buffer was lost. */
static bool is_flushed(FILE *file) {
  const bool failed = ferror(file) != 0;
  return fflush(file) == 0 && !failed;
}

int main(int argc, char **argv) {
  char name[32] = "zpscan";
  zps_error error = {ZPS_OK, ""};
  hold_standard_files();
  (void)signal(SIGPIPE, SIG_IGN);
  /* Beyond `ulimit -f` a write fails with EFBIG, which names its file; the signal would end the program without a word.
   */
  (void)signal(SIGXFSZ, SIG_IGN);
  zps_status status = dispatch(argc, argv, name, sizeof name, &error);
  if (status != ZPS_OK) {
    zps_message(name, error.text[0] != '\0' ? error.text : zps_status_text(status));
  }
  if (!is_flushed(stdout)) {
    zps_message(name, "stdout: cannot write all results");
    status = status == ZPS_OK ? ZPS_IO : status;
  }
  if (!is_flushed(stderr)) {
    status = status == ZPS_OK ? ZPS_IO : status;
  }
  return zps_status_exit(status);
}
