/* Steps through a field element: as long as the field lets them be. */
#ifndef ZPS_PLAN_STEPS_H
#define ZPS_PLAN_STEPS_H

#include "host/error.h"
#include "kernels/transport.h"

/** Error of one step that is chosen longer than a cell of the map [um]: rms over probes of 10 GeV, carried on to the
 * end of the layout. Thirty such steps add up to half a micrometre, at 40 GeV to an eighth. What no probe sees is not
 * bounded: for a map with structure finer than its aperture is sampled, step_mm of one cell takes every plane. */
#define ZPS_STEP_ERROR_UM 0.1
#define ZPS_STEP_P_GEV 10.0

/** Shall the steps through element e span whole cells of its map? 1 where lookups are trilinear, the faces of the
 * element are planes of the map and step_mm is not shorter than a cell: the map then wants a plane in the middle of
 * every cell (zps_field_map_halve_planes). */
int zps_steps_over_cells(const zps_field_map *map, double step_mm, const zps_element *e);

/** Appends the steps of element e, none longer than step_mm, to *steps (realloc; *n_steps is their number) and sets
 *  e->n_steps and e->i_step. lever_mm = from the end of the element to that of the layout.
 *
 *  over_cells = 1, as zps_steps_over_cells() says, in a map that has been given those planes: steps span an odd number
 * of cells. With the middle halfway between two planes, where the field is the mean of both, Simpson's rule over three
 * cells is h/6 (B0 + 2 (B1 + B2) + B3), the integral of the interpolated field itself, as over one cell; over two or
 * four it is not. The longest step is taken whose effect on 32 probes, spread over 0.8 of the aperture and slopes up to
 * 20 mrad, is within ZPS_STEP_ERROR_UM (rms) of that of steps of one cell, and on each of 32 more, up to the rim of the
 * aperture and 100 mrad, within a hundred times as much. over_cells = 0: all steps are equal, not longer
 * than a cell. ZPS_MEMORY when there is no room. */
zps_status zps_plan_steps(const zps_field_map *map, int over_cells, double step_mm, double lever_mm, zps_element *e,
                          zps_field_step **steps, int32_t *n_steps, zps_error *error);

#endif
