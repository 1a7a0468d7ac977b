# The interpreter of the Debian packages: it has h5py. Building needs none; without one these tests are there and fail.
find_program(ZPS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
add_library(faulty_system MODULE faulty_system.c)
target_link_libraries(faulty_system PRIVATE zps_flags)
foreach(test messages commands field resume faults kill bits placement merge target memory pilot scaling slurm)
  add_test(NAME test_cli_${test} COMMAND ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_cli_${test}.py)
  set_tests_properties(test_cli_${test} PROPERTIES
    LABELS cli TIMEOUT 300
    ENVIRONMENT "ZPSCAN=$<TARGET_FILE:zpscan>;FAULTY_SYSTEM=$<TARGET_FILE:faulty_system>;PYTHONDONTWRITEBYTECODE=1")
endforeach()
set_tests_properties(test_cli_kill PROPERTIES LABELS "cli;slow")
if(ZPS_BENCH)
  add_test(NAME test_cli_bench COMMAND ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_cli_bench.py)
  set_tests_properties(test_cli_bench PROPERTIES
    LABELS cli ENVIRONMENT "ZPSCAN=$<TARGET_FILE:zpscan>;PYTHONDONTWRITEBYTECODE=1" TIMEOUT 300)
endif()
# Skipped with its reason where valgrind or a recorded budget is missing.
add_test(NAME test_instructions
  COMMAND ${ZPS_PYTHON} ${CMAKE_SOURCE_DIR}/bench/instructions.py --program $<TARGET_FILE:zpscan>)
set_tests_properties(test_instructions PROPERTIES LABELS cli SKIP_RETURN_CODE 77 TIMEOUT 300)
