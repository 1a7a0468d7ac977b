# Flags of every target. zps_flags carries the ones that keep the bits:
# no contraction to fma, no libm errno, no trapping, so loops vectorise and every
# compiler computes the same doubles (docs/adr/0002-same-bits.md).
add_library(zps_flags INTERFACE)
target_include_directories(zps_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(zps_flags INTERFACE
  -ffp-contract=off -fno-math-errno -fno-trapping-math -fopenmp-simd -fvisibility=hidden
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wdouble-promotion -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wc++-compat
  $<$<C_COMPILER_ID:Clang>:-Wno-pass-failed>)
target_compile_definitions(zps_flags INTERFACE _GNU_SOURCE ZPS_VERSION="${PROJECT_VERSION}")
if(ZPS_WERROR)
  target_compile_options(zps_flags INTERFACE -Werror)
endif()
if(ZPS_SANITIZE)
  target_compile_options(zps_flags INTERFACE -fsanitize=${ZPS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(zps_flags INTERFACE -fsanitize=${ZPS_SANITIZE})
endif()

# zps_add_module(name SOURCES... LINK libs...): one static library per folder, so that
# each part builds and tests alone and the arrows between parts are written down.
function(zps_add_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC zps_flags ${ARG_LINK} m)
endfunction()
