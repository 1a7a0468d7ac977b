#include "host/job/job_validate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/field/dipole.h"
#include "host/job/job_setting.h"
#include "host/job/job_value.h"
#include "host/job/placement_lattice.h"
#include "host/tables/material.h"
#include "kernels/constants.h"

#define TOUCH_MM 1e-6               /* rounding of lengths that are sums of layers */
#define MAX_FIELD_NODES 134217728.0 /* 2 GiB of map */
#define MAX_FIELD_STEPS 1e6

/** A job under examination. */
typedef struct examination {
  const zps_job *job;
  const zps_yaml_node *root;
  zps_error *error;
} examination;

/** Refuses what stands at a dotted path, given printf-style. */
#define REFUSE(x, dotted, ...) zps_job_refuse(zps_job_setting_place((x)->root, (dotted)), (x)->error, __VA_ARGS__)

double zps_job_mass_limit(double p_gev, double a) {
  const double mu = ZPS_MUON_MASS_GEV;
  const double nucleus = ZPS_ATOMIC_MASS_GEV * a;
  const double kinetic = p_gev * p_gev / (sqrt((p_gev * p_gev) + (mu * mu)) + mu);
  const double rest = nucleus + mu;
  const double above = 2 * nucleus * kinetic; /* s - (M + m_mu)^2 */
  return above / (sqrt((rest * rest) + above) + rest);
}

static double end_mm(const zps_job_element *element) {
  return element->start_mm + element->length_mm;
}

static const zps_job_element *find_element(const zps_job *job, const char *name) {
  for (size_t i = 0; i < job->n_elements; i++) {
    if (strcmp(job->elements[i].name, name) == 0) {
      return &job->elements[i];
    }
  }
  return NULL;
}

static const char *element_path(const zps_job_element *element, const char *leaf, char *buffer) {
  (void)snprintf(buffer, ZPS_DOTTED_SIZE, "layout.%s%s%s", element->name, leaf[0] != '\0' ? "." : "", leaf);
  return buffer;
}

static zps_status check_beam(const examination *x) {
  const double charge = x->job->beam.charge;
  if (fabs(charge) < 1) {
    return REFUSE(x, "beam.charge", "beam.charge = %.10g: must be 1 or -1", charge);
  }
  return ZPS_OK;
}

static zps_status check_selection(const examination *x) {
  const zps_selection *s = &x->job->selection;
  if (!(s->p_in_min_gev < s->p_in_max_gev)) {
    return REFUSE(x, "selection.p_in_min_gev", "selection.p_in_min_gev = %.10g: must be below p_in_max_gev = %.10g",
                  s->p_in_min_gev, s->p_in_max_gev);
  }
  return ZPS_OK;
}

/** Names of all materials, for a message. */
static const char *material_names(char *buffer, size_t size) {
  size_t used = 0;
  buffer[0] = '\0';
  for (size_t i = 0; i < zps_material_count() && used + 1 < size; i++) {
    const int n = snprintf(buffer + used, size - used, "%s%s", used > 0 ? ", " : "", zps_material_at(i)->name);
    used += n > 0 ? (size_t)n : 0;
  }
  return buffer;
}

static zps_status check_material(const examination *x, const char *dotted, const char *name) {
  char names[512];
  if (zps_material_find(name) != NULL) {
    return ZPS_OK;
  }
  return REFUSE(x, dotted, "%s = %s: unknown material (have %s)", dotted, name, material_names(names, sizeof names));
}

static zps_status check_matter(const examination *x, const zps_job_element *e) {
  char layers[ZPS_DOTTED_SIZE];
  char dotted[ZPS_DOTTED_SIZE];
  zps_status status = ZPS_OK;
  (void)element_path(e, "layers", layers);
  for (size_t i = 0; i < e->n_layers; i++) {
    (void)snprintf(dotted, sizeof dotted, "%.100s.%s.material", layers, e->layers[i].material);
    ZPS_TRY(check_material(x, dotted, e->layers[i].material));
  }
  const double opening_x = e->width_mm > 0 ? e->width_mm : HUGE_VAL;
  const double opening_y = e->height_mm > 0 ? e->height_mm : HUGE_VAL;
  if (!(e->hole_mm < opening_x && e->hole_mm < opening_y)) {
    status = REFUSE(x, element_path(e, "hole_mm", dotted), "%s = %.10g: must be smaller than width_mm and height_mm",
                    dotted, e->hole_mm);
  }
done:
  return status;
}

