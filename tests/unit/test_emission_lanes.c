/* The sums over t and phi by lanes against the same sums one point at a time, in every instruction set of the machine:
 * the same bits. */
#include "tests/zps_test.h"

#include "host/instruction_set.h"
#include "host/tables/emission_lanes.h"
#include "host/tables/emission_table.h"

#define N_B 131 /* two blocks and a part of one */
#define N_T 3
#define N_PHI 7 /* passes of 4, 2 and 1 */

static const char *const names[ZPS_N_INSTRUCTION_SETS] = {"base", "v2", "v3", "v4"};
static zps_emission_lanes *const lanes[ZPS_N_INSTRUCTION_SETS] = ZPS_BY_INSTRUCTION_SET(zps_emission_lanes);

/** Nodes anywhere will do: both sides take the same. */
typedef struct sample {
  double b[N_B], nu[N_T], weight[N_T], cosine[N_PHI], sine[N_PHI];
} sample;

static void sample_fill(sample *s) {
  for (int j = 0; j < N_B; j++) {
    s->b[j] = ((double)j + 0.5) / N_B;
  }
  for (int i = 0; i < N_T; i++) {
    s->nu[i] = ((double)i + 0.3) / N_T;
    s->weight[i] = 0.2 + (0.3 * (double)i);
  }
  for (int i = 0; i < N_PHI; i++) {
    const zps_sin_cos phi = zps_sincos_turn(((double)i + 0.5) / (2.0 * N_PHI));
    s->cosine[i] = phi.cosine;
    s->sine[i] = phi.sine;
  }
}

/** One point at a time. */
static double scalar_sum(const zps_emission_fibre *f, double a, double b) {
  zps_emission_state s = zps_emission_ab(f->nucleus, f->mass, f->x_min, f->energy, a, b);
  zps_emission_open_t(f->nucleus, zps_emission_t_cap(f->mass, f->model), &s);
  double sum = 0.0;
  for (size_t i = 0; s.live > 0.0 && i < f->n_t; i++) {
    zps_emission_set_t(f->nucleus, f->nu[i], &s);
    for (size_t k = 0; k < f->n_phi; k++) {
      s.cos_phi = f->cosine[k];
      s.sin_phi = f->sine[k];
      sum = sum + (f->weight[i] * (zps_emission_density(f->nucleus, f->mass, f->model, &f->vertex, &s) * s.jacobian_t));
    }
  }
  return s.live > 0.0 ? sum * s.jacobian_ab : 0.0;
}

/** Compares all lanes at one a. Returns how many were outside phase space. */
static int compare(const zps_emission_fibre *f, int set, double a, const double *b) {
  double value[N_B];
  int n_outside = 0;
  lanes[set](f, a, N_B, b, value);
  for (int j = 0; j < N_B; j++) {
    const double want = scalar_sum(f, a, b[j]);
    if (zps_bits(value[j]) != zps_bits(want)) {
      fail_msg("%s, model %d, mass %g, a = %g, b = %g: got %a, expected %a", names[set], f->model, f->mass, a, b[j],
               value[j], want);
    }
    n_outside += want == 0.0 ? 1 : 0;
  }
  return n_outside;
}

/** Law: lanes do the operations of the scalar sum in its order, and IEEE 754 fixes each: equal bits, no tolerance. */
static void test_same_bits(void **state) {
  (void)state;
  static const double masses[] = {1e-3, 0.2, 5.0};
  sample s;
  int n_sets = 0;
  int n_outside = 0;
  sample_fill(&s);
  zps_nucleus nucleus = zps_nucleus_make(82.0, 207.2);
  zps_nucleus option = nucleus;
  zps_nucleus_set_form(&option, ZPS_FORM_HELM, ZPS_INELASTIC_SQUARED);
  for (int set = 0; set < ZPS_N_INSTRUCTION_SETS; set++) {
    zps_instruction_set chosen = ZPS_SET_BASE;
    zps_error error = {ZPS_OK, ""};
    if (zps_instruction_set_choose(names[set], &chosen, &error) != ZPS_OK) {
      continue;
    }
    n_sets++;
    for (int model = 0; model <= ZPS_EMISSION_OPTION + ZPS_MEDIATOR_AXIAL; model++) {
      for (size_t m = 0; m < sizeof masses / sizeof masses[0]; m++) {
        const int is_option = model >= ZPS_EMISSION_OPTION;
        const zps_mediator mediator = is_option ? (zps_mediator)(model - ZPS_EMISSION_OPTION) : ZPS_MEDIATOR_VECTOR;
        const zps_emission_fibre fibre = {is_option ? &option : &nucleus,
                                          model,
                                          zps_emission_vertex(mediator, masses[m]),
                                          masses[m],
                                          0.3,
                                          160.0,
                                          N_T,
                                          N_PHI,
                                          s.nu,
                                          s.weight,
                                          s.cosine,
                                          s.sine};
        n_outside += compare(&fibre, set, 0.37, s.b);
        n_outside += compare(&fibre, set, 0.999, s.b);
      }
    }
  }
  print_message("%d instruction sets, %d points outside phase space\n", n_sets, n_outside);
  assert_true(n_sets >= 1);
  assert_true(n_outside > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
