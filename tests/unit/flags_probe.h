/* Arithmetic that tells how its file was compiled; one copy per instruction set. */
#ifndef ZPS_FLAGS_PROBE_H
#define ZPS_FLAGS_PROBE_H

/** a * b + c, with no room for the compiler to see the values. */
double flags_probe_sum_base(double a, double b, double c);
double flags_probe_sum_v3(double a, double b, double c);

/** The same over n lanes, in a loop the compiler vectorises. */
void flags_probe_lanes_base(const double *a, const double *b, const double *c, double *out, int n);
void flags_probe_lanes_v3(const double *a, const double *b, const double *c, double *out, int n);

#endif