static zps_status check_plane(const examination *x, const zps_job_element *e) {
  char dotted[ZPS_DOTTED_SIZE];
  if (e->required && !(e->width_mm > 0 && e->height_mm > 0)) {
    return REFUSE(x, element_path(e, "required", dotted),
                  "%s = true: expected width_mm and height_mm > 0 beside it, got %.10g and %.10g", dotted, e->width_mm,
                  e->height_mm);
  }
  return ZPS_OK;
}

static zps_status check_generated_map(const examination *x, const zps_job_element *e) {
  const zps_job_field *f = &e->field;
  const double extent_mm[3] = {f->width_mm, f->gap_mm, e->length_mm};
  char dotted[ZPS_DOTTED_SIZE];
  double nodes = 1;
  for (int i = 0; i < 3; i++) {
    nodes *= (extent_mm[i] / f->grid_mm[i]) + 2;
    if (f->grid_mm[i] > extent_mm[i]) {
      return REFUSE(x, element_path(e, "grid_mm", dotted), "%s: spacing %.10g mm is larger than the field, %.10g mm",
                    dotted, f->grid_mm[i], extent_mm[i]);
    }
  }
  if (nodes > MAX_FIELD_NODES) {
    return REFUSE(x, element_path(e, "grid_mm", dotted), "%s: %.3g nodes: at most %.3g", dotted, nodes,
                  MAX_FIELD_NODES);
  }
  return ZPS_OK;
}

/** The first key of a map file that is set, or NULL. */
static const char *find_map_key(const zps_job_map_use *use) {
  bool mirrored = false;
  bool turned = false;
  bool moved = false;
  for (int i = 0; i < 3; i++) {
    mirrored = mirrored || use->mirror[i] != ZPS_MIRROR_NONE;
    turned = turned || fabs(use->rotate_deg[i]) > 0;
    moved = moved || fabs(use->offset_mm[i]) > 0;
  }
  const struct {
    const char *key;
    bool is_set;
  } keys[] = {{"format", use->format != ZPS_MAP_AUTO},
              {"length_unit", use->length_unit != ZPS_LENGTH_FROM_FILE},
              {"field_unit", use->field_unit != ZPS_FIELD_FROM_FILE},
              {"symmetry", mirrored},
              {"scale", fabs(use->scale - 1) > 0},
              {"rotate_deg", turned},
              {"offset_mm", moved},
              {"outside", use->outside != ZPS_OUTSIDE_ERROR}};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    if (keys[i].is_set) {
      return keys[i].key;
    }
  }
  return NULL;
}

/** The field of a generated dipole, all but nothing of which may lie outside its element. */
static zps_status check_dipole(const examination *x, const zps_job_element *e) {
  char dotted[ZPS_DOTTED_SIZE];
  zps_dipole dipole;
  zps_error found = {ZPS_OK, ""};
  if (e->field.effective_length_mm > e->length_mm) {
    return REFUSE(x, element_path(e, "effective_length_mm", dotted), "%s = %.10g: must be <= length_mm = %.10g", dotted,
                  e->field.effective_length_mm, e->length_mm);
  }
  if (zps_dipole_init(&e->field, &dipole, &found) != ZPS_OK) {
    return REFUSE(x, element_path(e, "", dotted), "%s: %s", dotted, found.text);
  }
  if (zps_dipole_check_length(&dipole, e->length_mm, &found) != ZPS_OK) {
    return REFUSE(x, element_path(e, "length_mm", dotted), "layout.%s: %s", e->name, found.text);
  }
  return ZPS_OK;
}

static zps_status check_generated(const examination *x, const zps_job_element *e) {
  const char *const key = find_map_key(&e->field.use);
  char dotted[ZPS_DOTTED_SIZE];
  zps_status status = ZPS_OK;
  if (key != NULL) {
    return REFUSE(x, element_path(e, key, dotted), "%s: acts on a map file: expected none beside generate: %s", dotted,
                  e->field.uniform ? "uniform" : "dipole");
  }
  ZPS_TRY(check_generated_map(x, e));
  status = e->field.uniform ? ZPS_OK : check_dipole(x, e);
done:
  return status;
}

