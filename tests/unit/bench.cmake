if(ZPS_BENCH)
  zps_add_test(test_bench_harness unit LINK zps_benches)
endif()
