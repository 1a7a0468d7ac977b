zps_add_test(test_hash unit LINK zps_io)
zps_add_test(test_output unit LINK zps_io)
zps_add_test(test_result unit LINK zps_io zps_stats)
zps_add_test(test_surface_file unit LINK zps_io zps_job zps_stats)
