/* Lookups and steps of a block of lanes against the scalar ones, in every instruction set of the machine: the same
 * bits. */
#include "tests/zps_test.h"

#include <math.h>
#include <string.h>

#include "host/instruction_set.h"
#include "kernels/field_lanes.h"
#include "kernels/rng.h"

#define N_X 5
#define N_Y 4
#define N_Z 6
#define N_FLOATS (4 * N_X * N_Y * N_Z)
#define N_STEPS 5

static const char *const names[ZPS_N_INSTRUCTION_SETS] = {"base", "v2", "v3", "v4"};
static zps_field_lanes_lookup *const lookups[ZPS_N_INSTRUCTION_SETS] = ZPS_BY_INSTRUCTION_SET(zps_field_lanes_lookup);
static zps_field_lanes_step *const steps[ZPS_N_INSTRUCTION_SETS] = ZPS_BY_INSTRUCTION_SET(zps_field_lanes_step);

/** Uniform in [lo, hi): any positions and fields will do, both sides take the same. */
static double any(uint32_t i, uint32_t purpose, double lo, double hi) {
  return lo + ((hi - lo) * zps_draw_uniform(zps_stream_init(1, 0, i), purpose, 0).a);
}

/** 40 x 24 x 50 mm, nodes every 10, 8 and 10 mm. */
static zps_field_map sample_map(float b[N_FLOATS]) {
  for (uint32_t i = 0; i < N_FLOATS; i++) {
    b[i] = i % 4 == 3 ? 0.0F : (float)any(i, 1, -2.0, 2.0);
  }
  const zps_field_map map = {N_X, N_Y, N_Z, -20.0, -12.0, 0.0, 10.0, 8.0, 10.0, b};
  return map;
}

/** Muons inside the map and up to a cell beyond its edges, one of them nowhere. */
static zps_field_lanes sample_lanes(void) {
  zps_field_lanes l;
  memset(&l, 0, sizeof l);
  for (uint32_t i = 0; i < ZPS_FIELD_LANES; i++) {
    l.x[i] = any(i, 2, -30.0, 30.0);
    l.y[i] = any(i, 3, -20.0, 20.0);
    l.tx[i] = any(i, 4, -0.5, 0.5);
    l.ty[i] = any(i, 5, -0.5, 0.5);
    l.kappa[i] = zps_rk4_kappa(i % 2 == 0 ? 1.0 : -1.0, any(i, 6, 0.2, 2.0));
  }
  l.x[3] = (double)NAN;
  return l;
}

static void assert_bits(double got, double want, int set, int lane, const char *what) {
  if (zps_bits(got) != zps_bits(want)) {
    fail_msg("%s, lane %d: %s is %a, expected %a", names[set], lane, what, got, want);
  }
}

static void compare_lookup(int set, const zps_field_map *map, double z_mm, int32_t cubic) {
  const zps_field_plane plane = zps_field_plane_at(map, z_mm);
  zps_field_lanes l = sample_lanes();
  lookups[set](map, plane, cubic, &l);
  for (int i = 0; i < ZPS_FIELD_LANES; i++) {
    const zps_field_vector want = zps_field_lookup(map, plane, zps_field_lookup_on(plane, cubic), l.x[i], l.y[i]);
    assert_bits(l.b[0][i], want.x, set, i, "Bx");
    assert_bits(l.b[1][i], want.y, set, i, "By");
    assert_bits(l.b[2][i], want.z, set, i, "Bz");
  }
}

static zps_ray ray_of(const zps_field_lanes *l, int i) {
  const zps_ray r = {l->x[i], l->y[i], l->tx[i], l->ty[i]};
  return r;
}

static zps_rk4_memory memory_of(const zps_field_lanes *l, int i) {
  const zps_rk4_memory memory = {{l->b[0][i], l->b[1][i], l->b[2][i]}, {l->third_x[i], l->third_y[i]}};
  return memory;
}

/** Steps of h_mm from z_mm on. NaN has many bits, so the lane that is nowhere is left out. */
static void compare_steps(int set, const zps_field_map *map, double z_mm, double h_mm, int32_t cubic) {
  zps_field_lanes l = sample_lanes();
  lookups[set](map, zps_field_plane_at(map, z_mm), cubic, &l);
  for (int k = 0; k < N_STEPS; k++) {
    const zps_field_step step = zps_field_step_from(map, z_mm + (h_mm * k), h_mm);
    const zps_field_lanes before = l;
    steps[set](map, &step, cubic, &l);
    for (int i = 0; i < ZPS_FIELD_LANES; i++) {
      zps_rk4_memory memory = memory_of(&before, i);
      const zps_ray want =
          zps_rk4_step(map, step.middle, step.end, zps_field_lookup_on(step.middle, cubic),
                       zps_field_lookup_on(step.end, cubic), before.kappa[i], step.h, ray_of(&before, i), &memory);
      if (i == 3) {
        continue;
      }
      assert_bits(l.x[i], want.x, set, i, "x");
      assert_bits(l.y[i], want.y, set, i, "y");
      assert_bits(l.tx[i], want.tx, set, i, "tx");
      assert_bits(l.ty[i], want.ty, set, i, "ty");
      assert_bits(l.b[0][i], memory.b.x, set, i, "Bx");
      assert_bits(l.b[1][i], memory.b.y, set, i, "By");
      assert_bits(l.b[2][i], memory.b.z, set, i, "Bz");
      assert_bits(l.third_x[i], memory.third.x, set, i, "third_x");
      assert_bits(l.third_y[i], memory.third.y, set, i, "third_y");
    }
  }
}

static void test_same_bits_as_scalar(void **state) {
  (void)state;
  float b[N_FLOATS];
  const zps_field_map map = sample_map(b);
  const int32_t kinds[] = {0, ZPS_LOOKUP_CUBIC};
  for (int set = 0; set < ZPS_N_INSTRUCTION_SETS; set++) {
    zps_instruction_set chosen;
    if (zps_instruction_set_choose(names[set], &chosen, NULL) != ZPS_OK) {
      continue;
    }
    for (int k = 0; k < 2; k++) {
      compare_lookup(set, &map, 20.0, kinds[k]);       /* on a plane */
      compare_lookup(set, &map, 23.0, kinds[k]);       /* between */
      compare_lookup(set, &map, 50.0, kinds[k]);       /* on the last plane */
      compare_steps(set, &map, 0.0, 10.0, kinds[k]);   /* the middle between planes, to the last plane */
      compare_steps(set, &map, 5.0, 5.0, kinds[k]);    /* either of them */
      compare_steps(set, &map, 3.0, 6.0, kinds[k]);    /* both between */
      compare_steps(set, &map, 50.0, -10.0, kinds[k]); /* backwards */
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bits_as_scalar)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
