/* Physical constants, each once. Units: GeV, mm, T, pb; c = hbar = 1. */
#ifndef ZPS_CONSTANTS_H
#define ZPS_CONSTANTS_H

#define ZPS_ALPHA (1.0 / 137.035999)        /* fine-structure constant */
#define ZPS_MUON_MASS_GEV 0.1056583755      /* PDG 2022 */
#define ZPS_ELECTRON_MASS_GEV 0.51099895e-3 /* PDG 2022 */
#define ZPS_TAU_MASS_GEV 1.77686            /* PDG 2022 */
#define ZPS_PROTON_MASS_GEV 0.9382721       /* PDG 2022 */
#define ZPS_PROTON_MOMENT 2.79              /* magnetic moment of the proton [nuclear magnetons] */
#define ZPS_ATOMIC_MASS_GEV 0.93149         /* nuclear mass = this times A */
#define ZPS_PB_GEV2 0.3893793721e9          /* 1 GeV^-2 in pb */
#define ZPS_AVOGADRO_PER_MOL 6.02214076e23
#define ZPS_CURVATURE_GEV_PER_T_M 0.299792458 /* dp/ds = this * q * (u x B) */
#define ZPS_CURVATURE_GEV_PER_T_MM 0.299792458e-3

#endif
