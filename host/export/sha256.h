/* SHA-256 [FIPS 180-4], for digests that other programs check. */
#ifndef ZPS_EXPORT_SHA256_H
#define ZPS_EXPORT_SHA256_H

#include <stddef.h>

/** 64 hexadecimal digits and NUL. */
#define ZPS_SHA256_SIZE 65

void zps_sha256(const void *bytes, size_t size, char digest[ZPS_SHA256_SIZE]);

#endif
