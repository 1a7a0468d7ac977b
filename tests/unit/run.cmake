foreach(test ranges lock journal run_loop stop_signal progress comm)
  zps_add_test(test_${test} unit LINK zps_run)
endforeach()