static zps_status check_map_use(const examination *x, const zps_job_element *e) {
  char dotted[ZPS_DOTTED_SIZE];
  for (int i = 0; i < 3; i++) {
    const double turns = e->field.use.rotate_deg[i] / 90;
    if (fabs(turns - nearbyint(turns)) > 0) {
      return REFUSE(x, element_path(e, "rotate_deg", dotted), "%s: %.10g: must be a multiple of 90", dotted,
                    e->field.use.rotate_deg[i]);
    }
  }
  return ZPS_OK;
}

static zps_status check_field(const examination *x, const zps_job_element *e) {
  const zps_job_field *f = &e->field;
  char dotted[ZPS_DOTTED_SIZE];
  if (f->generated == (f->map[0] != '\0')) {
    return REFUSE(x, element_path(e, "", dotted), "%s: expected either generate: dipole | uniform or a map, got %s",
                  dotted, f->generated ? "both" : "neither");
  }
  if (e->length_mm / f->step_mm > MAX_FIELD_STEPS) {
    return REFUSE(x, element_path(e, "step_mm", dotted), "%s = %.10g: more than %.0f steps over length_mm = %.10g",
                  dotted, f->step_mm, MAX_FIELD_STEPS, e->length_mm);
  }
  return f->generated ? check_generated(x, e) : check_map_use(x, e);
}

static zps_status check_unique_element(const examination *x, size_t i) {
  const zps_job_element *e = &x->job->elements[i];
  const zps_job_element *first = find_element(x->job, e->name);
  if (first != e) {
    const zps_job_place place = {.file = x->job->file, .setting = NULL, .line = e->line};
    return zps_job_refuse(&place, x->error, "layout: a second element named '%s', the first is on line %d", e->name,
                          first->line);
  }
  return ZPS_OK;
}

/** z must not go back: an element starts where the one before it ends, or later. */
static zps_status check_order(const examination *x, size_t i) {
  char dotted[ZPS_DOTTED_SIZE];
  if (i == 0) {
    return ZPS_OK;
  }
  const zps_job_element *e = &x->job->elements[i];
  const zps_job_element *before = &x->job->elements[i - 1];
  if (e->start_mm + TOUCH_MM >= end_mm(before)) {
    return ZPS_OK;
  }
  return REFUSE(x, element_path(e, "start_mm", dotted),
                "layout: %s [%.10g, %.10g] mm %s %s [%.10g, %.10g] mm: elements must ascend in z without overlap",
                e->name, e->start_mm, end_mm(e), end_mm(e) <= before->start_mm ? "comes before" : "overlaps",
                before->name, before->start_mm, end_mm(before));
}

static zps_status check_element(const examination *x, size_t i) {
  const zps_job_element *e = &x->job->elements[i];
  zps_status status = ZPS_OK;
  ZPS_TRY(check_unique_element(x, i));
  switch (e->kind) {
  case ZPS_ELEMENT_MATTER:
    ZPS_TRY(check_matter(x, e));
    break;
  case ZPS_ELEMENT_FIELD:
    ZPS_TRY(check_field(x, e));
    break;
  case ZPS_ELEMENT_PLANE:
  default:
    ZPS_TRY(check_plane(x, e));
    break;
  }
  ZPS_TRY(check_order(x, i));
done:
  return status;
}

static zps_status check_layout(const examination *x) {
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < x->job->n_elements; i++) {
    ZPS_TRY(check_element(x, i));
  }
done:
  return status;
}

static bool has_layer(const zps_job_element *e, const char *material) {
  for (size_t i = 0; i < e->n_layers; i++) {
    if (strcmp(e->layers[i].material, material) == 0) {
      return true;
    }
  }
  return false;
}

/** Every muon crosses the first element, whatever the process: of matter, and as wide as the beam. */
static zps_status check_first_element(const examination *x) {
  const zps_job_element *e = &x->job->elements[0];
  const bool limited = e->width_mm > 0 || e->height_mm > 0;
  const char *const side = e->width_mm > 0 ? "width_mm" : "height_mm";
  char dotted[ZPS_DOTTED_SIZE];
  if (e->kind != ZPS_ELEMENT_MATTER) {
    return REFUSE(x, element_path(e, "kind", dotted), "%s = %s: the first element is the target: expected matter",
                  dotted, e->kind == ZPS_ELEMENT_FIELD ? "field" : "plane");
  }
  if (limited) {
    return REFUSE(x, element_path(e, side, dotted),
                  "%s = %.10g: the target is crossed by every beam muon, at whatever x and y: expected 0, unlimited",
                  dotted, e->width_mm > 0 ? e->width_mm : e->height_mm);
  }
  if (e->hole_mm > 0) {
    return REFUSE(x, element_path(e, "hole_mm", dotted), "%s = %.10g: the target cannot have a hole", dotted,
                  e->hole_mm);
  }
  return ZPS_OK;
}

