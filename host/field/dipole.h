/* A dipole magnet with Enge fringes: the field everywhere in its gap.
 *
 * On the axis By(z) = B0 E((-L/2 - z)/D) E((z - L/2)/D) = B0 f(z) with Enge's fall-off
 * E(s) = 1/(1 + exp(c0 + c1 s + ... + c5 s^5)), s counted outwards from the effective edge
 * in units of the gap (H. A. Enge, in Focusing of Charged Particles II, ed. A. Septier, 1967,
 * section 4.2). Off the mid-plane the field is the analytic continuation of f,
 *   By = B0 Re f(z + i y),  Bz = B0 Im f(z + i y),  Bx = 0,
 * which satisfies curl B = 0 and div B = 0 exactly (Cauchy and Riemann) and is
 * independent of x: poles wide compared with the gap.
 *
 * f has poles where the polynomial equals i pi (2k + 1). With the default
 * coefficients the nearest lies 0.689 gaps inside the edge at |y| = 0.525 gaps,
 * just behind the pole faces at |y| = 0.5: |B| rises to 5.3 B0 on the face there,
 * is below 1.52 B0 for |y| < 0.4 and below 1.14 B0 for |y| < 0.3 gaps. Coefficients
 * that bring a pole into the gap are refused. docs/adr/0005-enge-off-axis.md
 * tells why no truncated series is used.
 *
 * Built on kernels/math.h alone, so that every compiler gives the same bits. */
#ifndef ZPS_FIELD_DIPOLE_H
#define ZPS_FIELD_DIPOLE_H

#include "host/error.h"
#include "host/job/job.h"

/** Share of integral_tm that may be lost where an element ends before the fringes do: far less than two published
 *  digits, 1.4 T m, leave open. */
#define ZPS_DIPOLE_MAX_CUT 1e-3

/** A dipole, its centre at the origin. Fill with zps_dipole_init(). */
typedef struct zps_dipole {
  double b0_t;           /* field in the middle of a long magnet [T] */
  double half_length_mm; /* effective edges at z = +- this */
  double gap_mm;         /* full opening along y */
  double reach_mm;       /* beyond |z| = this the field is below 1e-26 B0 and taken as zero */
  double enge[ZPS_N_ENGE];
} zps_dipole;

/** Field in one point [T]; Bx is zero. */
typedef struct zps_dipole_b {
  double y_t, z_t;
} zps_dipole_b;

/** Takes effective_length_mm (> 0, at most 10^4 gaps), gap_mm (> 0) and enge of the job's field, and scales B0 so that
 *  the integral of By along the whole axis of the analytic field is integral_tm [T m].
 *  ZPS_INVALID when a number is out of range, when the Enge polynomial does not rise outwards, when the fringe is
 *  longer than 64 gaps, or when a pole of the field lies in the gap. */
zps_status zps_dipole_init(const zps_job_field *field, zps_dipole *dipole, zps_error *error);

/** The field at y from the mid-plane and z from the magnet's centre [mm], meaningful for |y| <= gap/2. Even in z and y
 *  (By) or odd in both (Bz) to the last bit. */
zps_dipole_b zps_dipole_at(const zps_dipole *dipole, double y_mm, double z_mm);

/** Share of the integral of By along the axis that lies outside an element of length_mm (> 0) about the centre, to 1e-4
 *  gaps over the effective length. Falls with length_mm. */
double zps_dipole_cut(const zps_dipole *dipole, double length_mm);

/** Shortest element [mm] that cuts off no more than `cut` (> 0). */
double zps_dipole_least_length(const zps_dipole *dipole, double cut);

/** ZPS_INVALID, naming the shortest length that will do, when an element of length_mm cuts off more than
 *  ZPS_DIPOLE_MAX_CUT. */
zps_status zps_dipole_check_length(const zps_dipole *dipole, double length_mm, zps_error *error);

#endif
