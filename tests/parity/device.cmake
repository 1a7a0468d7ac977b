zps_add_test(test_device_engine parity LINK zps_plan zps_engine)