static zps_status check_target_place(const examination *x, const zps_job_element *target) {
  char dotted[ZPS_DOTTED_SIZE];
  if (fabs(end_mm(target)) > TOUCH_MM) {
    return REFUSE(x, element_path(target, "start_mm", dotted),
                  "%s = %.10g: the target ends at z = %.10g, expected 0: start_mm = %.10g", dotted, target->start_mm,
                  end_mm(target), -target->length_mm);
  }
  return ZPS_OK;
}

static zps_status check_target(const examination *x) {
  const zps_job_process *p = &x->job->process;
  const zps_job_element *target = &x->job->elements[0];
  zps_status status = ZPS_OK;
  if (find_element(x->job, p->target) != target) {
    return REFUSE(x, "process.target", "process.target = %s: expected %s, the first element of the layout", p->target,
                  target->name);
  }
  ZPS_TRY(check_target_place(x, target));
  ZPS_TRY(check_material(x, "process.material", p->material));
  if (!has_layer(target, p->material)) {
    return REFUSE(x, "process.material", "process.material = %s: not among the layers of %s", p->material,
                  target->name);
  }
  if (zps_material_find(p->material)->n_elements != 1) {
    return REFUSE(x, "process.material", "process.material = %s: expected a chemical element", p->material);
  }
done:
  return status;
}

static zps_status check_masses(const examination *x) {
  const zps_job *job = x->job;
  const double limit = zps_job_mass_limit(job->beam.p_gev, zps_material_find(job->process.material)->elements[0].a);
  const double largest = job->mass_gev.values[job->mass_gev.n - 1];
  if (largest < limit) {
    return ZPS_OK;
  }
  return REFUSE(x, "scan.mass_gev",
                "scan.mass_gev = %.10g: must be < %.6g, the kinematic limit of %.10g GeV muons on %s", largest, limit,
                job->beam.p_gev, job->process.material);
}

/** WW and IWW are for a vector and the elastic form factor; without dark matter the other mediators leave no trace. */
static zps_status check_process(const examination *x) {
  static const char *const mediators[] = {"vector", "scalar", "pseudoscalar", "axial"};
  const zps_job_process *p = &x->job->process;
  const bool plain = p->form_factor == ZPS_FORM_ELASTIC && p->inelastic == ZPS_INELASTIC_NONE;
  if (p->model != ZPS_MODEL_ETL && (p->mediator != ZPS_MEDIATOR_VECTOR || !plain)) {
    return REFUSE(x, "process.model",
                  "process.model = %s: only for a vector with the elastic form factor and no inelastic term "
                  "(expected etl)",
                  p->model == ZPS_MODEL_WW ? "ww" : "iww");
  }
  if (p->mediator != ZPS_MEDIATOR_VECTOR && p->dark_matter != ZPS_DARK_DIRAC) {
    return REFUSE(x, "process.mediator",
                  "process.mediator = %s: expected process.dark_matter.kind = dirac, the only invisible decay known "
                  "for it",
                  mediators[p->mediator]);
  }
  return ZPS_OK;
}

/** The pilot favours what is accepted of emissions; surfaces hold sums of k alone, from which no error of events of
 *  uneven weight follows. */
static zps_status check_pilot(const examination *x) {
  if (x->job->process.kind == ZPS_PROCESS_NONE) {
    return REFUSE(x, "process.pilot", "process.pilot: expected process.kind = z_prime, got none");
  }
  if (x->job->placement.given) {
    return REFUSE(
        x, "process.pilot",
        "process.pilot: expected no counter positions (placement, optimize) beside it: their surfaces do not know "
        "the errors of weighted events");
  }
  return ZPS_OK;
}

static const char *counter_path(const zps_job_trigger *t, const zps_job_counter *c, const char *leaf, char *buffer) {
  (void)snprintf(buffer, ZPS_DOTTED_SIZE, "triggers.%s.%s.%s", t->name, c->plane, leaf);
  return buffer;
}

