# cuRAND's device code, compiled for the host: needs nvcc and the headers, no GPU.
if(ZPS_HAVE_CUDA)
  find_path(ZPS_CURAND_KERNEL_INCLUDE curand_kernel.h HINTS ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES}
    PATHS /usr/local/cuda/include ENV CUDA_PATH PATH_SUFFIXES include)
  mark_as_advanced(ZPS_CURAND_KERNEL_INCLUDE)
endif()
if(ZPS_HAVE_CUDA AND ZPS_CURAND_KERNEL_INCLUDE)
  add_library(curand_on_host OBJECT curand_on_host.cu)
  target_include_directories(curand_on_host PRIVATE ${CMAKE_SOURCE_DIR})
  zps_add_test(test_rng_curand_device unit)
  target_sources(test_rng_curand_device PRIVATE $<TARGET_OBJECTS:curand_on_host>)
  # nvcc's objects register with the runtime, though nothing here calls a device.
  set_target_properties(test_rng_curand_device PROPERTIES LINKER_LANGUAGE CUDA CUDA_RUNTIME_LIBRARY Static)
endif()
