#include "host/tables/stack.h"

static zps_status stack_add_element(zps_stack *s, const zps_material_element *element, double density,
                                    zps_error *error) {
  for (size_t i = 0; i < s->n_elements; i++) {
    if (s->elements[i].z == element->z && s->elements[i].a == element->a) {
      s->elements[i].mass_fraction += density;
      return ZPS_OK;
    }
  }
  if (s->n_elements == ZPS_MATTER_MAX_ELEMENTS) {
    return zps_error_set(error, ZPS_INVALID, "stack of materials: more than %d chemical elements",
                         ZPS_MATTER_MAX_ELEMENTS);
  }
  s->elements[s->n_elements] = *element;
  s->elements[s->n_elements].mass_fraction = density;
  s->n_elements++;
  return ZPS_OK;
}

static zps_status layers_check(const zps_layer *layers, size_t n_layers, zps_error *error) {
  if (layers == NULL || n_layers == 0 || n_layers > ZPS_MATTER_MAX_LAYERS) {
    return zps_error_set(error, ZPS_INVALID, "stack of materials: %zu layers: must be 1 to %d", n_layers,
                         ZPS_MATTER_MAX_LAYERS);
  }
  for (size_t i = 0; i < n_layers; i++) {
    const double thickness = layers[i].thickness_mm;
    if (layers[i].material == NULL) {
      return zps_error_set(error, ZPS_INVALID, "stack of materials: layer %zu has no material", i + 1);
    }
    if (!(thickness > 0.0 && thickness <= 1e9)) {
      return zps_error_set(error, ZPS_INVALID,
                           "stack of materials: layer %zu (%s): thickness_mm = %g: must be > 0 and at most 1e9", i + 1,
                           layers[i].material->name, thickness);
    }
  }
  return ZPS_OK;
}

zps_status zps_stack_init(zps_stack *s, const zps_layer *layers, size_t n_layers, zps_error *error) {
  zps_status status = ZPS_OK;
  double length = 0.0;
  double radiation_lengths = 0.0;
  ZPS_TRY(layers_check(layers, n_layers, error));
  s->n_layers = n_layers;
  s->n_elements = 0;
  for (size_t i = 0; i < n_layers; i++) {
    length += layers[i].thickness_mm;
    radiation_lengths += layers[i].thickness_mm / layers[i].material->radiation_length_mm;
  }
  for (size_t i = 0; i < n_layers; i++) {
    const zps_material *m = layers[i].material;
    s->materials[i] = m;
    s->layer_density[i] = (layers[i].thickness_mm / length) * m->density_g_cm3;
    for (size_t k = 0; k < m->n_elements; k++) {
      const double density = s->layer_density[i] * m->elements[k].mass_fraction;
      ZPS_TRY(stack_add_element(s, &m->elements[k], density, error));
    }
  }
  s->radiation_length_mm = length / radiation_lengths;
done:
  return status;
}