static const char *plane_names(const zps_job *job, char *buffer, size_t size) {
  size_t used = 0;
  (void)snprintf(buffer, size, "none");
  for (size_t i = 0; i < job->n_elements && used + ZPS_NAME_SIZE + 2 < size; i++) {
    if (job->elements[i].kind == ZPS_ELEMENT_PLANE) {
      used += (size_t)snprintf(buffer + used, size - used, "%s%s", used > 0 ? ", " : "", job->elements[i].name);
    }
  }
  return buffer;
}

/** The plane of counter i exists and lies behind that of the counter before it. */
static zps_status check_counter(const examination *x, const zps_job_trigger *t, size_t i) {
  const zps_job_counter *c = &t->counters[i];
  const zps_job_element *plane = find_element(x->job, c->plane);
  char dotted[ZPS_DOTTED_SIZE];
  char names[512];
  (void)counter_path(t, c, "plane", dotted);
  if (plane == NULL || plane->kind != ZPS_ELEMENT_PLANE) {
    return REFUSE(x, dotted, "triggers.%s: '%s' is no plane of the layout (have %s)", t->name, c->plane,
                  plane_names(x->job, names, sizeof names));
  }
  if (i > 0 && plane <= find_element(x->job, t->counters[i - 1].plane)) {
    return REFUSE(x, dotted, "triggers.%s: '%s' after '%s': expected different planes, ascending in z", t->name,
                  c->plane, t->counters[i - 1].plane);
  }
  return ZPS_OK;
}

static zps_status check_trigger(const examination *x, size_t i) {
  const zps_job_trigger *t = &x->job->triggers[i];
  char dotted[ZPS_DOTTED_SIZE];
  zps_status status = ZPS_OK;
  if (strcmp(t->name, "total") == 0) {
    return REFUSE(x, "triggers",
                  "triggers: a trigger named 'total': expected another name, results have their sum there");
  }
  for (size_t j = 0; j < i; j++) {
    if (strcmp(x->job->triggers[j].name, t->name) == 0) {
      return REFUSE(x, "triggers", "triggers: a second trigger named '%s'", t->name);
    }
  }
  for (size_t j = 0; j < t->n_counters; j++) {
    ZPS_TRY(check_counter(x, t, j));
  }
  if (t->observed > floor(t->observed)) {
    (void)snprintf(dotted, sizeof dotted, "triggers.%s.observed", t->name);
    return REFUSE(x, dotted, "%s = %.10g: expected a whole number of events", dotted, t->observed);
  }
done:
  return status;
}

/** Plane i of the tracker exists and lies behind that before it. */
static zps_status check_tracker_plane(const examination *x, size_t i) {
  static const char *const keys[] = {"first", "middle", "last"};
  const zps_job_sagitta *s = &x->job->sagitta;
  const zps_job_element *plane = find_element(x->job, s->plane[i]);
  char dotted[ZPS_DOTTED_SIZE];
  char names[512];
  (void)snprintf(dotted, sizeof dotted, "selection.sagitta.%s", keys[i]);
  if (plane == NULL || plane->kind != ZPS_ELEMENT_PLANE) {
    return REFUSE(x, dotted, "%s: expected a plane of the layout (have %s), got %s", dotted,
                  plane_names(x->job, names, sizeof names), s->plane[i][0] != '\0' ? s->plane[i] : "nothing");
  }
  if (i > 0 && plane <= find_element(x->job, s->plane[i - 1])) {
    return REFUSE(x, dotted, "%s = %s: expected a plane behind %s = %s", dotted, s->plane[i], keys[i - 1],
                  s->plane[i - 1]);
  }
  return ZPS_OK;
}

/** A muon that hits a trigger has its p_out: the tracker ends before the first counters. */
static zps_status check_sagitta(const examination *x) {
  const zps_job_sagitta *s = &x->job->sagitta;
  zps_status status = ZPS_OK;
  for (size_t i = 0; i < ZPS_N_TRACKER_PLANES; i++) {
    ZPS_TRY(check_tracker_plane(x, i));
  }
  for (size_t t = 0; t < x->job->n_triggers; t++) {
    const char *counter = x->job->triggers[t].counters[0].plane;
    if (find_element(x->job, s->plane[ZPS_N_TRACKER_PLANES - 1]) > find_element(x->job, counter)) {
      return REFUSE(x, "selection.sagitta.last",
                    "selection.sagitta.last = %s: lies behind %s, the first counter of trigger %s",
                    s->plane[ZPS_N_TRACKER_PLANES - 1], counter, x->job->triggers[t].name);
    }
  }
done:
  return status;
}

