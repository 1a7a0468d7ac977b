#include "host/cli/placement_summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "host/plot/picture.h"
#include "host/stats/interval.h"

#define MAX_SHOWN_POSITIONS 5 /* efficiencies side by side */

/** Efficiency of one position at one mass with its interval. */
typedef struct share {
  double value, lo, hi;
} share;

static share efficiency(const zps_placement_study *s, const zps_study_position *p, size_t i_mass) {
  const zps_reach_mass *const m = &s->masses[i_mass];
  const zps_counts counts = {
      .accepted = p->accepted[i_mass], .generated = m->generated, .generated_k2 = m->generated_k2};
  const zps_interval interval = zps_interval_weighted(&counts, ZPS_LEVEL_ONE_SIGMA);
  const double factor = m->factor * p->scale;
  const share e = {factor * (double)p->accepted[i_mass] / (double)m->generated, factor * interval.lo,
                   factor * interval.hi};
  return e;
}

static bool has_ending(const char *path) {
  const size_t length = strlen(path);
  return length > 3 && strcmp(path + length - 3, ".h5") == 0;
}

/** Lightest and heaviest mass of the figure of merit. */
static void mass_range(const zps_placement_study *s, double *lo, double *hi) {
  *lo = HUGE_VAL;
  *hi = 0.0;
  for (size_t i = 0; i < s->n_mass; i++) {
    if (s->masses[i].weight > 0.0) {
      *lo = fmin(*lo, s->masses[i].mass_gev);
      *hi = fmax(*hi, s->masses[i].mass_gev);
    }
  }
}

static void print_ceiling(FILE *out, const zps_placement_study *s) {
  switch (s->ceiling_source) {
  case ZPS_CEILING_TRIGGER:
    (void)fprintf(out, "ceiling %.3e, the rate of %s: no position has more coincidences than it\n", s->ceiling_rate,
                  s->ceiling_name);
    break;
  case ZPS_CEILING_FEW:
    (void)fprintf(out,
                  "ceiling %.3e, the rate of %.10g of these muons: the loosest trigger, %s, is fired by fewer; upper "
                  "limits (68 %%) lie below it; more muons, a lower ceiling: --beam-events with --extend\n",
                  s->ceiling_rate, ZPS_FEW_COUNTS, s->ceiling_name);
    break;
  case ZPS_CEILING_GIVEN:
    (void)fprintf(out, "ceiling %.3e: upper limits (68 %%) lie below it, at up to %.10g coincidences\n",
                  s->ceiling_rate, s->ceiling.count);
    break;
  default:
    break;
  }
}

static void print_head(FILE *out, const zps_placement_study *s) {
  double lo = 0.0;
  double hi = 0.0;
  mass_range(s, &lo, &hi);
  (void)fprintf(out,
                "%s: g90 = coupling of %.4g events in %.4g muons on target, geometric mean over %.4g .. %.4g GeV\n",
                s->options.path, s->options.n_up, s->n_mot, lo, hi);
  if (!s->has_beam) {
    const int stem = (int)strlen(s->options.path) - (has_ending(s->options.path) ? 3 : 0);
    (void)fprintf(
        out,
        "no run of the beam: no trigger rates, no ceiling: the best position is unconstrained. For rates, give its job "
        "with the options it had and N beam muons: `zpscan optimize JOB.yaml --resume --beam-events N -o %.*s`\n",
        stem, s->options.path);
    return;
  }
  (void)fprintf(out, "trigger rates from %s: %.4g muons\n", s->options.beam_path, (double)s->beam_generated);
  print_ceiling(out, s);
}

static void print_position(FILE *out, const zps_placement_study *s, const zps_study_position *p) {
  (void)fprintf(out, "%-16.16s %8.10g %8.10g  %10.4g +- %3.1f %%", p->name, p->first_mm, p->last_mm, p->g90,
                100.0 * p->g90_error);
  if (s->has_beam) {
    (void)fprintf(out, "  %.3e [%.3e,%.3e]", p->rate.value, p->rate.lo, p->rate.hi);
  }
  (void)fputc('\n', out);
}

