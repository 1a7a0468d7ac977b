foreach(test ranges lock journal run_loop stop_signal progress comm)
  zps_add_test(test_${test} unit LINK zps_run)
endforeach()
zps_add_test(test_node_plan unit LINK zps_run_job)
