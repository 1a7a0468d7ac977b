/* The entry that libFuzzer and replay.c both call. */
#ifndef ZPS_FUZZ_TARGET_H
#define ZPS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/** Feeds one input to the code under test; aborts when a promise is broken. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
