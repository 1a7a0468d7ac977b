#include "host/cli/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/message.h"
#include "host/job/number.h"

#define SHOWN 60 /* characters of a foreign text in a message */
#define MAX_OPTIONS 32

/** One parse, as the argp parser sees it. */
typedef struct parse {
  const zps_arguments *arguments;
  void *target;
  zps_error *error;
  zps_status status;
  unsigned n_operands;
  int next; /* argument at which argp gave up */
} parse;

static const struct argp_option no_options[] = {{0}};

static zps_status note(parse *p, zps_status status) {
  p->status = p->status == ZPS_OK ? status : p->status;
  return status;
}

static error_t take_operand(parse *p, char *value) {
  zps_status status;
  if (p->n_operands == p->arguments->n_operands_max) {
    status =
        zps_error_set(p->error, ZPS_USAGE, "%.60s: one argument too many; see %s --help", value, p->arguments->name);
  } else {
    p->n_operands++;
    status = p->arguments->set(p->target, ARGP_KEY_ARG, value, p->error);
  }
  return note(p, status) == ZPS_OK ? 0 : EINVAL;
}

static error_t take(int key, char *value, struct argp_state *state) {
  parse *const p = (parse *)state->input;
  switch (key) {
  case ARGP_KEY_ARG:
    return take_operand(p, value);
  case ARGP_KEY_ERROR:
    p->next = state->next;
    return 0;
  case ARGP_KEY_INIT:
  case ARGP_KEY_ARGS:
  case ARGP_KEY_NO_ARGS:
  case ARGP_KEY_END:
  case ARGP_KEY_SUCCESS:
  case ARGP_KEY_FINI:
    return ARGP_ERR_UNKNOWN;
  default:
    return note(p, p->arguments->set(p->target, key, value, p->error)) == ZPS_OK ? 0 : EINVAL;
  }
}

static unsigned option_names(const struct argp_option *options, const char **names) {
  static const char *const common[] = {"help", "usage", "version"};
  unsigned n = 0;
  for (; n < 3; n++) {
    names[n] = common[n];
  }
  for (; options->name != NULL && n < MAX_OPTIONS; options++) {
    names[n++] = options->name;
  }
  return n;
}

static unsigned count_beginning(const char *const *names, unsigned n, const char *name, size_t length) {
  unsigned count = 0;
  for (unsigned i = 0; i < n; i++) {
    count += strncmp(names[i], name, length) == 0 ? 1 : 0;
  }
  return count;
}

/* getopt knows only that it failed; the option itself says why. */
static zps_status explain(const parse *p, char *const *argv) {
  const char *const given = p->next > 0 ? argv[p->next - 1] : "";
  const char *const name = strncmp(given, "--", 2) == 0 ? given + 2 : given;
  const size_t length = strcspn(name, "=");
  const char *names[MAX_OPTIONS];
  const unsigned n = option_names(p->arguments->options, names);
  for (unsigned i = 0; i < n; i++) {
    if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0) {
      return zps_error_set(p->error, ZPS_USAGE, "--%s: %s; see %s --help", names[i],
                           name[length] == '=' ? "takes no value" : "needs a value", p->arguments->name);
    }
  }
  if (strncmp(given, "--", 2) == 0 && count_beginning(names, n, name, length) > 1) {
    return zps_error_set(p->error, ZPS_USAGE, "--%.*s: stands for several options; see %s --help",
                         (int)(length < SHOWN ? length : SHOWN), name, p->arguments->name);
  }
  if (strncmp(given, "--", 2) != 0) {
    return zps_error_set(p->error, ZPS_USAGE, "%.60s: unknown option or no value; see %s --help", given,
                         p->arguments->name);
  }
  const char *const nearest = zps_nearest_word(name, names, n);
  return zps_error_set(p->error, ZPS_USAGE, "--%.*s: unknown option%s%s; see %s --help",
                       (int)(length < SHOWN ? length : SHOWN), name, nearest != NULL ? "; nearest: --" : "",
                       nearest != NULL ? nearest : "", p->arguments->name);
}

static bool has_argument(int argc, char *const *argv, const char *const *words, unsigned n) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    for (unsigned j = 0; j < n; j++) {
      if (strcmp(argv[i], words[j]) == 0) {
        return true;
      }
    }
  }
  return false;
}

