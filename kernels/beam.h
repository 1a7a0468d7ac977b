/* A muon of the beam at the face of the target, as read from a file of beam particles. */
#ifndef ZPS_BEAM_H
#define ZPS_BEAM_H

/** Position and direction at the upstream face of the target. */
typedef struct zps_beam_particle {
  double x_mm, y_mm; /* position */
  double tx, ty;     /* slopes dx/dz, dy/dz, dimensionless */
  double p_gev;      /* momentum, > 0 */
} zps_beam_particle;

#endif