static void print_efficiencies(FILE *out, const zps_placement_study *s) {
  const size_t skipped = s->n_positions > MAX_SHOWN_POSITIONS ? s->n_positions - MAX_SHOWN_POSITIONS : 0;
  (void)fprintf(out, "\nefficiency\n%10s", "mass/GeV");
  for (size_t i = skipped; i < s->n_positions; i++) {
    (void)fprintf(out, "  %-25.25s", s->positions[i].name);
  }
  (void)fputc('\n', out);
  for (size_t m = 0; m < s->n_mass; m++) {
    (void)fprintf(out, "%10.4g", s->masses[m].mass_gev);
    for (size_t i = skipped; i < s->n_positions; i++) {
      const share e = efficiency(s, &s->positions[i], m);
      (void)fprintf(out, "  %.5f [%.5f,%.5f]", e.value, e.lo, e.hi);
    }
    (void)fputc('\n', out);
  }
}

/** Decimals that show two digits of an error, or of the step where replicas agree. */
static int decimals(double error, double step) {
  const double shown = error > 0.0 ? error : step;
  return (int)fmin(fmax(1.0 - floor(log10(shown)), 0.0), 9.0);
}

/** Mean, deviation and 68 % interval of one edge among the replicas. */
static void print_spread(FILE *out, const char *name, double mean, double sd, double lo, double hi, double step) {
  const int n = decimals(sd, step);
  (void)fprintf(out, "%s %.*f +- %.*f [%.*f,%.*f]", name, n, mean, n, sd, n, lo, n, hi);
}

static bool is_on_rim(const zps_edge_axis *axis, int64_t i) {
  return i <= axis->lowest || i >= (int64_t)axis->lattice.n;
}

/** Counters whose best edge is the first or last that the lattice has: {"x4", "xm"}, NULL where it is not. */
static void find_rims(const zps_placement_study *s, const char *names[2]) {
  const zps_position at = s->positions[s->i_best].position;
  names[0] = is_on_rim(&s->grid.first, at.i_first) ? "x4" : NULL;
  names[1] = is_on_rim(&s->grid.last, at.i_last) ? "xm" : NULL;
}

static void print_rims(FILE *out, const zps_placement_study *s) {
  const char *names[2];
  find_rims(s, names);
  if (names[0] != NULL || names[1] != NULL) {
    (void)fprintf(out, "  warning: %s%s%s on the rim of the lattice: a better position may lie beyond it\n",
                  names[0] != NULL ? names[0] : "", names[0] != NULL && names[1] != NULL ? " and " : "",
                  names[1] != NULL ? names[1] : "");
  }
}

static bool is_on_lattice(const zps_placement_study *s, const zps_study_position *p) {
  return zps_edge_axis_has(&s->grid.first, zps_edge_axis_index(&s->grid.first, p->first_mm)) &&
         zps_edge_axis_has(&s->grid.last, zps_edge_axis_index(&s->grid.last, p->last_mm));
}

static bool is_off_lattice(const zps_placement_study *s, const zps_study_position *p) {
  return !is_on_lattice(s, p);
}

/** A position off the lattice whose reach, at a rate that is allowed, the best on the lattice does not have. */
static bool is_better_off(const zps_placement_study *s, const zps_study_position *p) {
  const bool is_allowed = !s->ceiling.is_set || (double)p->rate.count <= s->ceiling.count;
  return is_off_lattice(s, p) && is_allowed && (!s->has_best || p->g90 < s->positions[s->i_best].g90);
}

typedef bool (*is_listed)(const zps_placement_study *s, const zps_study_position *p);

/** Names of positions with commas between. */
static void print_names(FILE *out, const zps_placement_study *s, is_listed listed) {
  const char *between = "";
  for (size_t i = 0; i < s->n_positions; i++) {
    if (listed(s, &s->positions[i])) {
      (void)fprintf(out, "%s%s", between, s->positions[i].name);
      between = ", ";
    }
  }
}

static json_t *names_json(const zps_placement_study *s, is_listed listed) {
  json_t *const list = json_array();
  for (size_t i = 0; i < s->n_positions; i++) {
    if (listed(s, &s->positions[i])) {
      (void)json_array_append_new(list, json_string(s->positions[i].name));
    }
  }
  return list;
}

static bool has_any(const zps_placement_study *s, is_listed listed) {
  bool any = false;
  for (size_t i = 0; i < s->n_positions; i++) {
    any = any || listed(s, &s->positions[i]);
  }
  return any;
}