/** The lattice of one plane, and the first trigger's width there in whole steps. */
static zps_status check_lattice(const examination *x, const char *key, const double ends[2], size_t i_counter,
                                zps_lattice *lattice) {
  const zps_job_placement *p = &x->job->placement;
  const zps_job_trigger *t = &x->job->triggers[0];
  const zps_job_counter *c = &t->counters[i_counter];
  char dotted[ZPS_DOTTED_SIZE];
  int64_t steps = 0;
  if (!zps_placement_step(p->step_mm, lattice)) {
    return REFUSE(x, "placement.step_mm",
                  "placement.step_mm = %.10g: expected a whole number of mm, or 1 mm over a whole number up to 1000",
                  p->step_mm);
  }
  if (!zps_placement_lattice(ends[0], ends[1], lattice)) {
    return REFUSE(x, key, "%s = [%.10g, %.10g]: expected ascending multiples of the step %.10g, at most %d steps", key,
                  ends[0], ends[1], p->step_mm, ZPS_PLACEMENT_MAX_STEPS);
  }
  if (!zps_placement_steps(lattice, c->width_mm, &steps)) {
    return REFUSE(x, counter_path(t, c, "width_mm", dotted),
                  "%s = %.10g: expected a multiple of placement.step_mm = %.10g", dotted, c->width_mm, p->step_mm);
  }
  return ZPS_OK;
}

static zps_status check_placement(const examination *x) {
  const zps_job_placement *p = &x->job->placement;
  const zps_job_trigger *t = &x->job->triggers[0];
  zps_placement size = {.n_y = (int64_t)zps_placement_n_heights(x->job)};
  zps_status status = ZPS_OK;
  if (t->n_counters < 2) {
    return REFUSE(x, "placement", "placement: the first trigger, %s, has one counter: expected two or more", t->name);
  }
  if (size.n_y > ZPS_MAX_PLACEMENT_Y) {
    return REFUSE(x, "placement.y_last_offset_mm",
                  "placement.y_last_offset_mm: %lld pairs of heights: expected at most %d", (long long)size.n_y,
                  ZPS_MAX_PLACEMENT_Y);
  }
  ZPS_TRY(check_lattice(x, "placement.first_mm", p->first_mm, 0, &size.first));
  ZPS_TRY(check_lattice(x, "placement.last_mm", p->last_mm, t->n_counters - 1, &size.last));
  if (zps_surface_size(&size) > ZPS_PLACEMENT_MAX_SIZE) {
    return REFUSE(x, "placement", "placement: %lld counts per mass: expected at most %d",
                  (long long)zps_surface_size(&size), ZPS_PLACEMENT_MAX_SIZE);
  }
  if ((p->scan == ZPS_SCAN_NOTHING) != (p->scan_values.n == 0)) {
    return REFUSE(x, "placement.scan", "placement.scan and placement.scan_values: expected both or neither");
  }
done:
  return status;
}

zps_status zps_job_validate(const zps_job *job, const zps_yaml_node *root, zps_error *error) {
  const examination x = {job, root, error};
  zps_status status = ZPS_OK;
  ZPS_TRY(check_beam(&x));
  ZPS_TRY(check_selection(&x));
  ZPS_TRY(check_layout(&x));
  ZPS_TRY(check_first_element(&x));
  if (job->process.kind == ZPS_PROCESS_Z_PRIME) {
    ZPS_TRY(check_process(&x));
    ZPS_TRY(check_target(&x));
    ZPS_TRY(check_masses(&x));
  }
  for (size_t i = 0; i < job->n_triggers; i++) {
    ZPS_TRY(check_trigger(&x, i));
  }
  if (job->sagitta.given) {
    ZPS_TRY(check_sagitta(&x));
  }
  if (job->placement.given) {
    ZPS_TRY(check_placement(&x));
  }
  if (job->pilot.given) {
    ZPS_TRY(check_pilot(&x));
  }
done:
  return status;
}
