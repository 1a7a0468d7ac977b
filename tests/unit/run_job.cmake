zps_add_test(test_event_trace unit LINK zps_run_job)
zps_add_test(test_sagitta unit LINK zps_run_job)
zps_add_test(test_target unit LINK zps_run_job)
zps_add_test(test_text_difference unit LINK zps_run_job)
