/* What is emitted, and by which charge of the nucleus: the choices of the emission model. */
#ifndef ZPS_MEDIATOR_H
#define ZPS_MEDIATOR_H

/** Coupling of the boson to the muon: g times gamma^mu, 1, i gamma_5 or gamma^mu gamma_5. */
typedef enum zps_mediator {
  ZPS_MEDIATOR_VECTOR,
  ZPS_MEDIATOR_SCALAR,
  ZPS_MEDIATOR_PSEUDOSCALAR,
  ZPS_MEDIATOR_AXIAL
} zps_mediator;

/** Size of the nucleus in the elastic form factor: 1/(1 + t/t_d) or Helm's. */
typedef enum zps_form_factor { ZPS_FORM_ELASTIC, ZPS_FORM_HELM } zps_form_factor;

/** Protons knocked out: left out, or added with the outer exponent 2 or 1. */
typedef enum zps_inelastic { ZPS_INELASTIC_NONE, ZPS_INELASTIC_SQUARED, ZPS_INELASTIC_LINEAR } zps_inelastic;

#endif