/** The job's own counters stand where the lattice is not: so may the optimum. */
static void print_off_lattice(FILE *out, const zps_placement_study *s) {
  const zps_edge_axis *const x4 = &s->grid.first;
  const zps_edge_axis *const xm = &s->grid.last;
  if (!has_any(s, is_off_lattice)) {
    return;
  }
  (void)fputs("  warning: not on the lattice: ", out);
  print_names(out, s, is_off_lattice);
  (void)fprintf(out,
                "; x4 %.10g .. %.10g, xm %.10g .. %.10g mm every %.10g mm are compared (placement.first_mm, last_mm)",
                zps_lattice_edge(&x4->lattice, x4->lowest), zps_lattice_edge(&x4->lattice, x4->lattice.n),
                zps_lattice_edge(&xm->lattice, xm->lowest), zps_lattice_edge(&xm->lattice, xm->lattice.n),
                zps_edge_axis_step_mm(x4));
  if (has_any(s, is_better_off)) {
    (void)fputs("; none of them is as good as ", out);
    print_names(out, s, is_better_off);
  }
  (void)fputc('\n', out);
}

static json_t *rims_json(const zps_placement_study *s) {
  const char *names[2];
  json_t *const list = json_array();
  find_rims(s, names);
  for (size_t i = 0; i < 2; i++) {
    if (names[i] != NULL) {
      (void)json_array_append_new(list, json_string(names[i]));
    }
  }
  return list;
}

static void print_optimum(FILE *out, const zps_placement_study *s) {
  const zps_study_position *const p = &s->positions[s->i_best];
  const zps_optimum_spread *const u = &s->spread;
  const zps_flat_region *const f = &s->flat_region;
  (void)fprintf(out, "\nbest position%s: x4 = %.10g, xm = %.10g mm\n", s->ceiling.is_set ? "" : ", whatever its rate",
                p->first_mm, p->last_mm);
  print_rims(out, s);
  print_off_lattice(out, s);
  if (u->n_found > 0) {
    (void)fprintf(out, "  in %zu replicas of the counts: ", u->n_found);
    print_spread(out, "x4", u->mean_first_mm, u->sd_first_mm, u->lo_first_mm, u->hi_first_mm, u->step_first_mm);
    print_spread(out, ", xm", u->mean_last_mm, u->sd_last_mm, u->lo_last_mm, u->hi_last_mm, u->step_last_mm);
    (void)fprintf(out, " mm (edges searched every %.10g, %.10g mm)\n", u->step_first_mm, u->step_last_mm);
  }
  if (s->spread_factor > 1.0) {
    (void)fprintf(
        out,
        "    (a ceiling of %.10g coincidences is too few to resample: replicas at %.10g, deviations times %.2f "
        "for an exponential tail)\n",
        s->ceiling.count, ZPS_FEW_COUNTS, s->spread_factor);
  }
  (void)fprintf(out, "  %zu positions within %.4g %% of its g90: x4 %.10g .. %.10g, xm %.10g .. %.10g mm\n", f->n,
                100.0 * s->options.flat, zps_position_first_mm(&s->grid, f->lo), zps_position_first_mm(&s->grid, f->hi),
                zps_position_last_mm(&s->grid, f->lo), zps_position_last_mm(&s->grid, f->hi));
  (void)fprintf(out, "    with the other counter at its best: x4 %.10g .. %.10g, xm %.10g .. %.10g mm\n",
                zps_position_first_mm(&s->grid, f->lo_alone), zps_position_first_mm(&s->grid, f->hi_alone),
                zps_position_last_mm(&s->grid, f->lo_alone), zps_position_last_mm(&s->grid, f->hi_alone));
}

/** Why a position has no changes of the efficiency. */
static const char *why_no_change(const zps_placement_study *s, const zps_study_position *p) {
  if (p->on_surface) {
    return "a mass accepts nothing, or the displaced counter leaves the lattice";
  }
  return is_on_lattice(s, p) ? "its counters are of another height, size or kind than those of the surface"
                             : "not on the lattice";
}

