zps_add_test(test_plan unit LINK zps_plan)
zps_add_test(test_node_memory unit LINK zps_plan)
zps_add_test(test_plan_image unit LINK zps_plan zps_engine)
zps_add_test(test_plan_pilot unit LINK zps_plan zps_engine)
