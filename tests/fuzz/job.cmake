# The corpus as a test with any compiler; the fuzzer itself with clang:
#   CC=clang cmake -S . -B out-fuzz -DZPS_FUZZ=ON -DZPS_SANITIZE=address,undefined,fuzzer-no-link
#   out-fuzz/tests/fuzz/fuzz_job -max_total_time=60 <new folder> tests/fuzz/corpus_job grids
option(ZPS_FUZZ "Build the libFuzzer targets (clang)" OFF)
add_executable(replay_job fuzz_job.c replay.c)
target_link_libraries(replay_job PRIVATE zps_flags zps_job)
add_test(NAME replay_job COMMAND replay_job tests/fuzz/corpus_job WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(replay_job PROPERTIES LABELS fuzz)
if(ZPS_FUZZ AND CMAKE_C_COMPILER_ID STREQUAL "Clang")
  add_executable(fuzz_job fuzz_job.c)
  target_link_libraries(fuzz_job PRIVATE zps_flags zps_job)
  target_compile_options(fuzz_job PRIVATE -fsanitize=fuzzer)
  target_link_options(fuzz_job PRIVATE -fsanitize=fuzzer)
endif()