static void print_alignment(FILE *out, const zps_placement_study *s) {
  static const char *const names[ZPS_N_DISPLACEMENT] = {"x4 down", "x4 up", "xm down", "xm up"};
  if (s->has_rounded_shifts) {
    (void)fprintf(out, "\nDisplacements were rounded to multiples of the step, %.10g mm.\n",
                  zps_edge_axis_step_mm(&s->grid.first));
  }
  (void)fprintf(
      out, "\nlargest change of the efficiency for one counter displaced in x: at one mass; of the weighted mean\n");
  for (size_t i = 0; i < s->n_positions; i++) {
    for (size_t d = 0; d < s->options.n_shifts; d++) {
      const zps_study_largest l = zps_study_largest_change(s, &s->positions[i], d);
      (void)fprintf(out, "%-16.16s by %4.10g mm: ", s->positions[i].name, s->options.shift_mm[d]);
      const zps_study_largest mean = zps_study_mean_change(s, &s->positions[i], d);
      if (!l.is_found) {
        (void)fprintf(out, "%s\n", why_no_change(s, &s->positions[i]));
        continue;
      }
      (void)fprintf(out, "%+.2f +- %.2f %% (%s, %.4g GeV)", 100.0 * l.change.value, 100.0 * l.change.error,
                    names[l.which], s->masses[l.i_mass].mass_gev);
      if (mean.is_found) {
        (void)fprintf(out, "; %+.2f +- %.2f %% (%s)", 100.0 * mean.change.value, 100.0 * mean.change.error,
                      names[mean.which]);
      }
      (void)fputc('\n', out);
    }
  }
}

void zps_placement_summary_print(FILE *out, const zps_placement_study *study) {
  print_head(out, study);
  (void)fprintf(out, "\n%-16s %8s %8s  %-19s%s\n", "position", "x4/mm", "xm/mm", "g90",
                study->has_beam ? "  rate per muon [68 %]" : "");
  for (size_t i = 0; i < study->n_positions; i++) {
    print_position(out, study, &study->positions[i]);
  }
  print_efficiencies(out, study);
  if (study->has_best) {
    print_optimum(out, study);
  } else if (!study->options.has_at) {
    (void)fprintf(out, "\nno position%s accepts an event at every mass\n",
                  study->ceiling.is_set ? " under the ceiling" : "");
    print_off_lattice(out, study);
  }
  print_alignment(out, study);
}

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static void set(json_t *object, const char *key, json_t *value) {
  (void)json_object_set_new(object, key, value);
}

static json_t *change_json(const zps_placement_study *s, const zps_study_position *p, size_t i_mass) {
  json_t *const list = json_array();
  for (size_t d = 0; d < s->options.n_shifts; d++) {
    json_t *const object = json_pack("{s:f}", "shift_mm", s->options.shift_mm[d]);
    for (int which = 0; which < ZPS_N_DISPLACEMENT; which++) {
      const zps_displacement displacement = (zps_displacement)which;
      const zps_efficiency_change change = zps_study_change(s, p, i_mass, d, displacement);
      set(object, zps_displacement_name(displacement), json_pack("[o, o]", number(change.value), number(change.error)));
    }
    (void)json_array_append_new(list, object);
  }
  return list;
}

static json_t *masses_json(const zps_placement_study *s, const zps_study_position *p) {
  json_t *const list = json_array();
  for (size_t i = 0; i < s->n_mass; i++) {
    const share e = efficiency(s, p, i);
    (void)json_array_append_new(
        list, json_pack("{s:f, s:I, s:I, s:f, s:f, s:f, s:f, s:o, s:o}", "mass_gev", s->masses[i].mass_gev, "generated",
                        (json_int_t)s->masses[i].generated, "accepted", (json_int_t)p->accepted[i], "weight",
                        s->masses[i].weight, "efficiency", e.value, "efficiency_lo", e.lo, "efficiency_hi", e.hi, "g90",
                        number(zps_study_g90(s, p, i)), "changes", change_json(s, p, i)));
  }
  return list;
}

static json_t *largest_json(const zps_placement_study *s, const zps_study_position *p) {
  json_t *const list = json_array();
  for (size_t d = 0; d < s->options.n_shifts; d++) {
    const zps_study_largest l = zps_study_largest_change(s, p, d);
    json_t *const object = json_pack("{s:f, s:o, s:o}", "shift_mm", s->options.shift_mm[d], "change",
                                     number(l.change.value), "error", number(l.change.error));
    const zps_study_largest mean = zps_study_mean_change(s, p, d);
    set(object, "mean_change", number(mean.change.value));
    set(object, "mean_error", number(mean.change.error));
    if (mean.is_found) {
      set(object, "mean_displacement", json_string(zps_displacement_name(mean.which)));
    }
    if (l.is_found) {
      set(object, "displacement", json_string(zps_displacement_name(l.which)));
      set(object, "mass_gev", json_real(s->masses[l.i_mass].mass_gev));
    }
    (void)json_array_append_new(list, object);
  }
  return list;
}

