# ZPS_PYTHON: commands.cmake
add_test(NAME test_cli_field_large COMMAND ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_cli_field_large.py)
set_tests_properties(test_cli_field_large PROPERTIES
  LABELS "cli;slow" ENVIRONMENT "ZPSCAN=$<TARGET_FILE:zpscan>;PYTHONDONTWRITEBYTECODE=1" TIMEOUT 300)
