/* Materials a layout can be built of: constants only, each with its source. */
#ifndef ZPS_TABLES_MATERIAL_H
#define ZPS_TABLES_MATERIAL_H

#include <stddef.h>

#define ZPS_MATERIAL_MAX_ELEMENTS 4

/** One chemical element of a material. */
typedef struct zps_material_element {
  int z;                /* atomic number */
  double a;             /* standard atomic mass [g/mol] */
  double mass_fraction; /* of the material; the fractions of a material add up to 1 */
} zps_material_element;

/** A material. Density effect: Sternheimer's parametrisation, see zps_loss_ionisation(). */
typedef struct zps_material {
  const char *name;           /* key in job files: "Pb", "polystyrene", ... */
  const char *symbol;         /* chemical formula */
  const char *title;          /* in words */
  double density_g_cm3;       /* at room temperature */
  double radiation_length_mm; /* X0 */
  double z_over_a;            /* electrons per atomic mass unit [mol/g] */
  double mean_excitation_ev;  /* I */
  double sternheimer_a, sternheimer_k, sternheimer_x0, sternheimer_x1, sternheimer_cbar, sternheimer_d0;
  size_t n_elements;                                        /* 1 .. ZPS_MATERIAL_MAX_ELEMENTS */
  zps_material_element elements[ZPS_MATERIAL_MAX_ELEMENTS]; /* descending mass fraction */
} zps_material;

/** The material with this name (case matters), or NULL. Static storage. */
const zps_material *zps_material_find(const char *name);

size_t zps_material_count(void);

/** Material i of zps_material_count(), in a fixed order; NULL when i is out of range. */
const zps_material *zps_material_at(size_t i);

#endif
