/* Stands for the header of cuRAND: the emulation has its own words. */
#include "cuda_emulation.h"
