/* The law of the single collision with one chemical element, at many momenta: compiled once per instruction set. */
#ifndef ZPS_COLLISION_LANES_H
#define ZPS_COLLISION_LANES_H

#include <stddef.h>

/** What the law of zps_moliere_rate() needs of an element; made by moliere_table.c. */
typedef struct zps_collision_target {
  double scale;       /* 4 pi (alpha hbar c)^2 N_A/A [GeV^2/mm] at 1 g/cm^3 */
  double screening;   /* q_a^2 [GeV^2] */
  double protons;     /* Z */
  double helm_radius; /* r of Helm's form factor [1/GeV] */
  double helm_skin;   /* s [1/GeV] */
  int point;          /* charges are points: Z (Z + 1) */
  int hydrogen;       /* no form factor but that of the proton */
} zps_collision_target;

/** Adds density times the rate [1/(mm GeV)] at q[i] [GeV] to sum[i], i < n. */
typedef void zps_collision_lanes(const zps_collision_target *target, double density, size_t n, const double *restrict q,
                                 double *restrict sum);

/** One per instruction set: x86-64-v2, -v3, -v4; `base` for the compiler's default, on any machine. */
zps_collision_lanes zps_collision_lanes_base, zps_collision_lanes_v2, zps_collision_lanes_v3, zps_collision_lanes_v4;

#endif
