/* A homogenised stack of materials as the transport reads it: one radiation
 * length and one set of energy-loss tables. Built by host/tables/stopping_power.c. */
#ifndef ZPS_MATERIAL_H
#define ZPS_MATERIAL_H

#define ZPS_N_LOSS 256

/** Tables of the mean energy loss of muons in one homogenised stack.
 *
 * T = kinetic energy [GeV], R = range [mm] (the path on which T is lost on
 * average), I = ionisation part of that loss [GeV] (integral of S_ion/S_total dT).
 * Nodes are uniform in ln T (forward) and in ln R (inverse); values come with
 * their derivative, for cubic Hermite interpolation. */
typedef struct zps_matter {
  double radiation_length_mm;
  double log_t_min, log_t_step;      /* node i of the forward tables: ln T = log_t_min + i log_t_step */
  double log_r_min, log_r_step;      /* node i of the inverse table: ln R = log_r_min + i log_r_step */
  double log_range[ZPS_N_LOSS][2];   /* ln R, d ln R / d ln T */
  double ionisation[ZPS_N_LOSS][2];  /* I [GeV], dI / d ln T [GeV] */
  double log_kinetic[ZPS_N_LOSS][2]; /* ln T, d ln T / d ln R */
} zps_matter;

#endif
