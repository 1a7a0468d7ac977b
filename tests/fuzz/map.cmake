# One target for each reader of field maps and one that tells the format by itself. Their corpus is the good files of
# tests/unit/field_maps and what broke a reader once; the fuzzer itself with clang:
#   CC=clang cmake -S . -B out-fuzz -DZPS_FUZZ=ON -DZPS_SANITIZE=address,undefined,fuzzer-no-link
#   out-fuzz/tests/fuzz/fuzz_map_bdsim -max_total_time=60 <new folder> tests/unit/field_maps tests/fuzz/corpus_map
option(ZPS_FUZZ "Build the libFuzzer targets (clang)" OFF)
foreach(format auto native bdsim opera geant4 comsol acts covfie)
  string(TOUPPER ZPS_MAP_${format} value)
  add_executable(replay_map_${format} fuzz_map.c replay.c)
  target_link_libraries(replay_map_${format} PRIVATE zps_flags zps_field)
  target_compile_definitions(replay_map_${format} PRIVATE ZPS_FUZZ_FORMAT=${value})
  add_test(NAME replay_map_${format} COMMAND replay_map_${format} tests/unit/field_maps tests/fuzz/corpus_map
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(replay_map_${format} PROPERTIES LABELS fuzz)
  if(ZPS_FUZZ AND CMAKE_C_COMPILER_ID STREQUAL "Clang")
    add_executable(fuzz_map_${format} fuzz_map.c)
    target_link_libraries(fuzz_map_${format} PRIVATE zps_flags zps_field)
    target_compile_definitions(fuzz_map_${format} PRIVATE ZPS_FUZZ_FORMAT=${value})
    target_compile_options(fuzz_map_${format} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_map_${format} PRIVATE -fsanitize=fuzzer)
  endif()
endforeach()
