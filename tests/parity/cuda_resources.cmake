# Registers, stack and spills of the CUDA kernels, as recorded.
if(ZPS_HAVE_CUDA)
  zps_add_parity_command(cuda_resources sh ${CMAKE_CURRENT_SOURCE_DIR}/check_cuda_resources.sh ${CMAKE_SOURCE_DIR}
    ${CMAKE_CURRENT_SOURCE_DIR}/cuda_resources.txt ${CMAKE_CUDA_COMPILER})
endif()
