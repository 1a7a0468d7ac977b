find_program(ZPS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
add_test(NAME test_cli_export COMMAND ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_cli_export.py)
set_tests_properties(test_cli_export PROPERTIES
  LABELS cli ENVIRONMENT "ZPSCAN=$<TARGET_FILE:zpscan>;PYTHONDONTWRITEBYTECODE=1" TIMEOUT 300)
add_test(NAME test_cli_pictures COMMAND ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_cli_pictures.py)
set_tests_properties(test_cli_pictures PROPERTIES
  LABELS cli ENVIRONMENT "ZPSCAN=$<TARGET_FILE:zpscan>;PYTHONDONTWRITEBYTECODE=1" TIMEOUT 300)
