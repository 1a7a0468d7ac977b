/* How this program was built. */
#ifndef ZPS_CLI_BUILD_INFO_H
#define ZPS_CLI_BUILD_INFO_H

/** Compiler with its version, e.g. "gcc 12.2.0". */
const char *zps_build_compiler(void);

/** Flags that can change code, warnings left out. */
const char *zps_build_flags(void);

#endif
