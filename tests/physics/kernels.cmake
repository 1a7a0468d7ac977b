zps_add_test(test_x_min physics LINK zps_plan zps_engine)