/* argp_help() lays out the options; its own --help would print faults in two lines. */
static bool answer_help(const zps_arguments *arguments, const struct argp *argp, int argc, char *const *argv) {
  static const char *const help[] = {"--help", "-h", "-?"};
  static const char *const usage[] = {"--usage"};
  static const char *const version[] = {"--version"};
  char name[SHOWN];
  (void)snprintf(name, sizeof name, "%s", arguments->name);
  if (has_argument(argc, argv, help, sizeof help / sizeof help[0])) {
    argp_help(argp, stdout, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, name);
    return true;
  }
  if (has_argument(argc, argv, usage, 1)) {
    argp_help(argp, stdout, ARGP_HELP_USAGE, name);
    return true;
  }
  if (has_argument(argc, argv, version, 1)) {
    (void)printf("zpscan %s\n", ZPS_VERSION);
    return true;
  }
  return false;
}

zps_status zps_arguments_parse(const zps_arguments *arguments, int argc, char **argv, void *target, bool *helped,
                               zps_error *error) {
  const struct argp argp = {arguments->options != NULL ? arguments->options : no_options,
                            take,
                            arguments->operands,
                            arguments->doc,
                            NULL,
                            NULL,
                            NULL};
  parse p = {arguments, target, error, ZPS_OK, 0, 0};
  *helped = answer_help(arguments, &argp, argc, argv);
  if (*helped) {
    return ZPS_OK;
  }
  if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &p) != 0) {
    return p.status != ZPS_OK ? p.status : explain(&p, argv);
  }
  if (p.n_operands < arguments->n_operands_min) {
    return zps_error_set(error, ZPS_USAGE, "expected %s; see %s --help", arguments->operands, arguments->name);
  }
  return ZPS_OK;
}

/* What a user typed, fit for one line. */
static const char *shown(const char *text, char buffer[SHOWN + 4]) {
  const size_t n = strlen(text);
  (void)snprintf(buffer, SHOWN + 4, "%.*s%s", SHOWN, text, n > SHOWN ? "..." : "");
  return buffer;
}

zps_status zps_argument_number(const char *option, const char *text, double min, double max, bool above, double *value,
                               zps_error *error) {
  char buffer[SHOWN + 4];
  if (!zps_number_parse(text, strlen(text), value)) {
    return zps_error_set(error, ZPS_USAGE, "%s = %s: expected a number such as 0.1 or 1e-4", option,
                         shown(text, buffer));
  }
  if (*value < min || *value > max || (above && *value <= min)) {
    return zps_error_set(error, ZPS_USAGE, "%s = %s: must be %s %.10g and <= %.10g", option, shown(text, buffer),
                         above ? ">" : ">=", min, max);
  }
  return ZPS_OK;
}

zps_status zps_argument_whole(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value,
                              zps_error *error) {
  char buffer[SHOWN + 4];
  if (!zps_number_parse_whole(text, strlen(text), value) || *value < min || *value > max) {
    return zps_error_set(error, ZPS_USAGE, "%s = %s: expected a whole number from %llu to %llu", option,
                         shown(text, buffer), (unsigned long long)min, (unsigned long long)max);
  }
  return ZPS_OK;
}

zps_status zps_argument_choice(const char *option, const char *text, const char *const *choices, unsigned n,
                               unsigned *index, zps_error *error) {
  char buffer[SHOWN + 4];
  char list[256] = "";
  size_t used = 0;
  for (unsigned i = 0; i < n; i++) {
    if (strcmp(text, choices[i]) == 0) {
      *index = i;
      return ZPS_OK;
    }
    const int written = snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", choices[i]);
    used += written > 0 && (size_t)written < sizeof list - used ? (size_t)written : 0;
  }
  return zps_error_set(error, ZPS_USAGE, "%s = %s: expected one of %s", option, shown(text, buffer), list);
}

zps_status zps_argument_required(const char *option, bool is_given, zps_error *error) {
  return is_given ? ZPS_OK : zps_error_set(error, ZPS_USAGE, "%s: must be given", option);
}

static void quote_word(FILE *out, const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
    (void)fputs(word, out);
    return;
  }
  (void)fputc('\'', out);
  for (; *word != '\0'; word++) {
    (void)fputs(*word == '\'' ? "'\\'" : "", out);
    (void)fputc(*word, out);
  }
  (void)fputc('\'', out);
}

char *zps_arguments_quote(const char *name, int argc, char *const *argv) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (out == NULL) {
    return NULL;
  }
  (void)fputs(name, out);
  for (int i = 0; i < argc; i++) {
    (void)fputc(' ', out);
    quote_word(out, argv[i]);
  }
  if (fclose(out) != 0) {
    free(text);
    return NULL;
  }
  return text;
}
