zps_add_test(test_surface parity LINK zps_plan zps_engine)
