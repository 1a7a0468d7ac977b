zps_add_test(test_plan unit LINK zps_plan)