/** Puts a position into an object: edges, rate, reach, masses. */
static void put_position(const zps_placement_study *s, const zps_study_position *p, json_t *object) {
  set(object, "x4_mm", json_real(p->first_mm));
  set(object, "xm_mm", json_real(p->last_mm));
  set(object, "g90", number(p->g90));
  set(object, "g90_relative_error", number(p->g90_error));
  if (s->has_beam) {
    set(object, "coincidences", json_integer((json_int_t)p->rate.count));
    set(object, "rate", json_real(p->rate.value));
    set(object, "rate_lo", json_real(p->rate.lo));
    set(object, "rate_hi", json_real(p->rate.hi));
  }
  set(object, "masses", masses_json(s, p));
  set(object, "alignment", largest_json(s, p));
}

static json_t *positions_json(const zps_placement_study *s) {
  json_t *const list = json_array();
  for (size_t i = 0; i < s->n_positions; i++) {
    json_t *const object = json_pack("{s:s}", "name", s->positions[i].name);
    put_position(s, &s->positions[i], object);
    (void)json_array_append_new(list, object);
  }
  return list;
}

static json_t *axis_json(const zps_edge_axis *axis, double width_mm) {
  return json_pack("{s:f, s:f, s:f, s:f, s:f}", "from_mm", zps_lattice_edge(&axis->lattice, 0), "to_mm",
                   zps_lattice_edge(&axis->lattice, axis->lattice.n), "step_mm", zps_edge_axis_step_mm(axis),
                   "width_mm", width_mm, "lowest_edge_mm", zps_lattice_edge(&axis->lattice, axis->lowest));
}

static json_t *spread_json(const zps_placement_study *s) {
  const zps_optimum_spread *const u = &s->spread;
  if (u->n_found == 0) {
    return json_null();
  }
  return json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "replicas",
                   (json_int_t)u->n_replicas, "found", (json_int_t)u->n_found, "x4_mean_mm", u->mean_first_mm,
                   "x4_sd_mm", u->sd_first_mm, "x4_lo_mm", u->lo_first_mm, "x4_hi_mm", u->hi_first_mm, "xm_mean_mm",
                   u->mean_last_mm, "xm_sd_mm", u->sd_last_mm, "xm_lo_mm", u->lo_last_mm, "xm_hi_mm", u->hi_last_mm,
                   "x4_step_mm", u->step_first_mm, "xm_step_mm", u->step_last_mm, "factor", s->spread_factor);
}

static json_t *best_json(const zps_placement_study *s) {
  const zps_study_position *const p = &s->positions[s->i_best];
  const zps_flat_region *const f = &s->flat_region;
  json_t *const flat = json_pack(
      "{s:f, s:I, s:f, s:f, s:f, s:f}", "within", s->options.flat, "positions", (json_int_t)f->n, "x4_from_mm",
      zps_position_first_mm(&s->grid, f->lo), "x4_to_mm", zps_position_first_mm(&s->grid, f->hi), "xm_from_mm",
      zps_position_last_mm(&s->grid, f->lo), "xm_to_mm", zps_position_last_mm(&s->grid, f->hi));
  set(flat, "at_best_xm",
      json_pack("[f, f]", zps_position_first_mm(&s->grid, f->lo_alone), zps_position_first_mm(&s->grid, f->hi_alone)));
  set(flat, "at_best_x4",
      json_pack("[f, f]", zps_position_last_mm(&s->grid, f->lo_alone), zps_position_last_mm(&s->grid, f->hi_alone)));
  return json_pack("{s:f, s:f, s:f, s:b, s:o, s:o, s:o}", "x4_mm", p->first_mm, "xm_mm", p->last_mm, "g90", p->g90,
                   "is_constrained", (int)s->ceiling.is_set, "on_rim", rims_json(s), "spread", spread_json(s),
                   "flat_region", flat);
}

