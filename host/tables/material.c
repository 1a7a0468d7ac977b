#include "host/tables/material.h"

#include <string.h>

/* Z, A: IUPAC standard atomic masses. Density, I, X0 and Sternheimer's set: Particle
 * Data Group, Atomic and Nuclear Properties, after Sternheimer, Berger and Seltzer,
 * ADNDT 30 (1984) 261. Graphite: their set for 1.7 g/cm3 brought to 2.21 g/cm3 (only
 * Cbar, x0 and x1 depend on density, through the plasma energy).
 *
 * Paper is an assumption: pure cellulose (C6H10O5)n pressed to 0.9 g/cm3, the set of
 * cellophane (1.42 g/cm3) brought to that density in the same way:
 * Cbar + ln(1.42/0.9), x0 and x1 + ln(1.42/0.9)/(2 ln 10); X0 from those of H, C and O. */
static const zps_material materials[] = {
    {.name = "Pb",
     .symbol = "Pb",
     .title = "lead",
     .density_g_cm3 = 11.35,
     .radiation_length_mm = 5.612,
     .z_over_a = 82.0 / 207.2,
     .mean_excitation_ev = 823.0,
     .sternheimer_a = 0.09359,
     .sternheimer_k = 3.1608,
     .sternheimer_x0 = 0.3776,
     .sternheimer_x1 = 3.8073,
     .sternheimer_cbar = 6.2018,
     .sternheimer_d0 = 0.14,
     .n_elements = 1,
     .elements = {{82, 207.2, 1.0}}},
    {.name = "Fe",
     .symbol = "Fe",
     .title = "iron",
     .density_g_cm3 = 7.874,
     .radiation_length_mm = 17.57,
     .z_over_a = 26.0 / 55.845,
     .mean_excitation_ev = 286.0,
     .sternheimer_a = 0.14680,
     .sternheimer_k = 2.9632,
     .sternheimer_x0 = -0.0012,
     .sternheimer_x1 = 3.1531,
     .sternheimer_cbar = 4.2911,
     .sternheimer_d0 = 0.12,
     .n_elements = 1,
     .elements = {{26, 55.845, 1.0}}},
    {.name = "Cu",
     .symbol = "Cu",
     .title = "copper",
     .density_g_cm3 = 8.96,
     .radiation_length_mm = 14.36,
     .z_over_a = 29.0 / 63.546,
     .mean_excitation_ev = 322.0,
     .sternheimer_a = 0.14339,
     .sternheimer_k = 2.9044,
     .sternheimer_x0 = -0.0254,
     .sternheimer_x1 = 3.2792,
     .sternheimer_cbar = 4.4190,
     .sternheimer_d0 = 0.08,
     .n_elements = 1,
     .elements = {{29, 63.546, 1.0}}},
    {.name = "C",
     .symbol = "C",
     .title = "carbon (graphite)",
     .density_g_cm3 = 2.210,
     .radiation_length_mm = 193.2,
     .z_over_a = 6.0 / 12.011,
     .mean_excitation_ev = 78.0,
     .sternheimer_a = 0.20762,
     .sternheimer_k = 2.9532,
     .sternheimer_x0 = -0.0090,
     .sternheimer_x1 = 2.4817,
     .sternheimer_cbar = 2.8926,
     .sternheimer_d0 = 0.14,
     .n_elements = 1,
     .elements = {{6, 12.011, 1.0}}},
    {.name = "polystyrene",
     .symbol = "(C8H8)n",
     .title = "polystyrene (plastic scintillator)",
     .density_g_cm3 = 1.06,
     .radiation_length_mm = 413.1,
     .z_over_a = 0.53768,
     .mean_excitation_ev = 68.7,
     .sternheimer_a = 0.16454,
     .sternheimer_k = 3.2224,
     .sternheimer_x0 = 0.1647,
     .sternheimer_x1 = 2.5031,
     .sternheimer_cbar = 3.2999,
     .sternheimer_d0 = 0.0,
     .n_elements = 2,
     .elements = {{6, 12.011, 0.922579}, {1, 1.008, 0.077421}}},
    {.name = "air",
     .symbol = "N2 O2 Ar",
     .title = "dry air, 20 C, 1 atm",
     .density_g_cm3 = 1.205e-3,
     .radiation_length_mm = 303900.0,
     .z_over_a = 0.49919,
     .mean_excitation_ev = 85.7,
     .sternheimer_a = 0.10914,
     .sternheimer_k = 3.3994,
     .sternheimer_x0 = 1.7418,
     .sternheimer_x1 = 4.2759,
     .sternheimer_cbar = 10.5961,
     .sternheimer_d0 = 0.0,
     .n_elements = 4,
     .elements = {{7, 14.007, 0.755267}, {8, 15.999, 0.231781}, {18, 39.948, 0.012827}, {6, 12.011, 0.000125}}},
    {.name = "paper",
     .symbol = "(C6H10O5)n",
     .title = "paper (assumed: cellulose at 0.9 g/cm3)",
     .density_g_cm3 = 0.9,
     .radiation_length_mm = 430.6,
     .z_over_a = 86.0 / 162.141,
     .mean_excitation_ev = 77.6,
     .sternheimer_a = 0.11151,
     .sternheimer_k = 3.3810,
     .sternheimer_x0 = 0.2570,
     .sternheimer_x1 = 2.7768,
     .sternheimer_cbar = 3.7207,
     .sternheimer_d0 = 0.0,
     .n_elements = 3,
     .elements = {{8, 15.999, 0.493367}, {6, 12.011, 0.444465}, {1, 1.008, 0.062168}}},
};

size_t zps_material_count(void) {
  return sizeof materials / sizeof materials[0];
}

const zps_material *zps_material_at(size_t i) {
  return i < zps_material_count() ? &materials[i] : NULL;
}

const zps_material *zps_material_find(const char *name) {
  for (size_t i = 0; name != NULL && i < zps_material_count(); i++) {
    if (strcmp(materials[i].name, name) == 0) {
      return &materials[i];
    }
  }
  return NULL;
}
