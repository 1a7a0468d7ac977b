# The interpreter of the Debian packages: it has h5py. Building needs none; without one these tests are there and fail.
find_program(ZPS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
foreach(test messages commands field resume bits placement merge)
  add_test(NAME test_cli_${test} COMMAND ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_cli_${test}.py)
  set_tests_properties(test_cli_${test} PROPERTIES
    LABELS cli ENVIRONMENT "ZPSCAN=$<TARGET_FILE:zpscan>;PYTHONDONTWRITEBYTECODE=1" TIMEOUT 300)
endforeach()