static json_t *front_json(const zps_placement_study *s) {
  json_t *const list = json_array();
  for (size_t i = 0; i < s->front.n; i++) {
    const zps_position at = s->front.positions[i];
    const double rate = (double)zps_summed_area_at(&s->beam_area, &s->grid, at) / (double)s->beam_generated;
    (void)json_array_append_new(
        list, json_pack("{s:f, s:f, s:f, s:f}", "rate", rate, "g90", exp(s->ln_g90[zps_position_index(&s->grid, at)]),
                        "x4_mm", zps_position_first_mm(&s->grid, at), "xm_mm", zps_position_last_mm(&s->grid, at)));
  }
  return list;
}

static void put_study(const zps_placement_study *s, json_t *object) {
  set(object, "rate_max", s->ceiling.is_set ? json_real(s->ceiling_rate) : json_null());
  set(object, "rate_max_is_of_few", json_boolean(s->ceiling_source == ZPS_CEILING_FEW));
  set(object, "coincidences_max", s->ceiling.is_set ? json_integer((json_int_t)s->ceiling.count) : json_null());
  set(object, "rate_max_of", s->ceiling_name[0] != '\0' ? json_string(s->ceiling_name) : json_null());
  set(object, "positions", positions_json(s));
  set(object, "off_lattice", names_json(s, is_off_lattice));
  set(object, "better_than_best", names_json(s, is_better_off));
  set(object, "best", s->has_best ? best_json(s) : json_null());
  set(object, "front", front_json(s));
}

json_t *zps_placement_summary_json(const zps_placement_study *study) {
  double lo = 0.0;
  double hi = 0.0;
  json_t *const object = json_object();
  mass_range(study, &lo, &hi);
  set(object, "file", json_string(study->options.path));
  set(object, "beam_file", study->has_beam ? json_string(study->options.beam_path) : json_null());
  set(object, "beam_generated", study->has_beam ? json_integer((json_int_t)study->beam_generated) : json_null());
  set(object, "n_mot", json_real(study->n_mot));
  set(object, "n_up", json_real(study->options.n_up));
  set(object, "y_mm", json_real(study->options.y_mm));
  set(object, "y_last_mm", json_real(study->options.y_last_mm));
  set(object, "shifts_are_rounded", json_boolean(study->has_rounded_shifts));
  set(object, "masses_from_gev", json_real(lo));
  set(object, "masses_to_gev", json_real(hi));
  set(object, "lattice",
      json_pack("{s:o, s:o}", "x4", axis_json(&study->grid.first, study->facts.width_first_mm), "xm",
                axis_json(&study->grid.last, study->facts.width_last_mm)));
  if (study->options.has_at) {
    put_position(study, &study->positions[0], object);
  } else {
    put_study(study, object);
  }
  return object;
}

static void put_csv_head(FILE *out, const zps_placement_study *s) {
  (void)fputs("position,x4_mm,xm_mm,mass_gev,weight,generated,accepted,efficiency,efficiency_lo,efficiency_hi,g90",
              out);
  for (size_t d = 0; d < s->options.n_shifts; d++) {
    for (int which = 0; which < ZPS_N_DISPLACEMENT; which++) {
      const char *const name = zps_displacement_name((zps_displacement)which);
      (void)fprintf(out, ",%s_%.10g,%s_%.10g_error", name, s->options.shift_mm[d], name, s->options.shift_mm[d]);
    }
  }
  (void)fputc('\n', out);
}

void zps_placement_summary_csv(FILE *out, const zps_placement_study *study) {
  put_csv_head(out, study);
  for (size_t i = 0; i < study->n_positions; i++) {
    const zps_study_position *const p = &study->positions[i];
    for (size_t m = 0; m < study->n_mass; m++) {
      const share e = efficiency(study, p, m);
      zps_picture_put_field(out, p->name, "");
      (void)fprintf(out, ",%.10g,%.10g,%.10g,%.10g,%" PRIu64 ",%" PRIu64 ",%.10g,%.10g,%.10g,%.10g", p->first_mm,
                    p->last_mm, study->masses[m].mass_gev, study->masses[m].weight, study->masses[m].generated,
                    p->accepted[m], e.value, e.lo, e.hi, zps_study_g90(study, p, m));
      for (size_t c = 0; c < study->options.n_shifts * ZPS_N_DISPLACEMENT; c++) {
        const zps_efficiency_change change =
            zps_study_change(study, p, m, c / ZPS_N_DISPLACEMENT, (zps_displacement)(c % ZPS_N_DISPLACEMENT));
        (void)fprintf(out, ",%.6g,%.6g", change.value, change.error);
      }
      (void)fputc('\n', out);
    }
  }
}
