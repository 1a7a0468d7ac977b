#include "host/cli/placement_summary.h"

#include <inttypes.h>
#include <math.h>

#include "host/plot/picture.h"
#include "host/stats/interval.h"

#define FEW 10.0              /* coincidences */
#define MAX_SHOWN_POSITIONS 5 /* efficiencies side by side */

/** Efficiency of one position at one mass with its interval. */
typedef struct share {
  double value, lo, hi;
} share;

static share efficiency(const zps_placement_study *s, const zps_study_position *p, size_t i_mass) {
  const zps_reach_mass *const m = &s->masses[i_mass];
  const zps_interval interval =
      zps_interval_weighted(p->accepted[i_mass], m->generated, m->generated_k2, ZPS_LEVEL_ONE_SIGMA);
  const share e = {m->factor * (double)p->accepted[i_mass] / (double)m->generated, m->factor * interval.lo,
                   m->factor * interval.hi};
  return e;
}

static double mass_g90(const zps_placement_study *s, const zps_study_position *p, size_t i_mass) {
  return zps_reach_g90(&s->masses[i_mass], s->options.n_up, (double)p->accepted[i_mass]);
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

static void print_head(FILE *out, const zps_placement_study *s) {
  double lo = 0.0;
  double hi = 0.0;
  mass_range(s, &lo, &hi);
  (void)fprintf(out,
                "%s: g90 = coupling of %.4g events in %.4g muons on target, geometric mean over %.4g .. %.4g GeV\n",
                s->options.path, s->options.n_up, s->n_mot, lo, hi);
  if (!s->has_beam) {
    (void)fprintf(out, "no run of the beam: no trigger rates, no ceiling\n");
    return;
  }
  (void)fprintf(out, "trigger rates from %s: %.4g muons", s->options.beam_path, (double)s->beam_generated);
  if (s->ceiling.is_set) {
    (void)fprintf(out, "; ceiling %.3e%s%s", zps_study_ceiling_rate(s),
                  s->ceiling_name[0] != '\0' ? ", the rate of " : "", s->ceiling_name);
  }
  (void)fputc('\n', out);
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

static void print_optimum(FILE *out, const zps_placement_study *s) {
  const zps_study_position *const p = &s->positions[s->i_best];
  const zps_optimum_spread *const u = &s->spread;
  const zps_flat_region *const f = &s->flat_region;
  (void)fprintf(out, "\nbest position: x4 = %.10g, xm = %.10g mm\n", p->first_mm, p->last_mm);
  if (u->n_found > 0) {
    (void)fprintf(out,
                  "  in %zu replicas of the counts: x4 %.4g +- %.2g [%.10g,%.10g], xm %.4g +- %.2g [%.10g,%.10g] mm "
                  "(edges searched every %.10g, %.10g mm)\n",
                  u->n_found, u->mean_first_mm, u->sd_first_mm, u->lo_first_mm, u->hi_first_mm, u->mean_last_mm,
                  u->sd_last_mm, u->lo_last_mm, u->hi_last_mm, u->step_first_mm, u->step_last_mm);
  }
  (void)fprintf(out, "  %zu positions within %.4g %% of its g90: x4 %.10g .. %.10g, xm %.10g .. %.10g mm\n", f->n,
                100.0 * s->options.flat, zps_position_first_mm(&s->grid, f->lo), zps_position_first_mm(&s->grid, f->hi),
                zps_position_last_mm(&s->grid, f->lo), zps_position_last_mm(&s->grid, f->hi));
}

static void print_alignment(FILE *out, const zps_placement_study *s) {
  static const char *const names[ZPS_N_DISPLACEMENT] = {"x4 down", "x4 up", "xm down", "xm up"};
  (void)fprintf(out, "\nlargest change of the efficiency for one counter displaced in x\n");
  for (size_t i = 0; i < s->n_positions; i++) {
    for (size_t d = 0; d < s->options.n_shifts; d++) {
      const zps_study_largest l = zps_study_largest_change(s, &s->positions[i], d);
      (void)fprintf(out, "%-16.16s by %4.10g mm: ", s->positions[i].name, s->options.shift_mm[d]);
      (void)(l.is_found ? fprintf(out, "%+.2f +- %.2f %% (%s, %.4g GeV)\n", 100.0 * l.change.value,
                                  100.0 * l.change.error, names[l.which], s->masses[l.i_mass].mass_gev)
                        : fprintf(out, "not on the lattice\n"));
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
    (void)json_array_append_new(list, json_pack("{s:f, s:I, s:I, s:f, s:f, s:f, s:f, s:o, s:o}", "mass_gev",
                                                s->masses[i].mass_gev, "generated", (json_int_t)s->masses[i].generated,
                                                "accepted", (json_int_t)p->accepted[i], "weight", s->masses[i].weight,
                                                "efficiency", e.value, "efficiency_lo", e.lo, "efficiency_hi", e.hi,
                                                "g90", number(mass_g90(s, p, i)), "changes", change_json(s, p, i)));
  }
  return list;
}

static json_t *largest_json(const zps_placement_study *s, const zps_study_position *p) {
  json_t *const list = json_array();
  for (size_t d = 0; d < s->options.n_shifts; d++) {
    const zps_study_largest l = zps_study_largest_change(s, p, d);
    json_t *const object = json_pack("{s:f, s:o, s:o}", "shift_mm", s->options.shift_mm[d], "change",
                                     number(l.change.value), "error", number(l.change.error));
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

static json_t *spread_json(const zps_optimum_spread *u) {
  if (u->n_found == 0) {
    return json_null();
  }
  return json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "replicas",
                   (json_int_t)u->n_replicas, "found", (json_int_t)u->n_found, "x4_mean_mm", u->mean_first_mm,
                   "x4_sd_mm", u->sd_first_mm, "x4_lo_mm", u->lo_first_mm, "x4_hi_mm", u->hi_first_mm, "xm_mean_mm",
                   u->mean_last_mm, "xm_sd_mm", u->sd_last_mm, "xm_lo_mm", u->lo_last_mm, "xm_hi_mm", u->hi_last_mm,
                   "x4_step_mm", u->step_first_mm, "xm_step_mm", u->step_last_mm);
}

static json_t *best_json(const zps_placement_study *s) {
  const zps_study_position *const p = &s->positions[s->i_best];
  const zps_flat_region *const f = &s->flat_region;
  json_t *const flat = json_pack(
      "{s:f, s:I, s:f, s:f, s:f, s:f}", "within", s->options.flat, "positions", (json_int_t)f->n, "x4_from_mm",
      zps_position_first_mm(&s->grid, f->lo), "x4_to_mm", zps_position_first_mm(&s->grid, f->hi), "xm_from_mm",
      zps_position_last_mm(&s->grid, f->lo), "xm_to_mm", zps_position_last_mm(&s->grid, f->hi));
  return json_pack("{s:f, s:f, s:f, s:o, s:o}", "x4_mm", p->first_mm, "xm_mm", p->last_mm, "g90", p->g90, "spread",
                   spread_json(&s->spread), "flat_region", flat);
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
  set(object, "rate_max", s->ceiling.is_set ? json_real(zps_study_ceiling_rate(s)) : json_null());
  set(object, "rate_max_of", s->ceiling_name[0] != '\0' ? json_string(s->ceiling_name) : json_null());
  set(object, "positions", positions_json(s));
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
      (void)fprintf(out, ",%s_%.10g", zps_displacement_name((zps_displacement)which), s->options.shift_mm[d]);
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
                    p->accepted[m], e.value, e.lo, e.hi, mass_g90(study, p, m));
      for (size_t c = 0; c < study->options.n_shifts * ZPS_N_DISPLACEMENT; c++) {
        (void)fprintf(
            out, ",%.6g",
            zps_study_change(study, p, m, c / ZPS_N_DISPLACEMENT, (zps_displacement)(c % ZPS_N_DISPLACEMENT)).value);
      }
      (void)fputc('\n', out);
    }
  }
}
