zps_add_test(test_device_engine parity LINK zps_plan zps_engine)
zps_add_test(test_field_options parity LINK zps_plan zps_engine zps_run_job)

# The kernel of the CUDA engine on threads: needs a C++ compiler, and nothing of CUDA.
include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER)
  enable_language(CXX)
  # zps_add_emulation(test sources...): test_cuda_emulated.c with one of two ways to run a thread of a block.
  function(zps_add_emulation test)
    add_library(${test}_threads STATIC cuda_emulation/emulated_launch.cpp ${ARGN})
    target_include_directories(${test}_threads PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/cuda_emulation)
    target_compile_features(${test}_threads PRIVATE cxx_std_17)
    target_compile_options(${test}_threads PRIVATE -ffp-contract=off -fno-math-errno -fno-trapping-math
      -fno-strict-aliasing)
    add_executable(${test} test_cuda_emulated.c)
    target_link_libraries(${test} PRIVATE zps_flags zps_plan zps_engine ${test}_threads PkgConfig::CMOCKA m)
    zps_add_parity_command(${test} $<TARGET_FILE:${test}>)
    set_tests_properties(${test} PROPERTIES TIMEOUT 300)
  endfunction()
  zps_add_emulation(test_cuda_emulated cuda_emulation/emulated_source.cpp)
endif()

# The same, but what nvcc made of it: its PTX as C (ptx_on_host/).
find_program(ZPS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(ZPS_HAVE_CUDA AND ZPS_PYTHON AND NOT ZPS_SANITIZE)
  set(ptx ${CMAKE_CURRENT_BINARY_DIR}/engine_cuda.ptx)
  set(kernels ${CMAKE_CURRENT_BINARY_DIR}/ptx_kernels.c)
  set(translate ${CMAKE_CURRENT_SOURCE_DIR}/ptx_on_host/ptx_to_c.py)
  add_custom_command(OUTPUT ${ptx}
    COMMAND ${CMAKE_CUDA_COMPILER} -std=c++17 -O3 -DNDEBUG -fmad=false -ptx -I${CMAKE_SOURCE_DIR} -MD -MF ${ptx}.d
      -o ${ptx} ${CMAKE_SOURCE_DIR}/kernels/engine_cuda.cu
    DEPENDS ${CMAKE_SOURCE_DIR}/kernels/engine_cuda.cu DEPFILE ${ptx}.d VERBATIM)
  add_custom_command(OUTPUT ${kernels} COMMAND ${ZPS_PYTHON} ${translate} ${ptx} ${kernels}
    DEPENDS ${ptx} ${translate} VERBATIM)
  # Written by a program: no warnings; and without -O1 its functions, 10^4 statements long, are slow.
  set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS "-O1;-w")
  zps_add_emulation(test_cuda_ptx ptx_on_host/emulated_ptx.cpp ${kernels})

  # What a sanitizer of the host says of the device's code: reads and writes out of bounds, races. A minute to
  # build, minutes to run.
  foreach(sanitizer address thread)
    set(test test_cuda_ptx_${sanitizer})
    zps_add_emulation(${test} ptx_on_host/emulated_ptx.cpp ${kernels})
    target_compile_options(${test}_threads PRIVATE -fsanitize=${sanitizer})
    target_link_options(${test} PRIVATE -fsanitize=${sanitizer})
    set_target_properties(${test} ${test}_threads PROPERTIES EXCLUDE_FROM_ALL ON)
    zps_add_parity_command(build_${test} ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR} --target ${test})
    set_tests_properties(build_${test} PROPERTIES LABELS "parity;slow" FIXTURES_SETUP ${test} TIMEOUT 600
      RESOURCE_LOCK build)
    set_tests_properties(${test} PROPERTIES LABELS "parity;slow" FIXTURES_REQUIRED ${test} TIMEOUT 1200 ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/ptx_on_host/thread_suppressions.txt history_size=7")
  endforeach()

  zps_add_parity_command(test_ptx_to_c ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_ptx_to_c.py ${CMAKE_C_COMPILER})
  set_tests_properties(test_ptx_to_c PROPERTIES ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endif()
