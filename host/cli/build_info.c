#include "host/cli/build_info.h"

const char *zps_build_compiler(void) {
#if defined(__clang__)
  return __VERSION__;
#else
  return "gcc " __VERSION__;
#endif
}

const char *zps_build_flags(void) {
  return ZPS_BUILD_FLAGS;
}
