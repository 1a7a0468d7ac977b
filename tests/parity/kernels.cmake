zps_add_test(test_row_hash parity LINK zps_plan zps_engine)

# The same program by every C compiler found, with and without optimisation, against this build's.
add_executable(print_row_hash print_row_hash.c)
target_link_libraries(print_row_hash PRIVATE zps_flags zps_plan zps_engine m)
foreach(compiler gcc clang)
  find_program(ZPS_PARITY_${compiler} NAMES ${compiler} ${compiler}-14 ${compiler}-12)
  mark_as_advanced(ZPS_PARITY_${compiler})
  if(NOT ZPS_PARITY_${compiler} OR ZPS_SANITIZE)
    continue()
  endif()
  foreach(flags O0 O3)
    set(name parity_${compiler}_${flags})
    zps_add_parity_command(${name} sh ${CMAKE_CURRENT_SOURCE_DIR}/compare_compilers.sh
      $<TARGET_FILE:print_row_hash> ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/parity/${compiler}-${flags}
      ${ZPS_PARITY_${compiler}} -${flags})
    set_tests_properties(${name} PROPERTIES LABELS "parity;slow" RUN_SERIAL ON TIMEOUT 900)
  endforeach()
endforeach()

# What is compiled per instruction set: no libm, no fused multiply-add.
set(objects "")
foreach(isa base v2 v3 v4)
  foreach(part zps_engine_cpu zps_field_lanes zps_emission_lanes zps_collision_lanes zps_pair_lanes)
    if(TARGET ${part}_${isa})
      list(APPEND objects $<TARGET_OBJECTS:${part}_${isa}>)
    endif()
  endforeach()
endforeach()
if(NOT ZPS_SANITIZE)
  zps_add_parity_command(engine_symbols sh ${CMAKE_CURRENT_SOURCE_DIR}/check_engine_symbols.sh ${objects})
endif()

# Loops over lanes are vector code where gcc optimises.
if(TARGET zps_engine_cpu_v3 AND CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_BUILD_TYPE STREQUAL Release
   AND NOT ZPS_SANITIZE)
  zps_add_parity_command(vector_code sh ${CMAKE_CURRENT_SOURCE_DIR}/check_vector_code.sh
    $<TARGET_OBJECTS:zps_engine_cpu_v3> "^zps_lanes_")
  zps_add_parity_command(vector_code_field sh ${CMAKE_CURRENT_SOURCE_DIR}/check_vector_code.sh
    $<TARGET_OBJECTS:zps_field_lanes_v3> "^zps_(lanes|muons)_")
  foreach(part emission collision pair)
    zps_add_parity_command(vector_code_${part} sh ${CMAKE_CURRENT_SOURCE_DIR}/check_vector_code.sh
      $<TARGET_OBJECTS:zps_${part}_lanes_v3> "^zps_(pass|sum|collision_lanes)_")
  endforeach()
endif()

# Every header of kernels/ compiles alone, in each language, with each compiler found.
set(headers sh ${CMAKE_CURRENT_SOURCE_DIR}/check_headers.sh ${CMAKE_SOURCE_DIR})
set(strict -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
set(cuda_check -x cuda --cuda-device-only -nocudainc -nocudalib -std=c++17 -fsyntax-only -Wall -Werror
  -Wno-unknown-cuda-version -Wno-bitwise-instead-of-logical
  -include ${CMAKE_CURRENT_SOURCE_DIR}/device_shim/device_shim.h -I${CMAKE_CURRENT_SOURCE_DIR}/device_shim)
if(ZPS_PARITY_gcc)
  zps_add_parity_command(headers_gcc_c11 ${headers} c ${ZPS_PARITY_gcc} -std=c11 ${strict})
endif()
if(ZPS_PARITY_clang)
  zps_add_parity_command(headers_clang_c11 ${headers} c ${ZPS_PARITY_clang} -std=c11 ${strict})
endif()
find_program(ZPS_PARITY_GXX g++)
find_program(ZPS_PARITY_CLANGXX NAMES clang++ clang++-14)
mark_as_advanced(ZPS_PARITY_GXX ZPS_PARITY_CLANGXX)
if(ZPS_PARITY_GXX)
  # Without -Wextra: its warning on enumerators in ?: is not a C++ error, and Random123 has its own.
  zps_add_parity_command(headers_gxx_cxx17 ${headers} c++ ${ZPS_PARITY_GXX} -std=c++17 -fsyntax-only -Wall
    -Wshadow -Werror)
  set_tests_properties(headers_gxx_cxx17 PROPERTIES LABELS "parity;slow")
endif()
if(ZPS_PARITY_CLANGXX)
  # Conditions joined with & are meant: && would branch.
  zps_add_parity_command(headers_clangxx_cxx17 ${headers} c++ ${ZPS_PARITY_CLANGXX} -std=c++17 -fsyntax-only -Wall
    -Wshadow -Werror -Wno-bitwise-instead-of-logical)
  set_tests_properties(headers_clangxx_cxx17 PROPERTIES LABELS "parity;slow")
  zps_add_parity_command(headers_clangxx_cuda ${headers} cuda ${ZPS_PARITY_CLANGXX} ${cuda_check})
  zps_add_parity_command(device_life_clangxx ${ZPS_PARITY_CLANGXX} ${cuda_check} -I${CMAKE_SOURCE_DIR}
    ${CMAKE_CURRENT_SOURCE_DIR}/device_life.cu)
endif()
find_program(ZPS_PARITY_NVCC nvcc PATHS /usr/local/cuda/bin)
mark_as_advanced(ZPS_PARITY_NVCC)
if(ZPS_PARITY_NVCC)
  set(nvcc ${ZPS_PARITY_NVCC} -std=c++17 -fmad=false -Werror all-warnings)
  zps_add_parity_command(headers_nvcc ${headers} cuda ${nvcc} -ptx -o /dev/null)
  zps_add_parity_command(device_life_nvcc sh ${CMAKE_CURRENT_SOURCE_DIR}/check_device_code.sh ${CMAKE_SOURCE_DIR}
    ${CMAKE_CURRENT_SOURCE_DIR}/device_life.cu ${nvcc})
endif()
