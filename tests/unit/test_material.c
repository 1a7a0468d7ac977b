/* The table of materials: complete, consistent with itself, found by name. */
#include <string.h>

#include "host/tables/material.h"
#include "tests/zps_test.h"

static void test_find_by_name(void **state) {
  (void)state;
  static const char *const names[] = {"Pb", "Fe", "Cu", "C", "polystyrene", "air", "paper"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const zps_material *m = zps_material_find(names[i]);
    assert_non_null(m);
    assert_string_equal(m->name, names[i]);
  }
  assert_null(zps_material_find("pb"));
  assert_null(zps_material_find(""));
  assert_null(zps_material_find(NULL));
}

static void test_index_and_names_agree(void **state) {
  (void)state;
  for (size_t i = 0; i < zps_material_count(); i++) {
    const zps_material *m = zps_material_at(i);
    assert_ptr_equal(zps_material_find(m->name), m);
  }
  assert_null(zps_material_at(zps_material_count()));
}

/* Fractions add up to 1, and sum f Z/A is the tabulated Z/A: the fractions carry 6 decimals and the tabulated
 * Z/A 5, so 1e-5 + 4 * 1e-6 with Z/A at most 1. */
static void test_composition(void **state) {
  (void)state;
  for (size_t i = 0; i < zps_material_count(); i++) {
    const zps_material *m = zps_material_at(i);
    double total = 0.0;
    double z_over_a = 0.0;
    assert_in_range(m->n_elements, 1, ZPS_MATERIAL_MAX_ELEMENTS);
    for (size_t k = 0; k < m->n_elements; k++) {
      const zps_material_element *e = &m->elements[k];
      total += e->mass_fraction;
      z_over_a += e->mass_fraction * (double)e->z / e->a;
      assert_true(k == 0 || e->mass_fraction <= m->elements[k - 1].mass_fraction);
    }
    zps_assert_near(total, 1.0, 1e-9);
    zps_assert_near(z_over_a, m->z_over_a, 1.4e-5);
  }
}

/* Sternheimer: Cbar = 2 ln(I / hbar omega_p) + 1 with hbar omega_p = 28.816 eV sqrt(rho Z/A), from density, Z/A
 * and I alone. The tabulated Cbar were made with I, densities and masses of 1984, so 0.01. */
static void test_density_effect_is_of_this_density(void **state) {
  (void)state;
  for (size_t i = 0; i < zps_material_count(); i++) {
    const zps_material *m = zps_material_at(i);
    const double plasma_ev = 28.816 * sqrt(m->density_g_cm3 * m->z_over_a);
    zps_assert_near(m->sternheimer_cbar, (2.0 * log(m->mean_excitation_ev / plasma_ev)) + 1.0, 0.01);
  }
}

/* The parametrisation is continuous at x0: asymptote + a (x1 - x0)^k = d0 there. Parameters have 4 digits: 0.02. */
static void test_density_effect_is_continuous(void **state) {
  (void)state;
  for (size_t i = 0; i < zps_material_count(); i++) {
    const zps_material *m = zps_material_at(i);
    const double at_x0 = (2.0 * log(10.0) * m->sternheimer_x0) - m->sternheimer_cbar +
                         (m->sternheimer_a * pow(m->sternheimer_x1 - m->sternheimer_x0, m->sternheimer_k));
    zps_assert_near(at_x0, m->sternheimer_d0, 0.02);
  }
}

/* Radiation length of a mixture: 1/X0 = sum f_i / X_i in g/cm^2, with Tsai's X_i of the elements (PDG):
 * H 63.04, C 42.70, N 37.99, O 34.24, Ar 19.55. Rounding of the tabulated X0 and X_i: 1e-3. */
static void test_radiation_length_of_mixtures(void **state) {
  (void)state;
  static const double x0_g_cm2[19] = {[1] = 63.04, [6] = 42.70, [7] = 37.99, [8] = 34.24, [18] = 19.55};
  static const char *const names[] = {"polystyrene", "air", "paper", "C"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const zps_material *m = zps_material_find(names[i]);
    double inverse = 0.0;
    for (size_t k = 0; k < m->n_elements; k++) {
      inverse += m->elements[k].mass_fraction / x0_g_cm2[m->elements[k].z];
    }
    zps_assert_relative(m->radiation_length_mm, 10.0 / (inverse * m->density_g_cm3), 1e-3);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_find_by_name),
      cmocka_unit_test(test_index_and_names_agree),
      cmocka_unit_test(test_composition),
      cmocka_unit_test(test_density_effect_is_of_this_density),
      cmocka_unit_test(test_density_effect_is_continuous),
      cmocka_unit_test(test_radiation_length_of_mixtures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
