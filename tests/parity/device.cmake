zps_add_test(test_device_engine parity LINK zps_plan zps_engine)
zps_add_test(test_field_options parity LINK zps_plan zps_engine zps_run_job)

# The kernel of the CUDA engine on threads: needs a C++ compiler, and nothing of CUDA.
include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER)
  enable_language(CXX)
  add_library(zps_cuda_emulation STATIC cuda_emulation/emulated_launch.cpp)
  target_include_directories(zps_cuda_emulation PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/cuda_emulation)
  target_compile_features(zps_cuda_emulation PRIVATE cxx_std_17)
  target_compile_options(zps_cuda_emulation PRIVATE -ffp-contract=off -fno-math-errno -fno-trapping-math
    -fno-strict-aliasing)
  zps_add_test(test_cuda_emulated parity LINK zps_plan zps_engine zps_cuda_emulation)
  set_tests_properties(test_cuda_emulated PROPERTIES TIMEOUT 300)
endif()
