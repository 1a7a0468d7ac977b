add_executable(write_result_sample write_result_sample.c)
target_link_libraries(write_result_sample PRIVATE zps_io zps_stats)
# h5py comes from the system's Python (package python3-h5py); another python3 may come first on PATH.
find_program(ZPS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(ZPS_PYTHON)
  execute_process(COMMAND ${ZPS_PYTHON} -c "import h5py" RESULT_VARIABLE without_h5py OUTPUT_QUIET ERROR_QUIET)
endif()
if(ZPS_PYTHON AND NOT without_h5py)
  add_test(NAME test_result_h5py COMMAND ${ZPS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/test_result_h5py.py
    $<TARGET_FILE:write_result_sample> ${CMAKE_CURRENT_BINARY_DIR}/sample.h5)
  set_tests_properties(test_result_h5py PROPERTIES LABELS cli)
else()
  message(STATUS "python3-h5py not found: test_result_h5py is left out")
endif()
