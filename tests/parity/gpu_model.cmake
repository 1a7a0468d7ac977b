# What bench/gpu/model.py is made of: a reader of listings, and counts of stages.
find_program(ZPS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(ZPS_PYTHON AND ZPS_BENCH)
  zps_add_parity_command(test_sass ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_sass.py)
  zps_add_parity_command(test_stage_counts ${ZPS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/test_stage_counts.py
    $<TARGET_FILE:zps_stage_counts> $<TARGET_FILE:zpscan>)
  # Half a minute of nvcc, where there is one with its disassembler.
  zps_add_parity_command(gpu_model ${ZPS_PYTHON} ${CMAKE_SOURCE_DIR}/bench/gpu/model.py --print
    --program $<TARGET_FILE:zps_stage_counts> --events 500)
  set_tests_properties(gpu_model PROPERTIES LABELS "parity;slow" SKIP_RETURN_CODE 77)
  set_tests_properties(test_sass test_stage_counts gpu_model PROPERTIES ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endif()
