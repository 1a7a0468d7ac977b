/* Momentum from three hits: what turns x at the tracker's planes into 1/p.
 *
 * On its way a muon turns by x'' = -kappa B_y(z), kappa = 0.299792458e-3 q/p per mm T (small slopes). Its sagitta, how
 * far x at the middle plane lies from the chord between the outer two,
 *   s = x_2 - [x_1 (z_3 - z_2) + x_3 (z_2 - z_1)]/(z_3 - z_1) = kappa Int_{z_1}^{z_3} B_y(z) L(z) dz,
 * is the field integral weighted with the lever arm
 *   L(z) = (z - z_1)(z_3 - z_2)/(z_3 - z_1) before the middle plane, (z_3 - z)(z_2 - z_1)/(z_3 - z_1) behind it
 * (the solution of L'' = -delta(z - z_2), L(z_1) = L(z_3) = 0). Where it entered and its slope drop out. So 1/p is
 * linear in the hits, unbiased, and Gaussian when they are:
 *   sigma_p/p = p sigma_s/(0.299792458e-3 |Int B_y L dz|),   sigma_s = hit_mm sqrt(1 + a^2 + (1 - a)^2),
 * a = (z_3 - z_2)/(z_3 - z_1) (compare Gluckstern, NIM 24 (1963) 381). The field is that on the axis: of the muon's
 * own field and of (1 + x'^2)^(3/2) nothing is corrected, nor is scattering in matter between the planes, which real
 * hits see and these do. */
#ifndef ZPS_RUN_SAGITTA_H
#define ZPS_RUN_SAGITTA_H

#include <stdbool.h>

#include "kernels/transport.h"

/** L(z) [mm] for planes at z_mm[0] < z_mm[1] < z_mm[2]; 0 outside. */
double zps_sagitta_lever_mm(const double z_mm[ZPS_N_TRACKER_PLANES], double z);

/** Int B_y L dz [T mm^2] on the axis between the tracker's planes, exact for the interpolated maps. */
double zps_sagitta_integral(const zps_setup *setup, const zps_tracker *tracker);

/** Fills tracker->weight for its planes and the beam's charge; false where the integral is zero. */
bool zps_sagitta_weigh(const zps_setup *setup, zps_tracker *tracker);

#endif
